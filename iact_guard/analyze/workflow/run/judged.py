"""How a step ends by what it was written for: scripts and actions that judge other jobs."""

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.run.result import Result
from iact_guard.analyze.workflow.run.scope import Scope
from iact_guard.model.workflow import Step


def judge(ctx: Context, step: Step, place: Scope) -> tuple[Result, str]:
    """How a step ends, and why: without a sign of the contrary it succeeds."""
    return "success", ""
