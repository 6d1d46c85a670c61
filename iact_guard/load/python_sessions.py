"""Sessions of nox and tasks of invoke: what each runs, read from the program without running it."""

import ast
from collections.abc import Iterator

from iact_guard.model.authored import Authored
from iact_guard.model.records import dataclass
from iact_guard.syntax import python
from iact_guard.syntax.text import Text

_DECORATORS = frozenset({"session", "task"})
_RUNS = frozenset({"run", "run_always", "sudo"})
_TOLERANT = frozenset({"success_codes", "warn"})


@dataclass(frozen=True, slots=True)
class Line:
    """A command that a session runs."""

    words: tuple[str | None, ...]
    """None for one that is only known when it runs; empty where `source` is a whole text."""
    source: Authored
    takes_arguments: bool = False
    """`*session.posargs` stands at its end."""
    tolerated: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A session or a task."""

    name: str
    lines: tuple[Line, ...]
    needs: tuple[str, ...] = ()
    """Tasks that run before it."""
    unclear: str = ""


@dataclass(frozen=True, slots=True)
class Sessions:
    """All of a file."""

    sessions: tuple[Session, ...]
    chosen: tuple[str, ...] | None = None
    """`nox.options.sessions`; None where it says nothing of them."""


def load(source: Text) -> Sessions:
    """The sessions of a file, in order; UnreadableError where it is not Python."""
    module = python.parse(source)
    found, chosen = [], None
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            decorator = next((d for d in node.decorator_list if _name(d) in _DECORATORS), None)
            if decorator is not None:
                found.append(_session(module, node, decorator))
        elif (
            isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "nox.options.sessions"
        ):
            chosen = tuple(_strings(node.value))
    return Sessions(tuple(found), chosen)


def _name(node: ast.expr) -> str:
    target = node.func if isinstance(node, ast.Call) else node
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def _session(
    module: python.Module, node: ast.FunctionDef | ast.AsyncFunctionDef, decorator: ast.expr
) -> Session:
    name = node.name
    needs: list[str] = []
    if isinstance(decorator, ast.Call):
        needs += (each.id for each in decorator.args if isinstance(each, ast.Name))
        for keyword in decorator.keywords:
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                name = str(keyword.value.value)
            elif keyword.arg in ("pre", "requires"):
                needs += _strings(keyword.value)
    lines = tuple(_lines(module, node))
    return Session(name, lines, tuple(needs), "" if lines else "it runs nothing that can be read")


def _lines(module: python.Module, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Line]:
    argument = node.args.args[0].arg if node.args.args else ""
    calls = (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))
    for call in sorted(calls, key=lambda each: (each.lineno, each.col_offset)):
        target = call.func
        if not isinstance(target, ast.Attribute) or target.attr not in _RUNS or not call.args:
            continue
        if getattr(target.value, "id", "") != argument:
            continue
        place = module.head(call)
        tolerated = any(keyword.arg in _TOLERANT for keyword in call.keywords)
        first = call.args[0]
        if len(call.args) == 1 and isinstance(first, ast.Constant) and " " in str(first.value):
            yield Line((), Authored(str(first.value), place), False, tolerated)
            continue
        last = call.args[-1]
        takes = isinstance(last, ast.Starred) and "posargs" in ast.unparse(last.value)
        args = call.args[:-1] if takes else call.args
        words = tuple(_word(each) for each in args)
        yield Line(words, Authored("", place), takes, tolerated)


def _word(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _strings(node: ast.expr) -> Iterator[str]:
    for each in node.elts if isinstance(node, ast.List | ast.Tuple) else (node,):
        if isinstance(each, ast.Constant):
            yield str(each.value)
        elif isinstance(each, ast.Name):
            yield each.id
