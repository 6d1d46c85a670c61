"""Workflows with their commands as plain data, for `iact-guard model`."""

from dataclasses import replace
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.failure import Failure, failure_of
from iact_guard.analyze.shell.scripts import commands_of, script_of
from iact_guard.analyze.workflow.deploy.production import production_deployments_of
from iact_guard.analyze.workflow.deploy.staging import environments_of
from iact_guard.analyze.workflow.gates.gate import Gate, gates_of, kind_of
from iact_guard.analyze.workflow.gates.standing import standing_of
from iact_guard.analyze.workflow.gates.switched import switch_of
from iact_guard.model.authored import Authored, Pair
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.workflow import Input, Job, Permissions, Step, Trigger, Workflow
from iact_guard.redact import MASK
from iact_guard.redact.names import may_hold_secret

Plain = dict[str, Any]
MAX_VALUES = 1_000_000
"""Of all workflows together."""


def workflows(ctx: Context) -> list[Plain]:
    """Every workflow, in order of the files; what would be too large is cut and says so."""
    found, left = [], MAX_VALUES
    for workflow in ctx.project.workflows:
        left -= _size(ctx, workflow)
        found.append(_workflow(ctx, workflow if left >= 0 else replace(workflow, jobs=())))
        if left < 0:
            found[-1]["truncated"] = True
    return found


def _size(ctx: Context, workflow: Workflow) -> int:
    """About how many values it has, written out: an alias may repeat many."""
    steps = [step for job in workflow.jobs for step in job.steps]
    values = sum(len(step.env) + len(step.with_) for step in steps)
    return values + 10 * sum(1 + len(commands_of(ctx, step.id)) for step in steps)


def _workflow(ctx: Context, workflow: Workflow) -> Plain:
    return {
        "path": workflow.path,
        "line": workflow.location.line,
        "name": _text(workflow.name),
        "run_name": _text(workflow.run_name),
        "triggers": {trigger.event: _trigger(trigger) for trigger in workflow.triggers},
        "permissions": _permissions(workflow.permissions),
        "env": _pairs(workflow.env),
        "defaults": _defaults(workflow.shell, workflow.working_directory),
        "concurrency": _concurrency(workflow.concurrency),
        "jobs": [_job(ctx, job) for job in workflow.jobs],
    }


def _trigger(trigger: Trigger) -> Plain:
    filters = (
        "branches", "branches_ignore", "tags", "tags_ignore", "paths", "paths_ignore", "types",
        "workflows",
    )  # fmt: skip
    found: Plain = {"line": trigger.location.line}
    for name in filters:
        values = getattr(trigger, name)
        if values is not None:
            found[name.replace("_", "-")] = [value.text for value in values]
    if trigger.crons:
        found["cron"] = [cron.text for cron in trigger.crons]
    if trigger.inputs:
        found["inputs"] = {each.name: _input(each) for each in trigger.inputs}
    return found


def _input(given: Input) -> Plain:
    return {
        "line": given.location.line,
        "type": given.type or None,
        "required": given.required == "true",
        "default": _value(given.name, given.default),
        "options": list(given.options),
    }


def _job(ctx: Context, job: Job) -> Plain:
    return {
        "id": job.key,
        "line": job.location.line,
        "name": _text(job.name),
        "needs": [need.text for need in job.needs],
        "if": _text(job.condition),
        "environment": _environment(ctx, job),
        "production": [
            {"what": each.what, "line": each.location.line, "evidence": _evidence(each.evidence)}
            for each in production_deployments_of(ctx, job).known
        ],
        "permissions": _permissions(job.permissions),
        "env": _pairs(job.env),
        "outputs": _pairs(job.outputs),
        "defaults": _defaults(job.shell, job.working_directory),
        "runs_on": [runner.text for runner in job.runs_on],
        "uses": _text(job.uses),
        "with": _pairs(job.with_),
        "secrets": "inherit" if job.secrets_inherit else _pairs(job.secrets),
        "continue_on_error": _text(job.continue_on_error),
        "timeout_minutes": _text(job.timeout),
        "container": _text(job.container),
        "services": _pairs(job.services),
        "matrix": _matrix(job),
        "concurrency": _concurrency(job.concurrency),
        "steps": [_step(ctx, step) for step in job.steps],
    }


def _environment(ctx: Context, job: Job) -> Plain | None:
    if job.environment is None:
        return None
    fact = environments_of(ctx, job)
    return {
        "name": job.environment.name.text,
        "line": job.environment.location.line,
        "url": _text(job.environment.url),
        "names": list(fact.known) if fact.state == "known" else None,
        "reason": fact.reason,
    }


def _step(ctx: Context, step: Step) -> Plain:
    script = script_of(ctx, step.id)
    return {
        "line": step.location.line,
        "name": _text(step.name),
        "id": _text(step.key),
        "uses": _text(step.uses),
        "run": _text(step.run),
        "if": _text(step.condition),
        "with": _pairs(step.with_),
        "env": _pairs(step.env),
        "shell": script.reader.name if script else None,
        "working_directory": _text(step.working_directory),
        "continue_on_error": _text(step.continue_on_error),
        "timeout_minutes": _text(step.timeout),
        "unknown": _not_understood(ctx, step),
        "gates": [_gate(ctx, gate) for gate in gates_of(ctx, step).known],
        "commands": [_command(ctx, command) for command in commands_of(ctx, step.id)],
    }


def _not_understood(ctx: Context, step: Step) -> str | None:
    """Why a part of the script, or all of it, yields no commands."""
    script = script_of(ctx, step.id)
    if script is None:
        return None
    unparsed = script.tree.unparsed if script.tree else None
    return unparsed.reason if unparsed else script.reason or None


def _gate(ctx: Context, gate: Gate) -> Plain:
    standing = standing_of(ctx, gate)
    return {
        "line": gate.location.line,
        "kind": gate.kind,
        "tool": gate.tool,
        "standing": standing.known.state if standing.state == "known" else "unknown",
        "reason": standing.reason,
        "evidence": _evidence(standing.evidence),
    }


def _command(ctx: Context, command: Command) -> Plain:
    failure = failure_of(ctx, command)
    if off := _switched_off(ctx, command):
        failure = off
    return {
        "text": command.text,
        "argv": list(command.argv),
        "line": command.location.line,
        "column": command.location.column,
        "tool": command.tool or None,
        "gate": kind_of(ctx, command),
        "on_failure": failure.known.verdict if failure.state == "known" else "unknown",
        "reason": failure.reason,
        "evidence": _evidence(failure.evidence),
    }


def _switched_off(ctx: Context, command: Command) -> Fact[Failure] | None:
    """What an option makes of a gate's failure: with it the tool always ends with 0."""
    step: Step = ctx.project.by_id[command.step]
    gates = gates_of(ctx, step).known
    gate = next((each for each in gates if each.command and each.command.id == command.id), None)
    switch = switch_of(ctx, gate) if gate else None
    if switch is None or switch.state != "known" or switch.known.state not in ("off", "advisory"):
        return None
    return known(Failure("swallowed"), switch.reason, switch.evidence)


def _evidence(evidence: tuple[Evidence, ...]) -> list[Plain]:
    return [
        {
            "path": each.location.path,
            "line": each.location.line,
            "column": each.location.column,
            "message": each.message,
        }
        for each in evidence
    ]


def _permissions(permissions: Permissions | None) -> Plain | None:
    if permissions is None:
        return None
    return {
        "line": permissions.location.line,
        "all": permissions.all or None,
        "scopes": {scope.name: scope.access for scope in permissions.scopes},
    }


def _defaults(shell: Authored | None, folder: Authored | None) -> Plain:
    return {"shell": _text(shell), "working_directory": _text(folder)}


def _concurrency(pair: Pair | None) -> Plain | None:
    if pair is None:
        return None
    return {"group": pair.key.text, "cancel_in_progress": pair.value.text or None}


def _matrix(job: Job) -> Plain | None:
    if job.matrix is None:
        return None
    axes: dict[str, list[str]] = {}
    for pair in job.matrix:
        axes.setdefault(pair.key.text, []).append(pair.value.text)
    return {"axes": axes, "dynamic": job.matrix_dynamic}


def _pairs(pairs: tuple[Pair, ...]) -> dict[str, str | None]:
    return {pair.key.text: _value(pair.key.text, pair.value) for pair in pairs}


def _value(name: str, text: Authored | None) -> str | None:
    """A value, unless its name means a secret and it is written out."""
    if text is None:
        return None
    secret = may_hold_secret(name) and text.text and not text.text.strip().startswith("${{")
    return MASK if secret else text.text


def _text(text: Authored | None) -> str | None:
    return text.text if text else None
