"""App labels: what dependencies and table names call the app in a folder."""

import ast
from collections import Counter

from iact_guard.model.errors import UnreadableError
from iact_guard.model.migration import Migration
from iact_guard.project import Project
from iact_guard.syntax import python

TWIN = "~"
"""Sets apart apps of one label: a fork beside its original, of which a site installs one."""


def labels(project: Project, migrations: tuple[Migration, ...]) -> dict[str, str]:
    """The label of each package that has migrations; of equal ones the second ends in `~2`.

    What `apps.py` says counts; then what the migrations call one another; then the folder's name.
    """
    packages: dict[str, list[Migration]] = {}
    for migration in migrations:
        packages.setdefault(migration.package, []).append(migration)
    found: dict[str, str] = {}
    taken: Counter[str] = Counter()
    for package, members in packages.items():
        label = (
            _declared(project, f"{package}/apps.py")
            or _declared(project, f"{package}/__init__.py")
            or _used(members)
            or package.rpartition("/")[2]
        )
        taken[label] += 1
        found[package] = label if taken[label] == 1 else f"{label}{TWIN}{taken[label]}"
    return found


def plain(label: str) -> str:
    """The label as Django knows it."""
    return label.partition(TWIN)[0]


def _declared(project: Project, path: str) -> str:
    if not project.exists(path):
        return ""
    try:
        tree = python.parse(project.text(path)).tree
    except UnreadableError:
        return ""  # the file's own problem, reported by whoever loads it
    found = [_of_class(node) for node in tree.body if isinstance(node, ast.ClassDef)]
    return next((label for label in found if label), "")


def _of_class(node: ast.ClassDef) -> str:
    values: dict[str, str] = {}
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(value))):
                values[name] = value
    return values.get("label") or values.get("name", "").rpartition(".")[2]


def _used(members: list[Migration]) -> str:
    """The label under which members depend on members: other apps number alike."""
    names = {migration.name for migration in members}
    folder = members[0].package.rpartition("/")[2]
    votes = Counter(
        app
        for migration in members
        for app in {d.app for d in migration.dependencies if d.name in names and d.app}
        if app == folder or not migration.name.startswith("0001_")
    )
    if not votes or folder in votes:
        return folder if votes else ""
    # Each but the first needs one of its own: another label must be that of nearly all of them.
    later = sum(not migration.name.startswith("0001_") for migration in members)
    (label, count), *others = sorted(votes.items(), key=lambda vote: (-vote[1], vote[0]))
    alone = not others or others[0][1] < count
    return label if alone and count * 2 > later else ""
