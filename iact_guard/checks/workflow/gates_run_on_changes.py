"""WF106: a gate that no pull request has to pass."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.rules.protected_pulls import declared_branches, passed_by
from iact_guard.analyze.links.rules.queue import unqueued_gates
from iact_guard.analyze.workflow.triggers.dead_filters import DeadPattern, dead_patterns_of
from iact_guard.analyze.workflow.triggers.elsewhere import checks_elsewhere, unread_checks
from iact_guard.analyze.workflow.triggers.gate_runs import GateRun, Hole, holes_of
from iact_guard.analyze.workflow.triggers.stand_ins import stand_ins_of
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, Unknown
from iact_guard.model.repository import Repository
from iact_guard.model.terraform import TerraformModule

_SHOWN = 5
_OTHER_PATHS = (
    "Write the paths that are meant, whole and from the repository's root (`api/**`, not `api` or"
    " `./api/**`), or take the lines out."
)


def check(ctx: Context, repository: Repository, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a reason: a trigger, a filter, a condition, a pattern, a stand-in."""
    dead = dead_patterns_of(ctx, repository).known
    told = {place.location for each in dead for place in (each.pattern, *each.others)}
    declared = declared_branches(ctx, repository).known
    for hole in holes_of(ctx, repository).known:
        found = [each for each in (hole.first, *hole.others) if each.gate.kind in params["kinds"]]
        if found and hole.location not in told and hole.first.run.branch not in declared:
            yield _hole(ctx, repository, hole, found)
    for pattern in dead:
        yield _dead(pattern)
    for each in stand_ins_of(ctx, repository).known:
        yield Fail(each.message, each.location, each.evidence, anchor=each.anchor)
    yield from _modules(ctx, repository)
    yield from _queue(ctx, repository, params["kinds"])
    yield from _passed_by(ctx, repository, params["kinds"])


def _hole(ctx: Context, repository: Repository, hole: Hole, runs: list[GateRun]) -> Answer:
    run = hole.first.run
    evidence = _gates(runs)
    names = _names(runs)
    anchor = f"{hole.first.job.workflow}/{run.cause}"
    elsewhere = ""
    if run.cause == "trigger":
        elsewhere = checks_elsewhere(ctx, repository).known or unread_checks(ctx, repository).known
    if run.state == "perhaps" or elsewhere:
        why = f"{elsewhere} may do it" if elsewhere else run.why
        message = f"whether every pull request has to pass {names} cannot be told: {why}"
        return Unknown(message, hole.location, evidence, anchor)
    verb = "run" if names.count("`") > 2 else "runs"
    return Fail(
        f"{names} never {verb} for pull requests into the protected branches: {run.why}",
        hole.location,
        evidence,
        anchor=anchor,
    )


def _names(runs: list[GateRun]) -> str:
    return ", ".join(list(dict.fromkeys(f"`{each.gate.tool}`" for each in runs))[:4])


def _gates(runs: list[GateRun]) -> tuple[Evidence, ...]:
    seen = {each.gate.id: Evidence(each.gate.location, "this gate") for each in runs}
    return tuple(seen.values())[:20]


def _dead(dead: DeadPattern) -> Fail:
    names = [f"`{text}`" for text in dead.texts]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    match = "match" if len(names) > 1 else "matches"
    if dead.alone:
        what = "push" if dead.event == "push" else "pull request"
        effect = f"no {what} starts the workflow"
    else:
        effect = "no change starts the workflow by " + ("them" if len(names) > 1 else "it")
    return Fail(
        f"{', '.join(names[:_SHOWN])}{more} {match} no file of the repository, so that {effect}"
        + (f": {dead.why}" if dead.why else ""),
        dead.pattern.location,
        places=tuple(Evidence(each.location, "and here") for each in dead.others),
        severity=None if (dead.alone and dead.decides) or dead.mistake else "low",
        remedy=_OTHER_PATHS,
        anchor=f"{dead.pattern.location.path}/paths/{dead.pattern.text}",
    )


def _modules(ctx: Context, repository: Repository) -> Iterator[Fail]:
    if not ctx.project.entities("terraform-module"):
        return
    from iact_guard.analyze.links.left_out_modules import left_out_modules

    for each in left_out_modules(ctx, repository).known:
        modules, roots = _folders(each.modules), _folders(each.roots)
        use = "use" if len(each.roots) > 1 else "uses"
        yield Fail(
            f"the `paths` leave out {modules}, which {roots} {use}: a change there is planned or"
            " validated with it by no pull request",
            each.location,
            tuple(Evidence(module.location, "this module") for module in each.modules[:20]),
            remedy=f"Add {modules} to the `paths`.",
            anchor=f"{each.location.path}/modules",
        )


def _folders(modules: tuple[TerraformModule, ...]) -> str:
    names = [f"`{module.folder}`" for module in modules]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _queue(ctx: Context, repository: Repository, kinds: list[str]) -> Iterator[Answer]:
    found = unqueued_gates(ctx, repository).known
    runs = [each for each in found.runs if each.gate.kind in kinds] if found else []
    if found and runs:
        yield Fail(
            f"changes are merged by a queue, and {_names(runs)} never runs there: no workflow"
            " with it is started by `merge_group`",
            runs[0].run.triggers[0].location,
            (*found.evidence, *_gates(runs)),
            anchor="merge_group",
        )


def _passed_by(ctx: Context, repository: Repository, kinds: list[str]) -> Iterator[Answer]:
    for branch in passed_by(ctx, repository).known:
        runs = [each for each in branch.runs if each.gate.kind in kinds]
        if runs:
            trigger = runs[0].run.triggers[0]
            filters = (*(trigger.branches or ()), *(trigger.branches_ignore or ()))
            yield Fail(
                f"{_names(runs)} never runs for pull requests into the protected `{branch.branch}`",
                filters[0].location if filters else trigger.location,
                (*branch.evidence, *_gates(runs)),
                anchor=f"branch/{branch.branch}",
            )
