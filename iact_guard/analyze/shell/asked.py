"""Commands that are asked a question: the answer decides what is done."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.followed import script_with, way_to
from iact_guard.analyze.shell.scripts import paths_of
from iact_guard.data.tables import table
from iact_guard.load.wrappers import tool_of
from iact_guard.model.command import Command
from iact_guard.syntax import shell


def asked_by(ctx: Context, command: Command) -> bool:
    """Whether a branch or a handler acts on its answer: does the work, repairs, tries again."""
    script, way = script_with(ctx, command), way_to(ctx, command)
    path = paths_of(ctx, script).known.commands.get(command.start, ()) if script else ()
    for node, child in pairwise(path):
        if isinstance(node, shell.If) and any(child is each for each, _ in node.branches):
            if any(not _tells(each) for each in (*_branches(node), *_otherwise(path, node))):
                return True
        elif isinstance(node, shell.AndOr) and any(child is item for item in node.items[:-1]):
            index = next(i for i, item in enumerate(node.items) if item is child)
            later = node.items[index + 1 :]
            if any(_tool(each) == command.tool for item in later for each in _commands(item)):
                return True
    return asked_by(ctx, way.caller) if way else False


def _otherwise(path: Sequence[shell.Node], node: shell.If) -> Iterator[shell.Command]:
    """What stands behind an `if` that ends the script on a success: it is done on a failure."""
    index = next(i for i, each in enumerate(path) if each is node)
    negated = any(isinstance(each, shell.Pipeline) and each.negated for each in path[index:])
    if len(node.branches) > 1 or node.otherwise or negated or not _leaves(node.branches[0][1]):
        return
    for block in path[:index]:
        if isinstance(block, shell.Block):
            yield from (
                command
                for item in block.items
                if item.start > node.start
                for command in _commands(item.statement)
            )


def _leaves(body: shell.Block) -> bool:
    last = body.items[-1].statement if body.items else None
    return isinstance(last, shell.Command) and last.argv[:1] in (("exit",), ("return",))


def _branches(node: shell.If) -> Iterator[shell.Command]:
    for _, body in node.branches:
        yield from _commands(body)
    if node.otherwise:
        yield from _commands(node.otherwise)


def _commands(node: shell.Node) -> Iterator[shell.Command]:
    return (each for each in shell.walk(node) if isinstance(each, shell.Command) and each.words)


def _tool(node: shell.Command) -> str:
    return tool_of(node.argv[0])


def _tells(node: shell.Command) -> bool:
    """Whether a command only says how it went."""
    return _tool(node) in table("queries")["telling"]
