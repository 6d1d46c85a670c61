"""Ask each policy of each entity it speaks of, and turn the answers into findings."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import field
from importlib import import_module
from operator import itemgetter
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.evaluate.policies import apply
from iact_guard.model.errors import crash_place
from iact_guard.model.fact import UnknownFactError
from iact_guard.model.finding import Finding, Tally
from iact_guard.model.location import Location
from iact_guard.model.policy import Answer, Fail, NotApplicable, Policy, Unknown
from iact_guard.model.records import dataclass
from iact_guard.model.source import Kind, Problem
from iact_guard.project import Entity, kinds_behind

Check = Callable[[Context, Any, dict[str, Any]], Iterator[Answer]]
Only = frozenset[str] | None
"""Files whose findings are wanted; None for all."""


_STATES = ((Fail, "fail"), (Unknown, "unknown"), (NotApplicable, "not_applicable"))


@dataclass(slots=True)
class Verdict:
    """What a policy says of one entity."""

    policy: Policy
    entity: Entity
    answers: tuple[Answer, ...]
    number: int
    """Of the entity among those of its kind."""

    @property
    def state(self) -> str:
        """`fail`, `unknown`, `not_applicable` or `pass`: the worst of the answers."""
        kinds = {type(answer) for answer in self.answers}
        for kind, state in _STATES:
            if kind in kinds:
                return state
        return "pass"


@dataclass(slots=True)
class Evaluation:
    """Findings in the order of policies and entities, and the counts."""

    findings: list[Finding] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Share:
    """Some of the entities: those of some files, or all the others."""

    paths: frozenset[str] = frozenset()
    among: bool = False
    """Whether the paths are the files that belong to it, or those that do not."""

    def holds(self, entity: Entity) -> bool:
        """Whether an entity belongs to it."""
        return (entity.path in self.paths) is self.among


EVERYTHING = Share()
NOTHING = Share(among=True)


@dataclass(frozen=True, slots=True)
class Part:
    """What a policy says of a share of its entities."""

    policy: str
    """Its id."""
    counts: dict[str, int]
    """By state of the verdict."""
    findings: tuple[tuple[int, Finding], ...]
    """Each with the number of its entity."""


def evaluate(ctx: Context, policies: tuple[Policy, ...], only: Only = None) -> Evaluation:
    """All policies on all their entities; with `only`, those that the named files concern."""
    parts = (assess(ctx, policy, only) for policy in policies)
    return joined([part for part in parts if part])


def assess(
    ctx: Context, policy: Policy, only: Only = None, share: Share = EVERYTHING
) -> Part | None:
    """A policy on a share of its entities; None where it does not concern the named files."""
    if not policy.check or not _concerns(ctx, policy, only):
        return None
    counts: dict[str, int] = {}
    found: list[tuple[int, Finding]] = []
    for verdict in judge(ctx, policy, only, share):
        state = verdict.state
        counts[state] = counts.get(state, 0) + 1
        if state in ("fail", "unknown"):
            found += ((verdict.number, finding) for finding in findings(ctx, verdict, only))
    return Part(policy.id, counts, tuple(found))


def joined(*shares: list[Part]) -> Evaluation:
    """The parts of the same policies on several shares: in order, as if there were only one."""
    result = Evaluation()
    for parts in zip(*shares, strict=True):
        found = sorted((each for part in parts for each in part.findings), key=itemgetter(0))
        result.findings += (finding for _, finding in found)
        counts: Counter[str] = Counter()
        for part in parts:
            counts.update(part.counts)
        result.tallies.append(
            Tally(
                parts[0].policy,
                counts["pass"],
                counts["fail"],
                counts["unknown"],
                counts["not_applicable"],
            )
        )
    return result


def judge(
    ctx: Context, policy: Policy, only: Only = None, share: Share = EVERYTHING
) -> Iterator[Verdict]:
    """The policy's verdict on each entity; a crash is noted as IG003 and costs that one only."""
    try:
        entities = ctx.project.entities(policy.entity)
        if not entities:  # nothing to import for
            return
        check = _check(policy.check)
    except Exception as error:  # noqa: BLE001  # the other policies must still run
        ctx.project.note(_crashed(policy, None, error))
        return
    config = ctx.project.config
    everywhere = None if config.overrides else apply(policy, config.setting(policy.id))
    near = only if only is not None and _stands_alone(ctx, policy, only) else None
    for number, entity in enumerate(entities):
        if (near is not None and entity.path not in near) or not share.holds(entity):
            continue
        effective = everywhere or apply(policy, config.setting(policy.id, entity.path))
        if not effective.enabled:
            continue
        try:
            answers = tuple(check(ctx, entity, effective.params))
        except UnknownFactError as error:
            answers = (Unknown(error.reason, entity.location, error.evidence),)
        except Exception as error:  # noqa: BLE001
            ctx.project.note(_crashed(policy, entity, error))
            continue
        yield Verdict(effective, entity, answers, number)


def _stands_alone(ctx: Context, policy: Policy, only: frozenset[str]) -> bool:
    """Whether what is said of entities in other files cannot have a place in the named ones.

    What a file says of itself needs no other file; and a workflow that calls none, and that no
    other one calls or starts, is no part of what another workflow does.
    """
    if policy.entity == "file":
        return True
    if policy.across or policy.entity not in (
        "workflow",
        "job",
    ):  # the steps of an action are its users'
        return False
    named = [workflow for workflow in ctx.project.workflows if workflow.path in only]
    events = {trigger.event for workflow in named for trigger in workflow.triggers}
    calls = any(job.uses for workflow in named for job in workflow.jobs)
    alone = not calls and events.isdisjoint(("workflow_call", "workflow_run"))
    return alone and all(ctx.project.kind(path) is Kind.WORKFLOW for path in only)


def findings(ctx: Context, verdict: Verdict, only: Only = None) -> Iterator[Finding]:
    """The findings of a verdict; with `only`, those with a place in one of the files.

    A finding may stand in another file than its entity: the settings for either place hold.
    """
    for answer in verdict.answers:
        if isinstance(answer, NotApplicable):
            continue
        places = (verdict.entity.path, answer.location.path)
        policy = apply(verdict.policy, ctx.project.config.setting(verdict.policy.id, *places))
        if not policy.enabled:
            continue
        if isinstance(answer, Unknown) and policy.on_unknown == "ignore":
            continue
        finding = _finding(policy, verdict.entity, answer)
        if only is None or _paths(finding) & only:
            yield finding


def _finding(policy: Policy, entity: Entity, answer: Fail | Unknown) -> Finding:
    failed = isinstance(answer, Fail)
    return Finding(
        tool="iact-guard",
        rule=policy.id,
        name=policy.name,
        outcome="fail" if isinstance(answer, Fail) else "unknown",
        severity=(isinstance(answer, Fail) and answer.severity) or policy.severity,
        precision=(isinstance(answer, Fail) and answer.precision) or policy.precision,
        message=answer.message,
        location=answer.location,
        remedy=(isinstance(answer, Fail) and answer.remedy) or first_sentence(policy.remedy),
        guide=policy.guide[0] if policy.guide else "",
        anchor=answer.anchor or entity.id,
        evidence=answer.evidence,
        places=answer.places if isinstance(answer, Fail) else (),
        gates=failed or policy.on_unknown == "fail",
        security=policy.security,
    )


def first_sentence(text: str) -> str:
    """A remedy in a line: everything up to the first blank line, on one line."""
    return " ".join(text.split("\n\n", 1)[0].split())


def _paths(finding: Finding) -> set[str]:
    more = (item.location.path for item in (*finding.evidence, *finding.places))
    return {finding.location.path, *more}


def _concerns(ctx: Context, policy: Policy, only: Only) -> bool:
    if only is None:
        return True
    kinds = {*map(str, kinds_behind(policy.entity)), *policy.inputs}
    # Absence is judged on the repository: any file may be the one that is there now.
    return not kinds or any(str(ctx.project.kind(path)) in kinds for path in only)


def _check(name: str) -> Check:
    domain, _, function = name.partition(".")
    check: Check = import_module(f"iact_guard.checks.{domain}.{function}").check
    return check


def _crashed(policy: Policy, entity: Entity | None, error: Exception) -> Problem:
    where = entity.location if entity else Location(policy.path)
    on = f" on {entity.id}" if entity else ""
    return Problem(where, f"{policy.id} could not be checked{on}: {crash_place(error)}", "IG003")
