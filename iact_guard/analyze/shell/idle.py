"""Whether a script only speaks: it prints, waits, or holds nothing but comments."""

from collections.abc import Iterator
from dataclasses import dataclass

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.scripts import script_of
from iact_guard.model.fact import Fact, known, not_applicable, unknown
from iact_guard.model.location import Location
from iact_guard.model.workflow import Step
from iact_guard.syntax import shell

_SPEAKS = frozenset({"echo", "printf"})
_IDLE = _SPEAKS | {"true", ":", "sleep", "set", "shopt", "date", "cd", "exit", "return"}
_TESTS = frozenset({"[", "test"})
_NOWHERE = frozenset({"/dev/null", "/dev/stderr", "/dev/stdout"})


@dataclass(frozen=True, slots=True)
class Spoken:
    """A script that does nothing but speak."""

    text: str
    """Everything that it prints, as written."""
    location: Location
    """Of the first thing that it does, or of the script; on one line."""
    sleeps: bool


@fact("step.spoken")
def spoken_by(ctx: Context, step: Step) -> Fact[Spoken | None]:
    """What a script says, where it does nothing else; None where it does something.

    Writing to a file does something, and so do annotations, outputs and summaries: others read
    them. So does a script that may end with a failure.
    """
    script = script_of(ctx, step.id)
    if script is None or step.run is None:
        return not_applicable("the step runs no script")
    if script.tree is None or script.tree.unparsed:
        return unknown("its script is not read")
    said: list[str] = []
    first: shell.Command | None = None
    sleeps = False
    asked = set(_asked(script.tree.body))
    for node in shell.walk(script.tree.body):
        if isinstance(node, shell.Redirect) and not _harmless(node):
            return known(None)
        strange = isinstance(node, shell.Coproc | shell.Function)
        if strange or (isinstance(node, shell.Conditional) and node.start not in asked):
            return known(None)
        if not isinstance(node, shell.Command) or not node.words:
            continue
        program, *words = node.argv
        text = script.tree.text[node.start : node.end]
        prints = program in _SPEAKS or (program == "cat" and not words and node.redirects)
        question = program in _TESTS and node.start in asked
        harmless = prints or question or program in _IDLE
        if not harmless or (program == "exit" and words != ["0"]):
            return known(None)
        if prints and "::" in text[:12]:  # a command to the runner
            return known(None)
        said += [text] if prints else []
        sleeps |= program == "sleep"
        first = first or node
    start, end = (first.start, first.end) if first else (0, len(script.source.text))
    place = script.source.first_line(start, max(end, start + 1))
    return known(Spoken("\n".join(said), place, sleeps))


def _asked(body: shell.Block) -> Iterator[int]:
    """Where the tests begin whose outcome only chooses what is said."""
    for node in shell.walk(body):
        if isinstance(node, shell.If):
            for condition, _ in node.branches:
                yield from (inner.start for inner in shell.walk(condition))


def _harmless(redirect: shell.Redirect) -> bool:
    if redirect.operator.startswith("<") or redirect.operator.endswith("&"):
        return True
    return redirect.target is not None and redirect.target.static in _NOWHERE
