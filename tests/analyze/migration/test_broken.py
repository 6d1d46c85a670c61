"""What cannot be read may be what is looked for."""

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.history.broken import missing, rivals
from iact_guard.model.migration import Migration
from iact_guard.project import Project
from iact_guard.settings import Config
from iact_guard.tree import DictTree

INITIAL = "from django.db import migrations\nclass Migration(migrations.Migration):\n    pass\n"


def _after(name: str) -> str:
    return INITIAL.replace("pass", f"dependencies = [('orders', '{name}')]")


def _loaded(files: dict[str, str], config: Config | None = None) -> tuple[Context, list[Migration]]:
    found = {f"orders/migrations/{name}.py": text for name, text in files.items()}
    label = "class C(AppConfig):\n    label = 'orders'\n"
    project = Project(DictTree({**found, "orders/apps.py": label}), config)
    return Context(project), list(project.entities("migration"))


def test_a_migration_that_cannot_be_read_is_not_missing() -> None:
    files = {"0001_x": INITIAL, "0002_y": "class Migration(:", "0003_z": _after("0002_y")}
    ctx, (_, last) = _loaded(files)
    assert missing(ctx, last).known == ()
    assert rivals(ctx, last).state == "not-applicable"


def test_a_migration_that_cannot_be_read_may_join_the_ends() -> None:
    files = {
        "0001_x": INITIAL,
        "0002_a": _after("0001_x"),
        "0002_b": _after("0001_x"),
        "0003_merge": "class Migration(:",
    }
    ctx, (_, first, second) = _loaded(files)
    found = rivals(ctx, second)
    assert (found.state, found.reason) == ("unknown", "a migration beside it could not be read")
    assert found.evidence[0].location.path.endswith("0003_merge.py")
    assert rivals(ctx, first).known == ()


def test_a_migration_that_is_left_out_may_join_the_ends() -> None:
    files = {
        "0001_x": INITIAL,
        "0002_a": _after("0001_x"),
        "0002_b": _after("0001_x"),
        "0003_merge": INITIAL,
    }
    ctx, (*_, last) = _loaded(files, Config(exclude=("**/0003*",)))
    assert rivals(ctx, last).state == "unknown"


def test_an_end_that_needs_nothing_of_the_app_may_be_of_another_one() -> None:
    other = INITIAL.replace("pass", "dependencies = [('billing', '0001_x')]")
    ctx, (_, second) = _loaded({"0001_x": INITIAL, "0002_y": other})
    assert rivals(ctx, second).reason.startswith("it needs no other migration of the app")


def test_originals_that_are_not_executed_are_not_asked() -> None:
    squash = INITIAL.replace("pass", "replaces = [('orders', '0001_x'), ('orders', '0002_gone')]")
    ctx, (squashed, original) = _loaded({"0001_squashed": squash, "0001_x": _after("0000_gone")})
    assert missing(ctx, original).state == "not-applicable"
    assert rivals(ctx, original).state == "not-applicable"
    assert missing(ctx, squashed).known == () == rivals(ctx, squashed).known
