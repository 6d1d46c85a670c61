"""Where a name of Python is looked up: in a call, a loop or a class, then in its module.

A module may be another one of the repository: names that it defines are followed there.
"""

import ast
import builtins
from collections.abc import Iterable

from iact_guard.load.python_modules import Modules
from iact_guard.load.python_names import Names, names_of
from iact_guard.model.records import dataclass
from iact_guard.syntax import python

MAX_DEPTH = 40
MAX_NODES = 400_000
MAX_REFUSALS = 10
MAX_STATEMENTS = 20
"""A helper that is longer does something else than to return a value."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Budget:
    """What reading one file may cost, in nodes, those of other modules included."""

    __slots__ = ("left", "refused")

    def __init__(self) -> None:
        self.left = MAX_NODES
        self.refused = 0

    def spend(self) -> bool:
        """Whether there was something left."""
        self.left -= 1
        return self.left >= 0


class Scope:
    """A module whose names are looked up."""

    def __init__(
        self, module: python.Module, names: Names, prefix: str, modules: Modules | None = None
    ) -> None:
        self.module = module
        self.names = names
        self.prefix = prefix
        """Before names that the module defines: empty for the file that is read."""
        self.modules = modules
        self.budget = Budget()
        self.open: set[str] = set()
        """Names whose values are being worked out."""
        self.beside: dict[str, Scope] = {}
        self.top = Frame(self)

    def elsewhere(self, dotted: str) -> "tuple[Scope, str] | None":
        """The other module of the repository that defines a name, and the name there."""
        found = self.modules.find(dotted, self.module.path) if self.modules else None
        if found is None:
            return None
        parsed, name = found
        path = parsed.module.path
        if path not in self.beside:
            prefix = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") + "."
            other = Scope(parsed.module, parsed.names, prefix, self.modules)
            other.budget, other.beside = self.budget, self.beside
            self.beside[path] = other
        return self.beside[path], name


class Frame:
    """Names that a call, a loop or a class binds, each with the frame that its value lives in."""

    __slots__ = ("outer", "scope", "values")

    def __init__(self, scope: Scope, outer: "Frame | None" = None) -> None:
        self.scope = scope
        self.values: dict[str, tuple[ast.expr, Frame]] = {}
        self.outer = outer

    def find(self, name: str) -> "tuple[ast.expr, Frame] | None":
        """The value of a name and its frame; None for a name of the module, or of nobody."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.values:
                return frame.values[name]
            frame = frame.outer
        return None


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a list; `hidden` says why the elements at this place cannot be told."""

    node: ast.expr
    frame: Frame
    conditional: bool
    hidden: str = ""
    origin: tuple[ast.expr, Frame] | None = None
    """Where the file that is read names it, if it stands in another one."""

    @property
    def place(self) -> tuple[ast.expr, Frame]:
        """Where it stands in the file that is read."""
        return self.origin or (self.node, self.frame)


def dotted(node: ast.expr, frame: Frame) -> str:
    """The full name of `a.b.c`, imports and plain aliases resolved; empty for anything else."""
    parts: list[str] = []
    found: tuple[ast.expr, Frame] | None = None
    for _ in range(MAX_DEPTH):
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        found = frame.find(node.id)
        alias = found[0] if found else frame.scope.names.single(node.id)
        if not isinstance(alias, ast.Name | ast.Attribute):
            break
        node, frame = alias, (found[1] if found else frame.scope.top)
    if not isinstance(node, ast.Name) or found:
        return ""
    names = frame.scope.names
    root = names.imports.get(node.id)
    if root is None:
        root = node.id if hasattr(builtins, node.id) else frame.scope.prefix + node.id
    return ".".join([root, *reversed(parts)])


def called(node: ast.Call, frame: Frame) -> tuple[Function, Frame] | None:
    """The helper that a call runs, of this module or another one, with its parameters bound."""
    scope = frame.scope
    match node.func:
        case ast.Name(id=name) if frame.find(name):
            return None
        case ast.Name(id=name) if name in scope.names.functions:
            return scope.names.functions[name], _bound(
                node, scope.names.functions[name], frame, scope
            )
        case ast.Name() | ast.Attribute():
            name = dotted(node.func, frame)
            if not name.rpartition(".")[2].islower():
                return None  # a class: nothing is to be run
            found = scope.elsewhere(name)
            function = found[0].names.functions.get(found[1]) if found else None
            if found and function:
                return function, _bound(node, function, frame, found[0])
    return None


def _bound(node: ast.Call, function: Function, frame: Frame, scope: Scope) -> Frame:
    """The parameters of a helper with what the call gives them, and what its body names."""
    inside = Frame(scope)
    parameters = [p.arg for p in (*function.args.posonlyargs, *function.args.args)]
    defaults = function.args.defaults
    for name, default in zip(parameters[len(parameters) - len(defaults) :], defaults, strict=True):
        inside.values[name] = (default, scope.top)
    for parameter, standard in zip(
        function.args.kwonlyargs, function.args.kw_defaults, strict=True
    ):
        if standard is not None:
            inside.values[parameter.arg] = (standard, scope.top)
    for name, given in zip(parameters, node.args, strict=False):
        inside.values[name] = (given, frame)
    for keyword in node.keywords:
        if keyword.arg:
            inside.values[keyword.arg] = (keyword.value, frame)
    local = names_of(function.body, "")
    inside.values |= {
        name: (value, inside) for name in local.values if (value := local.single(name)) is not None
    }
    return inside


def returns(function: Function) -> list[tuple[ast.expr, bool]]:
    """What a helper may return, if it does nothing else; with whether that hangs on a condition."""
    found: list[tuple[ast.expr, bool]] = []
    if len(function.body) > MAX_STATEMENTS:
        return found
    pending = [(statement, False) for statement in reversed(function.body)]
    while pending:
        statement, conditional = pending.pop()
        match statement:
            case ast.Return(value=ast.expr() as value):
                found.append((value, conditional))
            case ast.If(body=body, orelse=orelse):
                pending = [(s, True) for s, _ in pending]
                pending += [(inner, True) for inner in (*reversed(orelse), *reversed(body))]
            case ast.Assign(targets=targets) if not conditional and _plain(targets):
                pass  # a local name: the frame has it
            case ast.FunctionDef() | ast.Import() | ast.ImportFrom():
                pass
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case _:
                return []
    return found


def _plain(targets: Iterable[ast.expr]) -> bool:
    return all(isinstance(target, ast.Name) for target in targets)
