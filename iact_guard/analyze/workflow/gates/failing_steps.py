"""Steps that were written to fail: their scripts end themselves with a failure."""

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.failure import failure_of
from iact_guard.analyze.shell.followed import all_commands_of
from iact_guard.analyze.shell.scripts import script_of
from iact_guard.analyze.uses import parse_use
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Step
from iact_guard.syntax.expression import Contexts, ExpressionError, evaluate, parse, parts, truth

_FAILING_TEXT = regex(r"\bexit\s*\(?\s*[1-9]|sys\.exit|setFailed|\bthrow\b|raise\b|process\.exit")
_TELLING = regex(r"comment|slack|notif|report|summary|message|annotat|teams|discord|mail")
_ANSWERS = frozenset({"false", "[", "test"})
_MUTE = frozenset({"actions/github-script", "actions/checkout", "actions/cache"})
"""Actions that do as they are told; a script that fails is looked at by itself."""


def may_fail(ctx: Context, step: Step) -> bool:
    """Whether a step ends itself with a failure somewhere in its script, and turns red by it."""
    if step.continue_on_error and step.continue_on_error.text.strip() == "true":
        return False
    return has_failure(ctx, step)


def has_failure(ctx: Context, step: Step) -> bool:
    """Whether a script ends itself with a failure somewhere."""
    script = step.input("script")
    if script and _FAILING_TEXT.search(script.text):
        return True
    own = script_of(ctx, step.id)
    if own and own.tree is None:
        return bool(_FAILING_TEXT.search(own.source.text))
    return any(_ends(ctx, command) for command in all_commands_of(ctx, step.id))


def may_judge(step: Step) -> bool:
    """Whether an action may fail for what it is given; some only speak of it."""
    if step.uses is None or parse_use(step.uses).kind == "docker":
        return False
    name = parse_use(step.uses).name.lower()
    return name not in _MUTE and not _TELLING.search(step.uses.text.lower())


def holds(condition: Authored, contexts: Contexts) -> bool | None:
    """Whether an `if` holds; None where more than the contexts decides."""
    pieces = [part.text for part in parts(condition.text) if part.is_expression]
    try:
        return truth(evaluate(parse(pieces[0] if len(pieces) == 1 else condition.text), contexts))
    except ExpressionError:
        return None


def _ends(ctx: Context, command: Command) -> bool:
    """Whether a command may end its step with a failure that it was written for."""
    if command.tool == "exit":
        return command.words[:1] not in ((), ("0",))
    if command.tool in ("python", "node"):
        return bool(_FAILING_TEXT.search(command.text))
    if command.tool not in _ANSWERS:
        return False
    failure = failure_of(ctx, command)
    return failure.state == "known" and failure.known.verdict != "swallowed"
