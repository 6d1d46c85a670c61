"""Scripts that do one of many things, by their first argument: what a call passes by."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import pairwise

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.followed import Way, way_to
from iact_guard.analyze.shell.options import Path
from iact_guard.analyze.shell.scripts import paths_of
from iact_guard.model.command import Command
from iact_guard.syntax import shell

MAX_DEPTH = 5
"""Functions that call functions."""
_OWN_TEXT = frozenset({"", ":-", "-", ":?", "?"})


def passes_by(ctx: Context, command: Command) -> bool:
    """Whether the step's call of a script, by its arguments, never comes to a command in it."""
    way = way_to(ctx, command)
    while way:
        paths = paths_of(ctx, way.script).known.commands
        if _is_passed(paths, paths.get(command.start, ()), way, MAX_DEPTH):
            return True
        command = way.caller
        way = way_to(ctx, command)
    return False


def _is_passed(paths: dict[int, Path], path: Path, way: Way, depth: int) -> bool:
    for node, child in pairwise(path):
        if isinstance(node, shell.Function):
            return depth > 0 and _is_never_called(paths, node.name, way, depth)
        if isinstance(node, shell.Case) and isinstance(child, shell.Arm):
            taken = _taken(node, way)
            if taken is not None and taken is not child:
                return True
    return False


def _is_never_called(paths: dict[int, Path], name: str, way: Way, depth: int) -> bool:
    """Whether every call of a function is itself passed by; a library's are elsewhere."""
    if way.caller.tool in (".", "source"):
        return False
    calls = [path for path in paths.values() if _calls(path[-1], name)]
    return bool(calls) and all(_is_passed(paths, path, way, depth - 1) for path in calls)


def _calls(node: shell.Node, name: str) -> bool:
    return isinstance(node, shell.Command) and name in node.argv


def _taken(case: shell.Case, way: Way) -> shell.Arm | None:
    """The arm that is taken; None where that hangs on more than the arguments."""
    value = _value(case.word, way)
    if value is None or any(arm.terminator not in (";;", "") for arm in case.arms):
        return None
    for arm in case.arms:
        for pattern in arm.patterns:
            if pattern.static is None:
                return None
            if fnmatchcase(value, pattern.static):
                return arm
    return None


def _value(word: shell.Word, way: Way) -> str | None:
    """What `$1` is, or a variable that was set to it once."""
    variable = _variable(word)
    if variable is None:
        return None
    if variable.name.isdigit():
        index = int(variable.name)
        return way.caller.argv[index] if 0 < index < len(way.caller.argv) else None
    given = list(_assigned(way, variable.name))
    if len(given) != 1 or given[0] is None or not given[0].name.isdigit():
        return None
    index = int(given[0].name)
    return way.caller.argv[index] if 0 < index < len(way.caller.argv) else None


def _assigned(way: Way, name: str) -> Iterator[shell.Variable | None]:
    if way.script.tree is None:
        return
    for node in shell.walk(way.script.tree.body):
        for each in node.assignments if isinstance(node, shell.Command) else ():
            if each.name == name:
                yield _variable(each.value[0]) if len(each.value) == 1 else None


def _variable(word: shell.Word) -> shell.Variable | None:
    part = word.parts[0] if len(word.parts) == 1 else None
    if isinstance(part, shell.Variable) and part.operator in _OWN_TEXT:
        return part
    return None
