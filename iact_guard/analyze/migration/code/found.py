"""The function behind an argument of RunPython."""

import ast

from iact_guard.analyze.migration.code.modules import Module, Modules, statements
from iact_guard.analyze.migration.code.values import Local, Named
from iact_guard.model.literal import Call, Constant, Opaque, Reference, Value
from iact_guard.model.location import Location


def function_of(module: Module, value: Value) -> Local | Named | ast.Call | None:
    """The function, its name where it is defined elsewhere, or the call that makes a partial."""
    match value:
        case Reference(name=name):
            head, _, method = name.rpartition(".")
            if head in module.names.classes:
                return _method(module, head, method)
            if name in module.names.functions:
                return Local(module.names.functions[name], module.path)
            return Named(name) if "." in name else _of_any_class(module, name)
        case Call(function="functools.partial", location=place):
            node = _node(module, place, ast.Call)
            return node if isinstance(node, ast.Call) else None
        case Opaque(location=place):
            node = _node(module, place, ast.Lambda)
            return Local(node, module.path) if isinstance(node, ast.Lambda) else None
    return None


def refuses(modules: Modules, path: str, value: Value) -> bool:
    """Whether a function does nothing but raise."""
    module = modules.at(path)
    found = function_of(module, value) if module else None
    if isinstance(found, Named):
        elsewhere = modules.find(found.name, path)
        where, rest = elsewhere or (None, "")
        node = where.names.functions.get(rest) if where else None
        found = Local(node, where.path) if node and where else None
    if not isinstance(found, Local):
        return False
    body = [node for node in statements(found.node) if not _is_text(node)]
    return bool(body) and isinstance(body[0], ast.Raise)


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


def _of_any_class(module: Module, name: str) -> Local | None:
    """A function within the class of the migration, which its operations name without more."""
    for node in module.names.classes.values():
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef) and inner.name == name:
                return Local(inner, module.path)
    return None


def _method(module: Module, owner: str, name: str) -> Local | None:
    """A method of a class of the file: the class comes first, unless it is static."""
    for node in module.names.classes[owner].body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            decorators = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
            bound = (Named(owner),) if "classmethod" in decorators else ()
            return Local(node, module.path, bound=bound)
    return None


def _node(module: Module, place: Location, kind: type[ast.expr]) -> ast.expr | None:
    """The expression at a place."""
    for node in ast.walk(module.parsed.tree):
        if isinstance(node, kind) and node.lineno == place.line:
            found = module.parsed.location(node)
            if (found.line, found.column) == (place.line, place.column):
                return node
    return None
