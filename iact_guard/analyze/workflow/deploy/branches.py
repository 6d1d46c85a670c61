"""The part of a script that is there for a failure: a trap, what stands behind `||`, `if !`."""

from itertools import pairwise

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import script_with
from iact_guard.analyze.shell.scripts import paths_of
from iact_guard.load.script import Script
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.syntax import shell

_FAILURES = frozenset({"ERR", "EXIT"})


def handles_failure(ctx: Context, command: Command, tries: frozenset[int] = frozenset()) -> bool:
    """Whether a command only runs after another one of its script failed.

    Behind the `||` of one that begins at an offset of `tries` it is another try of the same.
    """
    script = script_with(ctx, command)
    if script is None or script.tree is None or command.embedded:
        return False
    path = paths_of(ctx, script).known.commands.get(command.start, ())
    trapped = _trapped(ctx, script).known
    return any(_is_for_failure(outer, inner, trapped, tries) for outer, inner in pairwise(path))


def _is_for_failure(
    outer: shell.Node, inner: shell.Node, trapped: frozenset[str], tries: frozenset[int]
) -> bool:
    if isinstance(outer, shell.Function):
        return outer.name in trapped
    if isinstance(outer, shell.AndOr):
        index = next((i for i, each in enumerate(outer.items) if each is inner), 0)
        if index == 0 or outer.operators[index - 1] != "||":
            return False
        return not any(outer.start <= start < inner.start for start in tries)
    if isinstance(outer, shell.If):
        condition, body = outer.branches[0]
        last = condition.items[-1].statement if condition.items else None
        return inner is body and isinstance(last, shell.Pipeline) and last.negated
    return False


@fact("script.trapped")
def _trapped(ctx: Context, script: Script) -> Fact[frozenset[str]]:
    """The functions that a `trap` calls when the script fails or ends."""
    found: set[str] = set()
    for node in shell.walk(script.tree.body) if script.tree else ():
        argv = node.argv if isinstance(node, shell.Command) else ()
        if argv[:1] == ("trap",) and not _FAILURES.isdisjoint(word or "" for word in argv[2:]):
            found.update((argv[1] or "").split())
    return known(frozenset(found))
