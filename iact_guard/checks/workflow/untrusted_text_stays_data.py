"""WF004: text that others write, pasted into code, is code."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.rights.untrusted import Pasted, pasted_of
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.workflow import Step


def check(ctx: Context, step: Step, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding an expression."""
    if not (step.run or step.uses):
        yield NotApplicable("the step runs nothing")
        return
    for pasted in pasted_of(ctx, step).known:
        anchor = f"{step.id}/{''.join(pasted.expression.split())}"
        if pasted.taint is None:
            message = f"where the text of `{pasted.expression}` comes from: too much leads to it"
            yield Unknown(message, pasted.location, anchor=anchor)
        else:
            yield _fail(pasted, anchor)


def _fail(pasted: Pasted, anchor: str) -> Fail:
    taint = pasted.taint
    assert taint is not None  # noqa: S101  # the caller looked
    anyone = taint.by == "anyone"
    who = "anyone who can open a pull request, an issue or the like" if anyone else (
        "whoever may start it or has access to the repository"
    )  # fmt: skip
    source = "" if taint.source == pasted.expression else f" (text of {taint.source})"
    return Fail(
        f"`{pasted.expression}`{source} is pasted into {pasted.into}: {who} can write code there",
        pasted.location,
        (*taint.way, Evidence(pasted.location, "and pasted here")) if taint.way else (),
        tuple(Evidence(place, "pasted here too") for place in pasted.also),
        severity=None if anyone else "low",
        anchor=anchor,
    )
