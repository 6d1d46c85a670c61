"""CV003: a threshold that is compared in another folder or job than the data is written in."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.gates.coverage_data import compared_in
from iact_guard.model.policy import Answer, Fail, NotApplicable
from iact_guard.model.workflow import Job

_WHERE = {
    "folder": "the tests before it write their data in another folder",
    "job": "only another job measures, and nothing brings its data here",
}


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a comparison."""
    compared = compared_in(ctx, job).known
    if not compared:
        yield NotApplicable("the job compares no coverage with a minimum")
    for each in compared:
        if each.fault:
            tool = each.gate.tool
            yield Fail(
                f"{tool} compares coverage where there is no data: {_WHERE[each.fault]}",
                each.location,
                each.evidence,
                anchor=each.gate.id,
            )
