"""CV002: a threshold below the policy's."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.coverage.runs import calls_of_repository
from iact_guard.analyze.coverage.thresholds import Minimum, minimums_of
from iact_guard.analyze.workflow.gates.coverage_data import compared_nowhere
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.repository import Repository

_WHOLE = ("total", "lines", "statements")


def check(ctx: Context, repository: Repository, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a threshold, unless a higher one of the same suite enforces."""
    wanted = float(params["minimum"])
    found = [m for m in minimums_of(ctx, repository).known if m.metric in _WHOLE]
    minimums = [each for each in found if not _says_the_same(each, found)]
    unread = [each for each in calls_of_repository(ctx, repository).known.hidden if not each.what]
    if not minimums and unread:
        message = f"whether there is a coverage threshold: {unread[0].reason}"
        yield Unknown(message, unread[0].location, unread[0].evidence, "threshold:unread")
    elif not minimums:
        yield NotApplicable("there is no coverage threshold")
    dead = compared_nowhere(ctx, repository).known
    alive = [each for each in minimums if each.location not in dead]
    for each in minimums:
        anchor = f"threshold:{each.location.path}/{each.tool}/{each.metric}"
        if each.value is None:
            message = f"the threshold of {each.tool} is only known when it runs"
            yield Unknown(message, each.location, each.evidence, anchor)
        elif each.value < wanted and not _overruled(each, alive, wanted):
            yield Fail(
                f"the coverage threshold is {each.value:g}% ({each.tool}, {each.metric}), below"
                f" {wanted:g}%",
                each.location,
                each.evidence,
                precision="medium" if each.family == "codecov" else None,
                anchor=anchor,
            )


def _says_the_same(each: Minimum, minimums: list[Minimum]) -> bool:
    """Whether a file has a minimum for statements beside one for lines."""
    return each.metric == "statements" and any(
        (other.metric, other.tool, other.location.path) == ("lines", each.tool, each.location.path)
        for other in minimums
        if other.folder is not None and each.folder is not None
    )


def _overruled(each: Minimum, minimums: list[Minimum], wanted: float) -> bool:
    """Whether another threshold of the same suite is high enough and enforces."""
    return any(
        other.family == each.family
        and other.enforces
        and other.value is not None
        and other.value >= wanted
        and (None in (each.folder, other.folder) or each.folder == other.folder)
        for other in minimums
    )
