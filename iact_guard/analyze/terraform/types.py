"""Type constraints of variables: what an argument becomes, defaults of `optional` included."""

from iact_guard.analyze.terraform import conversion as to
from iact_guard.analyze.terraform.conversion import UnresolvedError
from iact_guard.model import hcl
from iact_guard.model.value import Entries, Items, Value, failed, known, null


def convert(value: Value, type: hcl.Expression) -> Value:
    """The value in the type; unknown where the files do not tell."""
    try:
        return _convert(to.measured(value), type)
    except UnresolvedError as error:
        return error.value.made_of(value)


def _convert(value: Value, type: hcl.Expression) -> Value:
    if value.state != "known":
        return value
    if isinstance(type, hcl.Variable):
        return _primitive(value, type.name)
    if not isinstance(type, hcl.Call) or not type.arguments:
        return value
    inner = type.arguments[0]
    match type.name:
        case "list" | "set":
            elements = (convert(item, inner) for item in to.items(value).values)
            return known(to.bounded(elements, is_set=type.name == "set"), value)
        case "map":
            found = to.entries(value)
            table = {key: convert(item, inner) for key, item in found.values.items()}
            return known(Entries(table, found.others), value)
        case "tuple" if isinstance(inner, hcl.Tuple):
            pairs = zip(to.items(value).values, inner.items, strict=False)
            return known(Items(tuple(convert(item, kind) for item, kind in pairs)), value)
        case "object" if isinstance(inner, hcl.Object):
            return _object(value, inner)
    return value


def _primitive(value: Value, name: str) -> Value:
    match name:
        case "string":
            return known(to.string(value), value)
        case "number":
            return known(to.numeric(value), value)
        case "bool":
            return known(to.boolean(value), value)
    return value


def _object(value: Value, type: hcl.Object) -> Value:
    """Attributes that the type does not name are dropped, as Terraform does."""
    given = known(to.entries(value), value)
    made: dict[str, Value] = {}
    for item in type.items:
        if not (isinstance(item.key, hcl.Literal) and isinstance(item.key.value, str)):
            continue
        kind, default, optional = _optional(item.value)
        found = given.get(item.key.value)
        if found.nothing and default is not None:
            found = default
        if found.state == "absent":
            found = null() if optional else failed("an attribute is missing", value)
        made[item.key.value] = convert(found, kind)
    return known(Entries(made), value)


def _optional(type: hcl.Expression) -> tuple[hcl.Expression, Value | None, bool]:
    """The type, the default and whether it may be left out."""
    if not (isinstance(type, hcl.Call) and type.name == "optional" and type.arguments):
        return type, None, False
    default = constant(type.arguments[1]) if len(type.arguments) > 1 else None
    return type.arguments[0], default, True


def constant(node: hcl.Expression) -> Value:
    """The value of an expression without references, as defaults are."""
    match node:
        case hcl.Literal():
            return to.nullable(node.value)
        case hcl.Tuple():
            return known(Items(tuple(constant(item) for item in node.items)))
        case hcl.Object():
            pairs = ((item.key, constant(item.value)) for item in node.items)
            return known(Entries({str(k.value): v for k, v in pairs if isinstance(k, hcl.Literal)}))
    return failed("a default that is no constant")
