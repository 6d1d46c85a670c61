"""The function behind an argument of RunPython."""

import ast

from iact_guard.analyze.migration.code.values import Local, Named
from iact_guard.load.python_modules import Modules, Parsed
from iact_guard.model.literal import Call, Constant, Opaque, Reference, Value
from iact_guard.model.location import Location


def function_of(module: Parsed, value: Value) -> Local | Named | ast.Call | None:
    """The function, its name where it is defined elsewhere, or the call that makes it."""
    match value:
        case Reference(name=name):
            head, _, method = name.rpartition(".")
            if head in module.names.classes:
                return _method(module, head, method)
            if name in module.names.functions:
                return Local(module.names.functions[name], module.module.path)
            return Named(name) if "." in name else _of_any_class(module, name)
        case Call(location=place):  # a partial, or a function that makes one
            node = _node(module, place, ast.Call)
            return node if isinstance(node, ast.Call) else None
        case Opaque(location=place):
            node = _node(module, place, ast.Lambda)
            return Local(node, module.module.path) if isinstance(node, ast.Lambda) else None
    return None


def refuses(modules: Modules, path: str, value: Value) -> bool:
    """Whether a function does nothing but raise."""
    module = modules.at(path)
    found = function_of(module, value) if module else None
    if isinstance(found, Named):
        found = elsewhere(modules, found.name, path)
    if not isinstance(found, Local):
        return False
    body = [node for node in statements(found.node) if not _is_text(node)]
    return bool(body) and isinstance(body[0], ast.Raise)


def elsewhere(modules: Modules, name: str, path: str) -> Local | None:
    """A function or the method of a class by its dotted name, as a file at `path` names it."""
    found = modules.find(name, path)
    if found is None:
        return None
    module, rest = found
    head, _, method = rest.rpartition(".")
    if head in module.names.classes:
        return _method(module, head, method)
    node = module.names.functions.get(rest)
    return Local(node, module.module.path) if node else None


def shown(value: Value) -> str:
    """What to call it in a message."""
    match value:
        case Reference(name=name) | Call(function=name):
            return name
        case Constant(value=plain):
            return type(plain).__name__
    return "a computed function"


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _of_any_class(module: Parsed, name: str) -> Local | None:
    """A function within the class of the migration, which its operations name without more."""
    for node in module.names.classes.values():
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef) and inner.name == name:
                return Local(inner, module.module.path)
    return None


def _method(module: Parsed, owner: str, name: str) -> Local | None:
    """A method of a class of the file: the class comes first, unless it is static."""
    for node in module.names.classes[owner].body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            decorators = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
            bound = (Named(owner),) if "classmethod" in decorators else ()
            return Local(node, module.module.path, bound=bound)
    return None


def _node(module: Parsed, place: Location, kind: type[ast.expr]) -> ast.expr | None:
    """The expression at a place."""
    for node in ast.walk(module.module.tree):
        if isinstance(node, kind) and node.lineno == place.line:
            found = module.module.location(node)
            if (found.line, found.column) == (place.line, place.column):
                return node
    return None


def statements(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[ast.stmt]:
    """The body of a function."""
    if isinstance(node, ast.Lambda):
        return [ast.copy_location(ast.Return(node.body), node.body)]
    return node.body
