"""CV001: tests that measure coverage, or could, and no threshold that stops a fall."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.coverage.other_minimums import ANY, other_minimums_of
from iact_guard.analyze.coverage.runs import (
    Hidden,
    Run,
    calls_of_repository,
    runs_of_repository,
)
from iact_guard.analyze.coverage.thresholds import Minimum, configured_in_code, minimums_of
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.repository import Repository

_NAMES = {"python": "Python", "javascript": "JavaScript", "go": "Go"}


def check(ctx: Context, repository: Repository, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a family of tools, at the first run that measures."""
    hidden = calls_of_repository(ctx, repository).known.hidden
    others = other_minimums_of(ctx, repository).known
    minimums = [*minimums_of(ctx, repository).known, *others]
    families: dict[str, list[Run]] = {}
    for run in runs_of_repository(ctx, repository).known:
        if run.measures or run.whole:
            families.setdefault(run.family, []).append(run)
    for family, runs in families.items():
        of_family = [
            each
            for each in minimums
            if each.family in (family, "codecov", ANY) and _is_near(each, runs)
        ]
        if not any(each.enforces for each in of_family):
            files = {run.call.here.path for run in runs}
            unseen = [
                each
                for each in hidden
                if each.family in (family, "") and (each.what or each.location.path in files)
            ]
            yield _answer(ctx, family, runs, of_family, unseen)
    left = [
        each
        for each in hidden
        if (each.family not in families if each.family else not families)
        and not any(m.enforces and m.family in (each.family or m.family, ANY) for m in minimums)
    ]
    if left:
        yield _unknown(left)
    elif not families:
        yield NotApplicable("no workflow runs a whole test suite")


def _is_near(minimum: Minimum, runs: list[Run]) -> bool:
    """Whether a file that sets a minimum lies where the tests run, above it or below."""
    folder = minimum.folder
    if not folder or minimum.family != "javascript":
        return True
    places = [run.call.folder for run in runs]
    return any(
        place is None or f"{place}/".startswith(f"{folder}/") or _is_below(folder, place)
        for place in places
    )


def _is_below(folder: str, place: str) -> bool:
    hidden = any(part.startswith(".") for part in folder.split("/"))
    return not hidden and (not place or folder.startswith(f"{place}/"))


def _unknown(hidden: list[Hidden]) -> Unknown:
    first, *others = sorted(hidden, key=lambda each: not each.what)
    tests = f"the tests that `{first.what}` seems to run" if first.what else "tests that it may run"
    return Unknown(
        f"whether a coverage threshold stands behind {tests}: {first.reason}",
        first.location,
        (*first.evidence, *_unseen(others)),
        "coverage:hidden",
    )


def _unseen(hidden: list[Hidden]) -> Iterator[Evidence]:
    for each in hidden[:20]:
        seen = f"`{each.what}` could not be followed: " if each.what else ""
        yield Evidence(each.location, f"{seen}{each.reason}")


def _answer(
    ctx: Context, family: str, runs: list[Run], minimums: list[Minimum], hidden: list[Hidden]
) -> Answer:
    first, *others = sorted(runs, key=lambda run: (bool(run.unclear), not run.measures))
    here, anchor = first.call.here, f"coverage:{family}"
    name = _NAMES.get(family, family)
    dead = [each for each in minimums if each.enforces is False]
    open_ones = [Evidence(each.location, each.reason) for each in minimums if each.enforces is None]
    open_ones += configured_in_code(ctx, family)
    open_ones += [Evidence(here, first.unclear)] if first.unclear else []
    open_ones += _unseen(hidden)
    if open_ones:
        message = f"whether a threshold stands behind the {name} tests: {open_ones[0].message}"
        return Unknown(message, here, (*first.call.evidence, *open_ones), anchor)
    does = "measure coverage" if first.measures else "run the whole suite"
    why = f"; the only one does not enforce: {dead[0].reason}" if dead else ""
    return Fail(
        f"these {name} tests {does}, and no coverage threshold stops a change that lowers it{why}",
        here,
        (
            *first.call.evidence,
            *(Evidence(each.location, "this threshold does not enforce") for each in dead),
            *(evidence for each in dead for evidence in each.evidence),
        ),
        tuple(Evidence(run.call.here, "and these") for run in others[:20]),
        anchor=anchor,
    )
