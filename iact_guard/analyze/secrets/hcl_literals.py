"""Literals given to names that mean a secret, in Terraform."""

from collections.abc import Iterator

from iact_guard.analyze.secrets.candidate import Candidate
from iact_guard.model import hcl
from iact_guard.redact.names import means_secret
from iact_guard.syntax import hcl as syntax
from iact_guard.syntax.text import Text

# Functions that hand a literal on, or fall back on it.
_HANDING_ON = frozenset(
    {"sensitive", "nonsensitive", "base64encode", "coalesce", "try", "tostring"}
)


def search(source: Text) -> Iterator[Candidate]:
    """Yield the candidates of a `.tf` or `.tfvars`; UnreadableError where it is neither."""
    pending = [("", syntax.parse(source).body)]
    while pending:
        label, body = pending.pop()
        for attribute in body.attributes:
            name = label if label and attribute.name == "default" else attribute.name
            yield from _given(name, attribute.expression)
        yield from _pair(body)
        for block in body.blocks:
            declared = block.type == "variable" and block.labels
            pending.append((block.labels[0] if declared else "", block.body))


def _pair(body: hcl.Body) -> Iterator[Candidate]:
    """`name = "DB_PASSWORD"` beside `value = "..."`: the environment of a container."""
    name, value = body.get("name"), body.get("value")
    if name and value and isinstance(name.expression, hcl.Literal):
        yield from _given(str(name.expression.value), value.expression)


def _given(name: str, expression: hcl.Expression) -> Iterator[Candidate]:
    """Yield the literals of an expression under a name, and those of the objects within it."""
    pending: list[tuple[str, hcl.Expression]] = [(name, expression)]
    while pending:
        name, current = pending.pop()
        match current:
            case hcl.Literal(value=str(text), location=place):
                if means_secret(name):
                    yield Candidate(name, text, place, 2)
            case hcl.Template(parts=parts, location=place):
                texts = [p.value for p in parts if isinstance(p, hcl.Literal)]
                if means_secret(name) and len(texts) == len(parts):
                    yield Candidate(name, "".join(map(str, texts)), place, 2)
            case hcl.Object(items=items):
                pending += [(_key(item.key), item.value) for item in reversed(items)]
                pending += _named(items)
            case hcl.Tuple(items=elements):
                pending += [(name, element) for element in reversed(elements)]
            case hcl.Conditional(then=then, otherwise=otherwise):
                pending += [(name, otherwise), (name, then)]
            case hcl.Call(name=function, arguments=arguments):
                inner = function in _HANDING_ON
                pending += [
                    (name, argument)
                    for argument in reversed(arguments)
                    if inner or not isinstance(argument, hcl.Literal | hcl.Template)
                ]


def _named(items: tuple[hcl.Item, ...]) -> list[tuple[str, hcl.Expression]]:
    by_key = {_key(item.key).lower(): item.value for item in items}
    name, value = by_key.get("name"), by_key.get("value")
    if value is None or not isinstance(name, hcl.Literal):
        return []
    return [(str(name.value), value)]


def _key(key: hcl.Expression) -> str:
    match key:
        case hcl.Literal(value=value):
            return str(value)
        case hcl.Variable(name=name):
            return name
    return ""
