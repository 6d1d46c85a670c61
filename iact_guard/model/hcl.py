"""HCL as its author wrote it: bodies, blocks, attributes and expressions, each with its place."""

from typing import TypeAlias

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.source import Problem


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """A number, a string without interpolation, a boolean or null."""

    value: str | int | float | bool | None
    location: Location


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A string with parts; `"${x}"` alone is x itself, and no template."""

    parts: tuple["Expression", ...]
    location: Location


@dataclass(frozen=True, slots=True, eq=False)
class TemplateFor:
    """`%{ for key, value in collection }body%{ endfor }`; `key` may be empty."""

    key: str
    value: str
    collection: "Expression"
    body: Template
    location: Location


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """The first name of a reference: `var`, `local`, `aws_s3_bucket`, a name bound by `for`."""

    name: str
    location: Location


@dataclass(frozen=True, slots=True, eq=False)
class GetAttr:
    """`.name`."""

    name: str
    location: Location


@dataclass(frozen=True, slots=True, eq=False)
class GetIndex:
    """`[key]`, and the old `.0`."""

    key: "Expression"
    location: Location


@dataclass(frozen=True, slots=True, eq=False)
class Splat:
    """`[*]` or `.*` and what follows: `each` is asked of every element."""

    each: tuple["Step", ...]
    location: Location


Step: TypeAlias = GetAttr | GetIndex | Splat


@dataclass(frozen=True, slots=True, eq=False)
class Traversal:
    """An expression and the steps into it: `var.tags["Owner"]`."""

    root: "Expression"
    steps: tuple[Step, ...]
    location: Location


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A function call; `expand` for a last argument with `...`."""

    name: str
    arguments: tuple["Expression", ...]
    expand: bool
    location: Location


@dataclass(frozen=True, slots=True, eq=False)
class Conditional:
    """`condition ? then : otherwise`, and `%{ if }` in a template."""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"
    location: Location


@dataclass(frozen=True, slots=True, eq=False)
class Unary:
    """`-x` or `!x`."""

    operator: str
    operand: "Expression"
    location: Location


@dataclass(frozen=True, slots=True, eq=False)
class Binary:
    """Operands of one left-associative run: `a + b - c` is `first` and (`+` b), (`-` c)."""

    first: "Expression"
    rest: tuple[tuple[str, "Expression"], ...]
    location: Location


@dataclass(frozen=True, slots=True, eq=False)
class Tuple:
    """`[a, b]`."""

    items: tuple["Expression", ...]
    location: Location


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A key and a value of an object."""

    key: "Expression"
    value: "Expression"


@dataclass(frozen=True, slots=True, eq=False)
class Object:
    """`{a = 1}`; a bare key is a string."""

    items: tuple[Item, ...]
    location: Location


@dataclass(frozen=True, slots=True, eq=False)
class For:
    """`[for k, v in c : value if cond]`, or with `result_key` `{for ... : key => value...}`."""

    key: str
    value: str
    collection: "Expression"
    result_key: "Expression | None"
    result: "Expression"
    group: bool
    condition: "Expression | None"
    location: Location


Expression: TypeAlias = (
    Literal
    | Template
    | TemplateFor
    | Variable
    | Traversal
    | Call
    | Conditional
    | Unary
    | Binary
    | Tuple
    | Object
    | For
)


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """`name = expression`; `name_location` is the name alone."""

    name: str
    expression: Expression
    location: Location
    name_location: Location


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """`type "label" { body }`; `header` is the part before the brace."""

    type: str
    labels: tuple[str, ...]
    body: "Body"
    location: Location
    header: Location


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """What stands between braces, or in a file, in order."""

    attributes: tuple[Attribute, ...] = ()
    blocks: tuple[Block, ...] = ()

    def get(self, name: str) -> Attribute | None:
        """The attribute of a name."""
        return next((found for found in self.attributes if found.name == name), None)

    def all(self, type: str) -> tuple[Block, ...]:
        """The nested blocks of a type, static ones only."""
        return tuple(block for block in self.blocks if block.type == type)


@dataclass(frozen=True, slots=True, eq=False)
class Comment:
    """A comment with its marks, for acknowledgements."""

    text: str
    line: int


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A file: what could be read of it, and what could not."""

    path: str
    body: Body
    comments: tuple[Comment, ...] = ()
    problems: tuple[Problem, ...] = ()
