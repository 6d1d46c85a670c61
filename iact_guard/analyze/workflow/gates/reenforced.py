"""What later steps make of a gate whose own failure goes by: they test its outcome or report."""

import re
from collections.abc import Iterator
from typing import Literal

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.failure import failure_of, output_decides
from iact_guard.analyze.shell.followed import all_commands_of, origin_of, words_of
from iact_guard.analyze.shell.scripts import script_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.gates.failing_steps import (
    has_failure,
    holds,
    may_fail,
    may_judge,
)
from iact_guard.analyze.workflow.gates.gate import Gate
from iact_guard.analyze.workflow.gates.left_behind import Left, is_silent, left_by
from iact_guard.analyze.workflow.gates.readers import read_by_jobs
from iact_guard.analyze.workflow.gates.switched import contexts_at
from iact_guard.data.tables import table
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job, Step, Workflow
from iact_guard.syntax import shell
from iact_guard.syntax.expression import Open, Unknown, Value, to_text

MAX_LATER = 500
"""Steps behind a gate that are asked whether they make up for it."""
_WRITES = ("-o", "--output", "--out", "--report-path", "--output-file", "-r", "--json-report-file",
           "--junitxml", "--junit-xml", "--output-file-path", "--report", "-f", "--sarif-output",
           "--json-output", "--log-file")  # fmt: skip
_SHOWS = frozenset({"cat", "echo", "cp", "mv", "tail", "head", "ls", "printf"})
_REDIRECTED = regex(r"""(?:>>?|\btee\s+(?:-a\s+)?)\s*["']?([\w./-]+|\$\{?\w+\}?)""")


@dataclass(frozen=True, slots=True)
class Reenforced:
    """Whether a later step fails in place of a gate; `maybe` where that cannot be told."""

    how: Literal["no", "yes", "maybe"]


@fact("gate.reenforced")
def reenforced_of(ctx: Context, gate: Gate) -> Fact[Reenforced]:
    """Whether something behind a gate fails where it found something, with the place.

    Where its own step turns red, as far as its script and its options let it.
    """
    return _behind(ctx, gate, red=not is_silent(ctx, gate))


@fact("gate.reenforced_if_red")
def reenforced_if_red(ctx: Context, gate: Gate) -> Fact[Reenforced]:
    """The same where its step is taken to turn red, whatever its script makes of it."""
    return _behind(ctx, gate, red=True)


def _behind(ctx: Context, gate: Gate, *, red: bool) -> Fact[Reenforced]:
    later = later_steps(ctx, gate.step)
    if len(later) > MAX_LATER:
        return unknown(f"more than {MAX_LATER} steps stand behind it")
    left = left_by(ctx, gate, red=red)
    for step in later:
        if place := _tests_outcome(ctx, gate.step, step, left):
            return known(Reenforced("yes"), place.message, (place,))
        if place := _reads_results(ctx, gate, step):
            return known(Reenforced("yes"), place.message, (place,))
    for place in _may_read(ctx, gate, later, left):
        return known(Reenforced("maybe"), place.message, (place,))
    return known(Reenforced("no"))


def later_steps(ctx: Context, step: Step) -> tuple[Step, ...]:
    """The steps behind a step, in its job or action."""
    steps: tuple[Step, ...] = ctx.project.by_id[step.parent].steps
    return tuple(each for each in steps if each.index > step.index)


def mentions(text: str, step: Step, what: str = "outcome|outputs") -> bool:
    """Whether an expression in a text looks at the outcome of a step, or at its outputs.

    `conclusion` tells nothing: it is a success where a step may fail.
    """
    if step.key is None or "steps" not in text:
        return "steps.*.outcome" in text and "outcome" in what
    name = re.escape(step.key.text)
    found = rf"steps\s*(\.\s*(\*|{name})|\[\s*'{name}'\s*\])\s*(\.\s*({what})|\[\s*'({what})'\s*\])"
    return bool(re.search(found, text, re.IGNORECASE))


def _tests_outcome(ctx: Context, step: Step, later: Step, left: Left) -> Evidence | None:
    """Whether a later step fails where a step did."""
    if later.condition and runs_behind(ctx, step, later, left) is False:
        return None
    if later.condition and mentions(later.condition.text, step, left.seen) and may_fail(ctx, later):
        return Evidence(later.condition.location, "this step fails in its place")
    script = script_of(ctx, later.id)
    texts = [*(pair.value for pair in (*later.env, *later.with_))]
    texts += [script.source] if script else []
    for text in texts:
        if mentions(text.text, step, left.seen) and may_fail(ctx, later):
            return Evidence(later.location, "this step tests its outcome, and fails")
    return None


def runs_behind(
    ctx: Context, step: Step, later: Step, left: Left, *, by_default: bool = True
) -> bool | None:
    """Whether a later step's `if` holds behind one that left this; inputs have their defaults.

    None where more than that decides. Not `by_default`: inputs that nothing here gives are open.
    """
    condition = later.condition
    if condition is None or step.key is None:
        return True
    contexts = {**contexts_at(ctx, later), "steps": left.steps(step)}
    owner = ctx.project.by_id[later.parent]
    if isinstance(owner, Job):
        workflow = ctx.project.workflow_of(owner)
        contexts["inputs"] = _given(workflow, contexts["inputs"], by_default=by_default)
    return holds(condition, contexts)


def _given(workflow: Workflow, inputs: Value, *, by_default: bool) -> Open:
    """The inputs as callers of the repository give them; `by_default` for what nobody gives."""
    found = Open(inputs if isinstance(inputs, dict) else {})
    for each in (each for trigger in workflow.triggers for each in trigger.inputs):
        value = found.get(each.name)
        if not isinstance(value, Unknown):
            continue
        texts = {to_text(option) for option in value.options or ()}
        if each.type == "boolean" and len(texts) == 1:
            found[each.name] = "true" in texts
        elif by_default and (each.type == "boolean" or value.options is None):
            text = each.default.text.strip() if each.default else ""
            found[each.name] = text.lower() == "true" if each.type == "boolean" else text
    return found


def _reads_results(ctx: Context, gate: Gate, later: Step) -> Evidence | None:
    """Whether a later action fails for what the tests wrote."""
    if gate.kind != "test" or later.uses is None:
        return None
    row = table("gates")["reader"].get(parse_use(later.uses).name.lower())
    if row is None:
        return None
    for key, values in row.get("unless", {}).items():
        if (text := later.input(key)) and text.text.strip() in values:
            return None
    for key, values in row.get("needs", {}).items():
        text = later.input(key)
        if text is None or text.text.strip() not in values:
            return None
    return Evidence(later.uses.location, "this fails where a test failed")


def _may_read(ctx: Context, gate: Gate, later: tuple[Step, ...], left: Left) -> Iterator[Evidence]:
    """Places that may make something of the failure, in a way that is not followed."""
    owner = ctx.project.by_id[gate.step.parent]
    for pair in owner.outputs if isinstance(owner, Job) else ():
        if mentions(pair.value.text, gate.step):
            for place in read_by_jobs(ctx, owner, pair, {"steps": left.steps(gate.step)}):
                yield Evidence(pair.value.location, f"its outcome goes on to other jobs: {place}")
    for step in _carriers(ctx, gate, later, left):
        yield from _read_behind(ctx, step, later)
    for step in later:
        if may_judge(step):
            for pair in step.with_:
                if mentions(pair.value.text, gate.step, "outcome"):
                    yield Evidence(pair.value.location, "its outcome goes to this action")
    for step in later if isinstance(owner, Job) and _is_called(ctx, owner) else ():
        asks = step.condition and mentions(step.condition.text, gate.step, left.seen)
        open_ones = runs_behind(ctx, gate.step, step, left, by_default=False) is not False
        if step.condition and asks and open_ones and may_fail(ctx, step):
            message = "this step fails in its place only where a caller's input asks for it"
            yield Evidence(step.condition.location, message)
    names = _written_by(ctx, gate) | _told_apart(ctx, gate)
    for step in later if names else ():
        script = script_of(ctx, step.id)
        if script and may_fail(ctx, step) and any(name in script.source.text for name in names):
            yield Evidence(step.location, "this step reads what it wrote, and may fail")


def _carriers(ctx: Context, gate: Gate, later: tuple[Step, ...], left: Left) -> Iterator[Step]:
    """The later steps whose outputs may hang on what a gate left: its outcome, or a report."""
    names = _written_by(ctx, gate) | _told_apart(ctx, gate)
    carriers: list[Step] = []
    for step in later:
        script = script_of(ctx, step.id)
        texts = [pair.value.text for pair in (*step.env, *step.with_)]
        texts += [script.source.text] if script else []
        reads = any(name in text for text in texts for name in names)
        reads |= any(mentions(text, gate.step, left.seen) for text in texts)
        reads |= any(mentions(text, each, "outputs") for text in texts for each in carriers)
        if reads and step.key:
            carriers.append(step)
            yield step


def _read_behind(ctx: Context, carrier: Step, later: tuple[Step, ...]) -> Iterator[Evidence]:
    """Places that may fail for an output of a step that looked at what a gate left."""
    owner = ctx.project.by_id[carrier.parent]
    for pair in owner.outputs if isinstance(owner, Job) else ():
        if mentions(pair.value.text, carrier, "outputs"):
            for place in read_by_jobs(ctx, owner, pair, {"steps": Open()}):
                yield Evidence(pair.value.location, f"what is made of it goes on: {place}")
    for step in later[carrier.index - later[0].index + 1 :]:
        texts = [*(pair.value for pair in (*step.env, *step.with_))]
        script = script_of(ctx, step.id)
        texts += [text for text in (step.condition, script.source if script else None) if text]
        reads = any(mentions(text.text, carrier, "outputs") for text in texts)
        if reads and may_fail(ctx, step):
            yield Evidence(step.location, "this step reads what was made of it, and may fail")


def _is_called(ctx: Context, job: Job) -> bool:
    """Whether other workflows may call a job's, and give it inputs."""
    return any(each.event == "workflow_call" for each in ctx.project.workflow_of(job).triggers)


def read_in_step(ctx: Context, gate: Gate) -> Evidence | None:
    """A later command of the same step that reads what a gate wrote, in a script that may fail."""
    names = _written_by(ctx, gate) | _told_apart(ctx, gate)
    if gate.command is None or not names or not has_failure(ctx, gate.step):
        return None
    decides = output_decides(ctx, gate.command)
    if decides.state == "known" and not decides.known:
        return None
    commands = all_commands_of(ctx, gate.step.id)
    index = next((i for i, each in enumerate(commands) if each.id == gate.command.id), 0)
    for command in commands[index + 1 :]:
        if command.tool not in _SHOWS and any(name in command.text for name in names):
            here = origin_of(ctx, command)
            return Evidence(here.location, "this reads what it wrote, and the step may fail")
    return None


def _told_apart(ctx: Context, gate: Gate) -> set[str]:
    """The files, and the variables of the job, that tell a failure of a gate from a success."""
    failure = failure_of(ctx, gate.command) if gate.command else None
    if failure is None or failure.state != "known":
        return set()
    written = {name.rpartition("/")[2] for name in failure.known.written}
    if any("GITHUB_ENV" in name for name in written):
        written.add("env.")
    return {name for name in written if len(name) > 3 and "GITHUB" not in name}


def _written_by(ctx: Context, gate: Gate) -> set[str]:
    """The files that a gate writes, by their names."""
    if gate.command is None:
        keys = ("output", "output-file", "output_file_path", "sarif-file", "report-name")
        texts = [text.text for key in keys if (text := gate.step.input(key))]
        return {text.strip() for text in texts if len(text.strip()) > 3 and "$" not in text}
    command = gate.command
    found: set[str] = set()
    exact = words_of(ctx, command)
    for index, word in enumerate(command.beginnings):
        name, equals, value = word.partition("=")
        before = command.beginnings[index - 1] if index else ""
        if before in _WRITES or (equals and name in _WRITES):
            found.add((value if equals else word).rpartition("/")[2])
            found |= _variables(exact[index]) if index < len(exact) else set()
    for piece in _REDIRECTED.findall(command.text):
        found.add(piece.rpartition("/")[2])
    plain = {name for name in found if len(name) > 3 and "." in name and "$" not in name}
    named = {name.strip("${}") for name in found if "$" in name}
    return plain | {text for name in named if name for text in (f"${name}", f"${{{name}}}")}


def _variables(word: shell.Word) -> set[str]:
    return {f"${part.name}" for part in word.parts if isinstance(part, shell.Variable)}
