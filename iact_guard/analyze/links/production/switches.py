"""Where a switch is asked for: the conditions and texts that name it."""

import re
from collections.abc import Iterator

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.production.questions import switch_named
from iact_guard.analyze.shell.followed import origin_of
from iact_guard.analyze.shell.scripts import paths_of, script_of
from iact_guard.analyze.workflow.gates.gate import Gate
from iact_guard.analyze.workflow.run.condition import condition_of, pieces_of
from iact_guard.analyze.workflow.run.event import Event
from iact_guard.analyze.workflow.run.result import Run
from iact_guard.analyze.workflow.run.scope import canonical
from iact_guard.model.authored import Authored
from iact_guard.model.location import Evidence
from iact_guard.model.workflow import Job, Step
from iact_guard.syntax import shell
from iact_guard.syntax.expression import Node, nodes_in, parts


def place_of(jobs: tuple[Job, ...], question: str, run: Run) -> Evidence:
    """The first place that asks for a switch, conditions before other texts."""
    name = switch_named(question)
    for find in (_conditions, _texts):
        for job in jobs:
            for text in find(job):
                if name and _asks(text, name):
                    return Evidence(text.first_line(0, max(len(text.text), 1)), f"{name} decides")
    return Evidence(run.event.location, f"{name or question} decides")


def declaration_of(event: Event, name: str) -> Evidence | None:
    """Where the input that a switch is called after (`the input skip_tests`) is declared."""
    wanted = name.removeprefix("the input ").lower()
    found = next((each for each in event.inputs if each.name.lower() == wanted), None)
    return Evidence(found.location, f"{name} is declared here") if found else None


def switch_around(ctx: Context, gate: Gate) -> Evidence | None:
    """The condition within a gate's own script by which somebody decides whether it runs."""
    script = script_of(ctx, gate.step.id)
    if gate.command is None or script is None or script.tree is None:
        return None
    start = origin_of(ctx, gate.command).start
    text = script.source.text
    for node in paths_of(ctx, script).known.commands.get(start, ()):
        conditions: list[tuple[int, int]] = []
        if isinstance(node, shell.If):
            conditions = [(condition.start, condition.end) for condition, _ in node.branches]
        elif isinstance(node, shell.AndOr):
            conditions = [(node.start, start)]
        for begin, end in conditions:
            if name := _asked_in(text[begin:end], gate.step):
                return Evidence(script.source.first_line(begin, end), f"{name} decides")
    return None


def _asked_in(text: str, step: Step) -> str:
    """The switch that a piece of a script asks for, directly or by a variable of the step."""
    expressions = [part.text for part in parts(text) if part.is_expression]
    for pair in step.env:
        if re.search(rf"\$\{{?{re.escape(pair.key.text)}\b", text):
            expressions += [part.text for part in parts(pair.value.text) if part.is_expression]
    return next(filter(None, map(switch_named, map(str.lower, expressions))), "")


def _asks(text: Authored, name: str) -> bool:
    nodes: list[Node] = [
        piece for piece in pieces_of(text.text) or () if not isinstance(piece, str)
    ]
    if not nodes and (condition := condition_of(text.text)):
        nodes = [condition.node]
    return any(switch_named(canonical(inner)) == name for node in nodes for inner in nodes_in(node))


def _conditions(job: Job) -> Iterator[Authored]:
    for text in (job.condition, *(step.condition for step in job.steps)):
        if text:
            yield text


def _texts(job: Job) -> Iterator[Authored]:
    for text in (job.continue_on_error, *(step.continue_on_error for step in job.steps)):
        if text:
            yield text
    for pair in (*job.with_, *job.outputs, *job.env):
        yield pair.value
    for step in job.steps:
        yield from (pair.value for pair in (*step.env, *step.with_))
        if step.run:
            yield step.run
