"""Reading everything, learning what is secret, asking each policy: in two processes if it pays."""

from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.cache.shape import plain, shaped
from iact_guard.evaluate.engine import EVERYTHING, NOTHING, Evaluation, Part, Share, assess, joined
from iact_guard.model.location import Location
from iact_guard.model.policy import Policy
from iact_guard.model.records import dataclass
from iact_guard.model.source import Problem
from iact_guard.pipeline.excerpts import studied
from iact_guard.pipeline.judged import askable
from iact_guard.pipeline.request import Listener
from iact_guard.pipeline.second import SecondDiedError, is_possible, second
from iact_guard.pipeline.secrets import learn_secrets
from iact_guard.redact import Lessons

FEW = 60
"""Files up to which a second process costs more than it saves."""


@dataclass(frozen=True, slots=True)
class _Half:
    """What a process found out about its share."""

    parts: tuple[Part, ...]
    problems: tuple[Problem, ...]
    lessons: Lessons


def evaluation_of(
    ctx: Context, policies: tuple[Policy, ...], only: frozenset[str] | None, listener: Listener
) -> Evaluation:
    """The answers of all policies; files are read, and secrets learnt, before any is asked."""
    project = ctx.project
    if only is None:
        policies = askable(project, policies)
    listener.expect(len(policies) + 1)
    listener.say("reading files")
    if only is None:
        project.load_everything()
        if len(project.entities("file")) > FEW and is_possible():
            return _in_two(ctx, policies, listener)
    learn_secrets(ctx, only)
    return joined(_parts(ctx, policies, only, EVERYTHING, listener))


def _parts(
    ctx: Context,
    policies: tuple[Policy, ...],
    only: frozenset[str] | None,
    share: Share,
    listener: Listener | None,
) -> list[Part]:
    parts = []
    for policy in policies:
        if listener:
            listener.step(f"{policy.id} {policy.name}")
        part = assess(ctx, policy, only, _of_policy(policy, share))
        if part:
            parts.append(part)
    if listener:
        listener.step("waiting for scanners")
    return parts


def _of_policy(policy: Policy, share: Share) -> Share:
    """What needs the whole repository is judged by one of two processes only."""
    if policy.across or policy.entity == "repository":
        return NOTHING if share.among else EVERYTHING
    return share


def _in_two(ctx: Context, policies: tuple[Policy, ...], listener: Listener) -> Evaluation:
    """A second process judges every third file, and what needs the whole repository."""
    project = ctx.project
    mine = frozenset(file.path for at, file in enumerate(project.entities("file")) if at % 3)

    def work() -> Any:
        known = len(project.problems)
        parts = _share(ctx, policies, Share(mine, among=False), None)
        return plain(_Half(tuple(parts), project.problems[known:], project.redactor.lessons))

    with second(work) as answer:
        parts = _share(ctx, policies, Share(mine, among=True), listener)
        try:
            other = shaped(_Half, answer())
        except SecondDiedError as error:
            reason = f"a process of the check died, and its half was not judged ({error})"
            project.note(Problem(Location("."), reason, "IG003"))
            return joined(parts)
    for problem in other.problems:
        project.note(problem)
    project.redactor.take(other.lessons)
    return joined(parts, list(other.parts))


def _share(
    ctx: Context, policies: tuple[Policy, ...], share: Share, listener: Listener | None
) -> list[Part]:
    files = [file.path for file in ctx.project.entities("file") if share.holds(file)]
    learn_secrets(ctx, files)
    parts = _parts(ctx, policies, None, share, listener)
    for path in sorted({found.location.path for part in parts for _, found in part.findings}):
        studied(ctx.project, path)
    return parts
