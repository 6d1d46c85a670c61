"""Whether a gate is on by its own options and inputs: whether it fails when it finds something."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import links_to, script_with, way_to, words_of
from iact_guard.analyze.shell.gates import as_program, row_of
from iact_guard.analyze.shell.matching import given
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.gates.gate import Gate, action_row, words_in
from iact_guard.analyze.workflow.values import contexts_of, possible, with_env
from iact_guard.data.tables import Row
from iact_guard.load.yaml_nodes import get
from iact_guard.model.command import Command
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Job, Step
from iact_guard.syntax import shell, yaml
from iact_guard.syntax.expression import Contexts, Open

State = Literal["on", "off", "advisory", "conditional"]
_UPLOADS = "github/codeql-action/upload-sarif"
_RUN_TIME = "is only known when it runs"
_ARGUMENTS = ("arg", "opt", "flag", "param", "@", "*")
_NOTHING = ("", "0", "false", "none")


@dataclass(frozen=True, slots=True)
class Switch:
    """Whether a gate fails when it finds something, by what is written on it.

    `advisory`: it reports to code scanning or a service, which may stop the change elsewhere.
    """

    state: State
    at: str = ""
    """What decides it: `--exit-zero`, `exit-code: 0`; empty where it never fails by itself."""
    uploads: bool = False
    """It uploads to code scanning by itself: it is made to be judged there."""


@fact("gate.switch")
def switch_of(ctx: Context, gate: Gate) -> Fact[Switch]:
    """Whether a gate is switched on by its own options and inputs, with the place that decides."""
    return _of_command(ctx, gate) if gate.command else _of_action(ctx, gate)


def contexts_at(ctx: Context, step: Step) -> Contexts:
    """What the expressions of a step see; in an action hardly anything is known."""
    owner = ctx.project.by_id[step.parent]
    if isinstance(owner, Job):
        return with_env(contexts_of(ctx, owner).known, step)
    return {"github": Open(), "inputs": Open(), "env": Open(), "steps": Open(), "runner": Open()}


def _of_command(ctx: Context, gate: Gate) -> Fact[Switch]:
    row = row_of(ctx, gate.command) if gate.command else None
    if gate.command is None or row is None:
        return known(Switch("on"))
    command = as_program(gate.command)
    for option in row.get("off", ()):
        index = given(command, option)
        if index is not None:
            return _off(ctx, gate, command, row, option, index)
    wanted = row.get("on", ())
    if not wanted:
        return _configured(ctx, row, Switch("on")) or known(Switch("on"))
    for option in wanted:
        index = given(command, option)
        if index is not None:
            return _valued(ctx, gate, command, option, index)
    return _without(ctx, gate, command, row)


def _off(
    ctx: Context, gate: Gate, command: Command, row: Row, option: str, index: int
) -> Fact[Switch]:
    place = _word_at(ctx, command, index)
    message = f"with `{option.replace('=', ' ')}` it passes whatever it finds"
    evidence = (*links_to(ctx, command), Evidence(place, message))
    return known(Switch(_reported(ctx, gate, row), option.replace("=", " ")), message, evidence)


def _reported(ctx: Context, gate: Gate, row: Row) -> State:
    """`off`, or `advisory` where code scanning gets to see what it finds."""
    command = as_program(gate.command) if gate.command else None
    sarif = row.get("sarif", ())
    writes = command is not None and (
        any(given(command, option) is not None for option in sarif)
        or any(".sarif" in word for word in command.beginnings)
    )
    return "advisory" if writes and _is_uploaded(ctx, gate.step) else "off"


def _is_uploaded(ctx: Context, step: Step) -> bool:
    """Whether something of the same workflow or action uploads to code scanning."""
    owner = ctx.project.by_id[step.parent]
    steps: tuple[Step, ...] = owner.steps
    if isinstance(owner, Job):
        workflow = ctx.project.workflow_of(owner)
        steps = tuple(each for job in workflow.jobs for each in job.steps)
    return any(each.uses and parse_use(each.uses).name.lower() == _UPLOADS for each in steps)


def _valued(ctx: Context, gate: Gate, command: Command, option: str, index: int) -> Fact[Switch]:
    """An option that switches it on, with a value that may switch it off again."""
    after = index if command.beginnings[index] != option else index + 1
    if after >= len(command.argv) or command.argv[after] is not None:
        return known(Switch("on"))
    words = words_of(ctx, command)
    parts = words[after].parts if after < len(words) else ()
    texts = [each.expression for each in parts if isinstance(each, shell.Placeholder)]
    place = Evidence(_word_at(ctx, command, index), f"`{option}` {_RUN_TIME}")
    if len(texts) != 1:
        return unknown(f"the value of `{option}` {_RUN_TIME}", (place,))
    text = texts[0] if texts[0].startswith("${{") else f"${{{{ {texts[0]} }}}}"
    return _decided(possible(text, contexts_at(ctx, gate.step)), option, (place,), _NOTHING)


def _decided(
    options: tuple[str, ...] | None,
    what: str,
    evidence: tuple[Evidence, ...],
    off: tuple[str, ...],
    state: State = "off",
) -> Fact[Switch]:
    """The switch by all that a value can be; `off` are those that switch it off."""
    if options is None:
        return unknown(f"the value of `{what}` {_RUN_TIME}", evidence)
    outcomes = {each.strip().lower() in off for each in options}
    if outcomes == {True}:
        return known(Switch(state, what), f"`{what}` switches it off", evidence)
    if outcomes == {False}:
        return known(Switch("on", what), "", evidence)
    return known(Switch("conditional", what), f"`{what}` switches it off in some runs", evidence)


def _without(ctx: Context, gate: Gate, command: Command, row: Row) -> Fact[Switch]:
    """A tool that must be told to fail, and is not told on its command line."""
    option = row["on"][0]
    for index, word in enumerate(words_of(ctx, command)[1:], 1):
        if any(isinstance(p, shell.Variable) and _is_open(p) for p in word.parts):
            place = Evidence(_word_at(ctx, command, index), f"what stands here {_RUN_TIME}")
            return unknown(f"whether `{option}` is given {_RUN_TIME}", (place,))
    if "env" in row and _is_set(ctx, gate, row["env"]):
        return known(Switch("on", row["env"]))
    if found := _configured(ctx, row, Switch("off", option)):
        return found
    message = f"without `{option}` it passes whatever it finds"
    evidence = (*links_to(ctx, command), Evidence(command.location, message))
    return known(Switch(_reported(ctx, gate, row), f"no {option}"), message, evidence)


def _is_open(variable: shell.Variable) -> bool:
    """Whether a variable may hold options, by its name."""
    return any(part in variable.name.lower() for part in _ARGUMENTS)


def _is_set(ctx: Context, gate: Gate, name: str) -> bool:
    """Whether a variable is given to a gate, as anything but nothing."""
    owner = ctx.project.by_id[gate.step.parent]
    pairs = [*gate.step.env]
    if isinstance(owner, Job):
        pairs += (*owner.env, *ctx.project.workflow_of(owner).env)
    texts = [pair.value.text for pair in pairs if pair.key.text == name]
    if gate.command:
        texts += [value or "1" for key, value in gate.command.assigns if key == name]
    return any(text.strip().lower() not in _NOTHING for text in texts)


def _configured(ctx: Context, row: Row, otherwise: Switch) -> Fact[Switch] | None:
    """What a configuration file of the tool says; None where there is none."""
    files = [path for path in row.get("config", ()) if ctx.project.exists(path)]
    if not files:
        return None
    key = row["key"]
    try:
        documents = yaml.parse(ctx.project.text(files[0]))
    except UnreadableError:
        return unknown(f"{files[0]} cannot be read, and may decide it")
    node = get(documents[0].root, *key.split(".")) if documents else None
    if not isinstance(node, yaml.Scalar):
        return None
    place = Location(files[0], node.location.line, node.location.column)
    evidence = (Evidence(place, f"{files[0]} sets `{key}`"),)
    given = node.text.strip().lower() not in _NOTHING
    fails = given if otherwise.state == "off" else not given
    state: State = "on" if fails else "off"
    return known(Switch(state, f"{key}: {node.text}"), f"{files[0]} sets `{key}`", evidence)


def _word_at(ctx: Context, command: Command, index: int) -> Location:
    """Where a word of a command stands, the value behind an option included."""
    words = words_of(ctx, command)
    script = script_with(ctx, command)
    if index >= len(words) or script is None or way_to(ctx, command):
        return command.location
    return script.source.first_line(words[index].start, words[index].end)


def _of_action(ctx: Context, gate: Gate) -> Fact[Switch]:
    step = gate.step
    found = action_row(step.uses) if step.uses else None
    if found is None or step.uses is None:
        return known(Switch("on"))
    _, row = found
    if row.get("reports"):
        return known(Switch("advisory"), "it only reports what it finds")
    contexts = contexts_at(ctx, step)
    reported = _reported_by_action(ctx, step, row)
    if any("sarif" in word for word in words_in(step, row)) and _is_uploaded(ctx, step):
        reported = "advisory"
    for fact_ in _switched_off(step, row, contexts, reported):
        if fact_.state != "known" or fact_.known.state != "on":
            return fact_
    wanted: Mapping[str, list[str]] = row.get("on", {})
    if not wanted:
        return _configured(ctx, row, Switch("on")) or known(Switch("on"))
    for key, values in wanted.items():
        text = step.input(key)
        if text is None or not text.text.strip():
            continue
        options = possible(text, contexts)
        evidence = (Evidence(text.location, f"`{key}` decides whether it fails"),)
        if options is None:
            return unknown(f"the value of `{key}` {_RUN_TIME}", evidence)
        off = tuple(v for v in (o.strip().lower() for o in options) if values and v not in values)
        return _decided(options, f"{key}: {text.text.strip()}", evidence, off, reported)
    return _without_input(ctx, gate, row, reported)


def _switched_off(
    step: Step, row: dict[str, Any], contexts: Contexts, state: State
) -> Iterator[Fact[Switch]]:
    for key, values in row.get("off", {}).items():
        if text := step.input(key):
            what = f"{key}: {text.text.strip()}"
            evidence = (Evidence(text.location, f"`{what}` decides whether it fails"),)
            yield _decided(possible(text, contexts), what, evidence, tuple(values), state)
    words = words_in(step, row)
    for option in row.get("off_options", ()):
        text = step.input(row["arguments"])
        pair = f" {' '.join(words)} "
        if text and (f" {option} " in pair or f" {option.replace('=', ' ')} " in pair):
            start = max(text.text.find(option.partition("=")[0]), 0)
            place = text.first_line(start, start + len(option))
            message = f"with `{option}` it passes whatever it finds"
            yield known(Switch(state, option), message, (Evidence(place, message),))
    for key, values in row.get("env", {}).items():
        for each in step.env:
            if each.key.text == key:
                evidence = (Evidence(each.value.location, f"`{key}` decides whether it fails"),)
                options = possible(each.value, contexts)
                yield _decided(options, f"{key}: {each.value.text}", evidence, tuple(values))


def _reported_by_action(ctx: Context, step: Step, row: dict[str, Any]) -> State:
    """`off`, or `advisory` where code scanning gets to see what it finds."""
    for key, values in row.get("sarif", {}).items():
        text = step.input(key)
        if (text.text.strip().lower() if text else "") in values:
            return "advisory" if row.get("uploads") or _is_uploaded(ctx, step) else "off"
    return "off"


def _without_input(ctx: Context, gate: Gate, row: dict[str, Any], state: State) -> Fact[Switch]:
    """An action that must be told to fail, and is not."""
    key = next(iter(row["on"]))
    if "variable" in row and _is_set(ctx, gate, row["variable"]):
        return known(Switch("on", row["variable"]))
    if "file" in row and (named := gate.step.input(row["file"])):
        evidence = (Evidence(named.location, "this file may decide it"),)
        return unknown(f"whether {named.text} sets `{key}` is not known", evidence)
    if found := _configured(ctx, row, Switch("off", key)):
        return found
    message = f"without `{key}` it passes whatever it finds"
    evidence = (Evidence(gate.location, message),)
    uploads = row.get("uploads", False)
    switch = Switch("advisory") if row.get("silent") else Switch(state, f"no {key}", uploads)
    return known(switch, message, evidence)
