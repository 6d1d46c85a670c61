"""The Django that runs a migration."""

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.django_version import DjangoVersion, django_version
from iact_guard.model.fact import Fact
from iact_guard.project import Project
from iact_guard.tree import DictTree

MIGRATION = "from django.db import migrations\nclass Migration(migrations.Migration):\n    pass\n"


def version_of(files: dict[str, str], app: str = "back/orders") -> Fact[DjangoVersion]:
    project = Project(DictTree({**files, f"{app}/migrations/0001_initial.py": MIGRATION}))
    migration = project.entities("migration")[0]
    return django_version(Context(project), migration)


def test_a_range_has_a_lowest_and_a_highest() -> None:
    found = version_of({"requirements.txt": "Django>=4.2,<6.0\n"})
    assert (found.known.lowest, found.known.highest) == ((4, 2), (5, 2))
    assert found.known.always(4, 2) and not found.known.always(5, 0)
    assert found.known.maybe(5, 0) and not found.known.maybe(6, 0)
    assert [e.message for e in found.evidence] == ["asks for Django<6.0,>=4.2"]


def test_without_an_upper_bound_anything_newer_may_come() -> None:
    found = version_of({"setup.cfg": "[options]\ninstall_requires = Django>=5.0.3\n"}).known
    assert (found.lowest, found.highest) == ((5, 0), None)


def test_a_lock_file_counts_more_than_the_range() -> None:
    project = '[project]\ndependencies = ["django>=4.2"]\n[dependency-groups]\nx=["django==3.2"]\n'
    lock = '[[package]]\nname = "django"\nversion = "5.2.1"\n'
    assert version_of({"pyproject.toml": project, "uv.lock": lock}).known.series == ((5, 2),)
    assert version_of({"pyproject.toml": project}).known.lowest == (4, 2)


def test_the_nearest_files_above_the_app_count() -> None:
    files = {
        "requirements.txt": "Django==3.2\n",
        "back/requirements/base.txt": "Django==5.1.2\n",
        "docs/requirements.txt": "Django==2.2\n",
    }
    assert version_of(files).known.series == ((5, 1),)
    assert version_of(files, "other/orders").known.series == ((3, 2),)


def test_files_beside_the_app_count_where_there_are_none_above() -> None:
    assert version_of({"deploy/requirements.txt": "Django==4.1\n"}).known.series == ((4, 1),)


def test_files_of_several_environments_may_each_be_the_one() -> None:
    files = {"requirements/old.txt": "Django==4.2\n", "requirements/new.txt": "Django==5.2\n"}
    assert version_of(files, "orders").known.series == ((4, 2), (5, 2))


def test_nothing_that_asks_or_anything_that_is_taken_is_unknown() -> None:
    assert version_of({}).reason == "no file of the repository asks for a version of Django"
    found = version_of({"requirements.txt": "django\n"})
    assert found.state == "unknown" and found.evidence[0].location.line == 1
