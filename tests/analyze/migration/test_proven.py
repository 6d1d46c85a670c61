"""What is known to be not NULL in every row: SetNotNull reads nothing then."""

import pytest

from tests.analyze.migration.test_effect import _effects

CHECK = "models.CheckConstraint({}, name='c')"
NOT_VALID = (
    "from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint\n"
)
ALTER = "migrations.AlterField('order', 'note', models.TextField())"


@pytest.mark.parametrize(
    ("condition", "impact"),
    [
        ("check=models.Q(note__isnull=False)", "brief_full_block"),
        ("condition=models.Q(('note__isnull', False))", "brief_full_block"),
        ("condition=models.Q(('code', 'a'), ('note__isnull', False))", "brief_full_block"),
        ("condition=models.Q(models.Q(note__isnull=False), code='a')", "brief_full_block"),
        ("condition=models.Q(('note__isnull', False), _connector='OR')", "full_block_scan"),
        ("condition=models.Q(note__isnull=False, _negated=True)", "full_block_scan"),
        ("condition=models.Q(note__isnull=True)", "full_block_scan"),
        ("condition=~models.Q(note__isnull=False)", "full_block_scan"),
        ("condition=models.Q(day__isnull=False)", "full_block_scan"),
    ],
)
def test_a_constraint_proves_its_column(condition: str, impact: str) -> None:
    operations = f"migrations.AddConstraint('order', {CHECK.format(condition)}), {ALTER}"
    assert _effects(operations)[-1].impact == impact


def test_a_constraint_proves_nothing_before_it_is_validated_or_after_it_is_gone() -> None:
    add = f"AddConstraintNotValid('order', {CHECK.format('check=models.Q(note__isnull=False)')})"
    validate = "ValidateConstraint('order', 'c')"
    remove = "migrations.RemoveConstraint('order', 'c')"
    for operations, impact in [
        (f"{add}, {ALTER}", "full_block_scan"),
        (f"{add}, {validate}, {ALTER}", "brief_full_block"),
        (f"{add}, {validate}, {remove}, {ALTER}", "full_block_scan"),
    ]:
        assert _effects(operations, head=NOT_VALID, atomic=False)[-1].impact == impact


def test_it_follows_the_column_when_it_is_renamed() -> None:
    check = CHECK.format("check=models.Q(note__isnull=False)")
    rename = "migrations.RenameField('order', 'note', 'memo')"
    alter = "migrations.AlterField('order', 'memo', models.TextField())"
    found = _effects(f"migrations.AddConstraint('order', {check}), {rename}, {alter}")
    assert found[-1].impact == "brief_full_block"
