"""AP001: who edits the gate must not be the only one who looks at the edit."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.owners.owned import Ownership, owner_of, owners_in_force
from iact_guard.globs import matching
from iact_guard.model.location import Evidence, Location
from iact_guard.model.owners import PLACES, Owners
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.repository import Repository

_SHOWN = 3
_MAX_PLACES = 20


def check(ctx: Context, repository: Repository, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a class of critical files of which some have no owner."""
    classes = _classes(ctx, params["classes"])
    file = owners_in_force(ctx, repository)
    if file.state == "unknown":
        yield Unknown(file.reason, _line_one(_first_place(ctx)), anchor="owners")
    elif file.value is None and not _on_github(ctx):
        yield NotApplicable("no `.github` folder and no owners: nothing says that GitHub hosts it")
    elif not classes:
        yield NotApplicable("no file of a critical kind")
    elif file.value is None:
        yield _missing(classes)
    else:
        for name, paths in classes.items():
            owned = [owner_of(ctx, path).known for path in paths]
            if unowned := [found for found in owned if not found.owners]:
                yield _unowned(name, unowned, file.value)


def _on_github(ctx: Context) -> bool:
    return any(path.startswith(".github/") for path in ctx.project.discovery.files)


def _classes(ctx: Context, patterns: dict[str, list[str]]) -> dict[str, list[str]]:
    """The files of each class, of the classes that exist in the tree."""
    shadowed = {place for place in PLACES if place != _first_place(ctx)}
    files = sorted(ctx.project.discovery.files - shadowed)
    found = {name: matching(files, globs) for name, globs in patterns.items()}
    return {name: paths for name, paths in found.items() if paths}


def _first_place(ctx: Context) -> str:
    files = ctx.project.discovery.files
    return next((place for place in PLACES if place in files), PLACES[0])


def _missing(classes: dict[str, list[str]]) -> Fail:
    paths = [path for group in classes.values() for path in group]
    left = len(paths) - _MAX_PLACES
    more = f" ({_MAX_PLACES} files shown, and {left} more)" if left > 0 else ""
    return Fail(
        f"there is no CODEOWNERS: nobody has to look at a change of {', '.join(classes)}{more}",
        _line_one(PLACES[0]),
        places=_places(paths),
        anchor="owners",
    )


def _unowned(name: str, unowned: list[Ownership], file: Owners) -> Fail:
    paths = [found.path for found in unowned]
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    place, reason = _decides(unowned[0], file)
    return Fail(
        f"{name} without an owner: {', '.join(paths[:_SHOWN])}{more}",
        place,
        evidence=(Evidence(place, reason), Evidence(Location(paths[0]), "has no owner")),
        places=_places(paths[1:]),
        anchor=f"owners:{name}",
    )


def _decides(found: Ownership, file: Owners) -> tuple[Location, str]:
    if file.oversized:
        return file.location, "GitHub ignores an owners file over 3 MB"
    if found.ignored:
        return found.ignored.rule.location, f"GitHub skips this line: {found.ignored.reason}"
    if found.rule:
        return found.rule.location, "this line takes the owners away"
    return file.location, "no pattern of this file matches"


def _places(paths: list[str]) -> tuple[Evidence, ...]:
    return tuple(Evidence(Location(path), "has no owner") for path in paths[:_MAX_PLACES])


def _line_one(path: str) -> Location:
    return Location(path, 1, 1, 1, 2)
