"""Whether a script only speaks: it prints, waits, or holds nothing but comments."""

from collections.abc import Iterator
from itertools import pairwise

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.failure import failure_of
from iact_guard.analyze.shell.scripts import commands_of, script_of
from iact_guard.data.tables import table
from iact_guard.load.wrappers import inner_of, wrapper_of
from iact_guard.model.fact import Fact, known, not_applicable, unknown
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Step
from iact_guard.syntax import shell

_SPEAKS = frozenset({"echo", "printf"})
_IDLE = _SPEAKS | {"true", ":", "sleep", "set", "shopt", "date", "cd", "exit", "return"}
_TESTS = frozenset({"[", "test"})
_SEARCHES = frozenset({"grep", "egrep", "command", "which"})
_LISTED = 2
"""Words of a call that lists: the verb and the kind of thing."""
_NOWHERE = frozenset({"/dev/null", "/dev/stderr", "/dev/stdout"})


@dataclass(frozen=True, slots=True)
class Spoken:
    """A script that does nothing but speak."""

    text: str
    """Everything that it prints, as written."""
    location: Location
    """Of the first thing that it does, or of the script; on one line."""
    sleeps: bool
    asks: bool = False
    """It asks for something, and what it hears only chooses what it says, or is said."""
    reads: bool = False
    """It asks how things stand, and nothing judges the answer."""


@fact("step.spoken")
def spoken_by(ctx: Context, step: Step) -> Fact[Spoken | None]:
    """What a script says, where it does nothing else; None where it does something.

    Writing to a file does something, and so do annotations, outputs and summaries: others read
    them. So does a script that may end with a failure.
    """
    return _idle(ctx, step, reads=False)


@fact("step.told")
def told_by(ctx: Context, step: Step) -> Fact[Spoken | None]:
    """The same for a script that may also read how things stand, and compares it with nothing."""
    return _idle(ctx, step, reads=True)


def _idle(ctx: Context, step: Step, *, reads: bool) -> Fact[Spoken | None]:
    script = script_of(ctx, step.id)
    if script is None or step.run is None:
        return not_applicable("the step runs no script")
    if script.tree is None or script.tree.unparsed:
        return unknown("its script is not read")
    said: list[str] = []
    first: shell.Command | None = None
    sleeps = asks = answers = False
    asked, chosen = set(_asked(script.tree.body)), set(_chosen(script.tree.body))
    shown = _shown(script.tree.body) if reads else ()
    for node in shell.walk(script.tree.body):
        if any(start <= node.start < end for start, end in shown) and not _acts(node):
            asks |= isinstance(node, shell.Command | shell.Conditional)
            continue  # its status is lost: it is only shown
        if isinstance(node, shell.Redirect) and not _harmless(node):
            return known(None)
        asks |= isinstance(node, shell.If)
        strange = isinstance(node, shell.Coproc | shell.Function)
        if strange or (isinstance(node, shell.Conditional) and node.start not in asked):
            return known(None)
        if not isinstance(node, shell.Command) or not node.words:
            continue
        program, *words = node.argv
        text = script.tree.text[node.start : node.end]
        prints = program in _SPEAKS or (program == "cat" and not words and node.redirects)
        question = program in _TESTS and node.start in asked
        read = reads and _reads(node.argv)
        if read and node.start not in chosen and _misses(ctx, step, node):
            return known(None)
        harmless = prints or question or program in _IDLE or read
        if not harmless or (program == "exit" and words != ["0"]):
            return known(None)
        if prints and "::" in text[:12]:  # a command to the runner
            return known(None)
        said += [text] if prints else []
        sleeps |= program == "sleep"
        answers |= read
        first = first or node
    start, end = (first.start, first.end) if first else (0, len(script.source.text))
    place = script.source.first_line(start, max(end, start + 1))
    return known(Spoken("\n".join(said), place, sleeps, asks, answers))


def _shown(body: shell.Block) -> tuple[tuple[int, int], ...]:
    """Where the substitutions stand among the words of what is printed."""
    return tuple(
        (inner.start, inner.end)
        for node in shell.walk(body)
        if isinstance(node, shell.Command) and node.argv[:1] and node.argv[0] in _SPEAKS
        for inner in shell.walk(node)
        if isinstance(inner, shell.Substitution)
    )


def _acts(node: shell.Node) -> bool:
    """Whether a part of what is shown does more than ask."""
    if isinstance(node, shell.Redirect):
        return not _harmless(node)
    if not isinstance(node, shell.Command) or not node.words:
        return False
    program = node.argv[0]
    return not (program in _SPEAKS | _IDLE | _TESTS | _SEARCHES or _reads(node.argv))


def _misses(ctx: Context, step: Step, node: shell.Command) -> bool:
    """Whether a command reads a place by its name, and the step fails where that is not there."""
    program, *words = node.argv
    if program not in table("queries")["reading"]["naming"].split():
        return False
    if all(not word or word.startswith("-") or not word.strip("./*") for word in words):
        return False
    own = next(each for each in commands_of(ctx, step.id) if each.start == node.start)
    failure = failure_of(ctx, own)
    return failure.state != "known" or failure.known.verdict != "swallowed"


def _reads(argv: tuple[str | None, ...]) -> bool:
    """Whether a command only reads, and fails for nothing that it reads."""
    program, *words = argv
    rows = table("queries")["reading"]
    if program is None or set(rows["without"]) & set(words):
        return False
    if program in rows["programs"].split():
        return all(inner[0] in _SPEAKS or _reads(inner) for inner in _run_by(argv))
    verbs = tuple(rows["verbs"].get(program, ()))
    named = [w for before, w in pairwise(argv) if before not in rows["values"]]
    plain = [word for word in named if word is None or not word.startswith("-")]
    if not verbs or not any(word and word.startswith(verbs) for word in plain[:3]):
        return False
    return program not in rows["listing"] or len(plain) <= _LISTED


def _run_by(argv: tuple[str | None, ...]) -> Iterator[tuple[str | None, ...]]:
    """The commands that a command runs: those of `xargs` and `find -exec`."""
    wrapper, index = wrapper_of(argv) or (None, 0)
    if wrapper and wrapper.after:
        yield from (argv[i:] for i in range(1, len(argv)) if argv[i - 1] in wrapper.after)
    elif wrapper and (inner := inner_of(argv, wrapper, index)):
        yield argv[inner.index :]


def _asked(body: shell.Block) -> Iterator[int]:
    """Where the tests begin whose outcome only chooses what is said."""
    for node in shell.walk(body):
        if isinstance(node, shell.If):
            for condition, _ in node.branches:
                yield from (inner.start for inner in shell.walk(condition))


def _chosen(body: shell.Block) -> Iterator[int]:
    """Where the commands of branches begin: what they read was looked for."""
    for node in shell.walk(body):
        for _, branch in node.branches if isinstance(node, shell.If) else ():
            yield from (inner.start for inner in shell.walk(branch))


def _harmless(redirect: shell.Redirect) -> bool:
    if redirect.operator.startswith("<") or redirect.operator.endswith("&"):
        return True
    return redirect.target is not None and redirect.target.static in _NOWHERE
