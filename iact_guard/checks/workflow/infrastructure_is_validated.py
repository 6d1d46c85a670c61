"""WF307: a root of Terraform that changes without anybody looking at it first."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.terraform_checks import Gap, checks_of, gaps_of, other_system
from iact_guard.model.location import Evidence, Location
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.repository import Repository

_DOES = {"format": "checks the format of", "validate": "validates", "plan": "plans",
         "scan": "scans"}  # fmt: skip
_SHOWN = 5


def check(ctx: Context, repository: Repository, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding for all roots that lack the same."""
    if not ctx.project.workflows:
        yield NotApplicable("the repository has no workflows")
        return
    wanted = tuple(params["parts"])
    lacking: dict[tuple[str, ...], list[Gap]] = {}
    open_: dict[tuple[str, ...], list[Gap]] = {}
    for gap in gaps_of(ctx, repository).known:
        missing = tuple(part for part in gap.missing if part in wanted)
        unclear = tuple(part for part in gap.unclear if part in wanted)
        if missing:
            lacking.setdefault(missing, []).append(gap)
        elif unclear:
            open_.setdefault(unclear, []).append(gap)
    perhaps = checks_of(ctx, repository).known.perhaps[:1]
    if other := other_system(ctx):
        perhaps = (*perhaps, other)
    for parts, gaps in lacking.items():
        yield _unknown(parts, gaps, perhaps) if perhaps else _fail(parts, gaps)
    for parts, gaps in open_.items():
        yield _unknown(parts, gaps, perhaps)


def _fail(missing: tuple[str, ...], gaps: list[Gap]) -> Fail:
    first, *others = gaps
    return Fail(
        f"no workflow {_listed(missing)} {_names(gaps)} on a pull request",
        _place(first),
        places=tuple(Evidence(_place(each), "this root neither") for each in others),
        anchor=f"repository/{'+'.join(missing)}",
    )


def _unknown(parts: tuple[str, ...], gaps: list[Gap], perhaps: tuple[Evidence, ...]) -> Unknown:
    reason = (
        perhaps[0].message if perhaps else "what does so is only known when it runs, or elsewhere"
    )
    return Unknown(
        f"whether a pull request {_listed(parts)} {_names(gaps)}: {reason}",
        _place(gaps[0]),
        perhaps,
        f"repository/{'+'.join(parts)}",
    )


def _listed(parts: tuple[str, ...]) -> str:
    found = [_DOES[part] for part in parts]
    return " or ".join((", ".join(found[:-1]), found[-1])) if len(found) > 1 else found[0]


def _names(gaps: list[Gap]) -> str:
    names = [gap.module.folder or "the root" for gap in gaps]
    more = f" and {len(names) - _SHOWN} more roots" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _place(gap: Gap) -> Location:
    here = gap.module.location
    if here.end_line == here.line and here.end_column > here.column:
        return here
    return Location(here.path, here.line, here.column, here.line, here.column + 1)
