"""How a step ends by what it was written for: scripts and actions that judge other jobs."""

import json
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.scripts import script_of
from iact_guard.analyze.workflow.run.condition import pieces_of
from iact_guard.analyze.workflow.run.deciding import decides, needs_in
from iact_guard.analyze.workflow.run.played import Filled, parsed, played
from iact_guard.analyze.workflow.run.programs import Text, UnclearError
from iact_guard.analyze.workflow.run.result import Result
from iact_guard.analyze.workflow.run.scope import Scope
from iact_guard.data.tables import table
from iact_guard.model.authored import Authored
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Step
from iact_guard.syntax import shell
from iact_guard.syntax.expression import Unknown, parts, to_text

MAX_LENGTH = 20_000
"""Characters of a script that is played through."""
UNCLEAR = "how this step judges: "
"""The beginning of a question that a run asks where a judgement is not understood."""
_PLAIN = regex(r"[\w .,:/@-]*")
_SPECIAL = frozenset("\"'`$\\")
_FAILS_AT_ONCE = ("core.setFailed(", "throw ", "process.exit(1)")
Judgement = tuple[Result, str]


def judge(ctx: Context, step: Step, place: Scope) -> Judgement:
    """How a step ends, and why: without a sign of the contrary it succeeds."""
    if not decides(step):
        return "success", ""
    if step.run is not None:
        return _script(ctx, step, step.run, place)
    if step.uses is None:
        return "success", ""
    name = step.uses.text.partition("@")[0].strip().lower()
    row = table("aggregators")["action"].get(name)
    if row is None:
        return _javascript(step, place)
    return _alls_green(step, place) if row["judge"] == "alls-green" else _unclear(step, place, name)


def _script(ctx: Context, step: Step, text: Authored, place: Scope) -> Judgement:
    if text.text.strip() in ("exit 1", "false"):
        return "failure", "it does nothing but fail"
    script = script_of(ctx, step.id)
    judges = _judges(step, place)
    try:
        if script is None or not script.reader.understood or len(text.text) > MAX_LENGTH:
            raise UnclearError("its script is not followed")
        status = played(
            _filled(script.tree, text.text, place, chooses=judges),
            lambda name: _environment(name, place, chooses=judges),
            errexit=script.reader.errexit,
            pipefail=script.reader.pipefail,
        )
    except (UnclearError, RecursionError) as error:
        reason = str(error) if isinstance(error, UnclearError) else "it is too deep"
        return _unclear(step, place, reason) if judges else ("success", "")
    if status == 0:
        return "success", ""
    return "failure", "its script fails" + (" with these results" if judges else "")


def _judges(step: Step, place: Scope) -> bool:
    """Whether it looks at other jobs, be it through its environment or its inputs."""
    texts = [pair.value.text for pair in (*step.env, *step.with_)]
    if step.run:
        texts.append(step.run.text)
        texts += [g.text for path, g in place.given.items() if _is_used(path, step.run.text)]
    for path, given in place.given.items():
        if path[0] == "inputs" and any(f"inputs.{path[1]}" in text.lower() for text in texts):
            texts.append(given.text)
    return any(needs_in(text) for text in texts if "needs" in text)


def _is_used(path: tuple[str, ...], script: str) -> bool:
    """Whether a script reads a variable of its environment."""
    if path[0] != "env":
        return False
    lower = script.lower()
    return f"${path[1]}" in lower or f"${{{path[1]}" in lower


def _filled(tree: shell.Script | None, text: str, place: Scope, *, chooses: bool) -> Filled:
    """The script as the shell reads it: values in the place of expressions.

    Only for what judges other jobs a run chooses what is not known. Values that mean nothing to a
    shell leave the tree as it is; others are pasted, and the text is read again.
    """
    pieces = pieces_of(text) or (text,)
    values: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            continue
        known = place.value(piece) if chooses else place.known(piece)
        if isinstance(known, Unknown):
            raise UnclearError("what is pasted into it cannot be told")
        values.append(to_text(known))
    if tree and not tree.unparsed and all(_PLAIN.fullmatch(value) for value in values):
        return Filled(tree, dict(zip(_written(text), values, strict=True)))
    found: list[str] = []
    rest = iter(values)
    for piece in pieces:
        value = piece if isinstance(piece, str) else next(rest)
        quoted = bool(found) and found[-1].endswith("'")
        if not isinstance(piece, str) and not quoted and _SPECIAL & set(value):
            raise UnclearError("what is pasted into it holds quotes")
        found.append(value)
    return Filled(parsed("".join(found)), {})


def _written(text: str) -> list[str]:
    return [part.text for part in parts(text) if part.is_expression]


def _environment(name: str, place: Scope, *, chooses: bool) -> Text:
    """A variable of the step's environment; None for what may have been set elsewhere."""
    given = place.given.get(("env", name.lower()))
    if given and not chooses:
        return given.scope.known_text(given.text)
    if given:
        return to_text(given.typed(given.scope.text(given.text)))
    if name.startswith("GITHUB_"):
        known = place.contexts.get("github")
        key = name.removeprefix("GITHUB_").lower()
        if isinstance(known, dict) and isinstance(known.get(key), str):
            return str(known[key])
    return "" if name.islower() else None


def _alls_green(step: Step, place: Scope) -> Judgement:
    """Every job of `jobs` must succeed; the other two inputs name exceptions."""
    needs = _json(step, "jobs", place)
    failures, skips = _names(step, "allowed-failures", place), _names(step, "allowed-skips", place)
    if not isinstance(needs, dict) or failures is None or skips is None:
        return _unclear(step, place, "its inputs cannot be told")
    if not needs:
        return "failure", "there are no jobs to judge"
    for name, job in needs.items():
        result = job.get("result") if isinstance(job, dict) else None
        if result == "success" or name in failures or (result == "skipped" and name in skips):
            continue
        return "failure", f"{name} ended as {result}"
    return "success", ""


def _json(step: Step, name: str, place: Scope) -> Any:
    given = step.input(name)
    try:
        return json.loads(to_text(place.text(given.text))) if given else None
    except ValueError:
        return None


def _names(step: Step, name: str, place: Scope) -> frozenset[str] | None:
    """A list in JSON, or with commas between."""
    given = step.input(name)
    if given is None:
        return frozenset()
    text = to_text(place.text(given.text))
    try:
        found = json.loads(text)
    except ValueError:
        found = [each.strip() for each in text.split(",")]
    return frozenset(map(str, found)) if isinstance(found, list) else frozenset()


def _javascript(step: Step, place: Scope) -> Judgement:
    script = step.input("script")
    if script and script.text.strip().startswith(_FAILS_AT_ONCE):
        return "failure", "it does nothing but fail"
    if script and _judges(step, place) and any(sign in script.text for sign in _FAILS_AT_ONCE):
        return _unclear(step, place, "its script is not followed")
    return "success", ""


def _unclear(step: Step, place: Scope, reason: str) -> Judgement:
    question = (place.key, f"{UNCLEAR}{step.id}")
    result: Result = place.chosen.one_of(question, ("failure", "success"))
    return result, f"how it judges cannot be told: {reason}"
