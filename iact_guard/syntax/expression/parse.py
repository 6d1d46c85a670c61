"""GitHub's `${{ }}` expressions: found in a text, and parsed."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.syntax.expression.values import to_number

MAX_DEPTH = 50
MAX_LENGTH = 21_000
"""Both are GitHub's own limits."""


class ExpressionError(ValueError):
    """GitHub would refuse the expression; `offset` counts from its first character."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text: literal, or one `${{ }}`."""

    text: str
    """Of an expression what stands between the braces."""
    start: int
    end: int
    """Offsets in the whole text, the braces included; the end is exclusive."""
    is_expression: bool


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a string, `true`, `false` or `null`."""

    value: bool | float | str | None


@dataclass(frozen=True, slots=True)
class Name:
    """A context: `github`, `needs`, ..."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`base.key` and `base[key]`; a key of None is `*`."""

    base: "Node"
    key: "Node | None"


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """`!operand`."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`==`, `!=`, `<`, `<=`, `>`, `>=`."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Logical:
    """A chain of `&&` or of `||`: its value is one of its operands."""

    operator: str
    operands: tuple["Node", ...]


Node = Literal | Name | Index | Call | Not | Comparison | Logical


def nodes_in(node: Node) -> Iterator[Node]:
    """A node and everything within it."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, Literal | Name):
            pending += inner_nodes(node)[::-1]


def inner_nodes(node: Node) -> tuple[Node, ...]:
    """What a node is made of."""
    if isinstance(node, Index):
        return (node.base,) if node.key is None else (node.base, node.key)
    if isinstance(node, Comparison):
        return (node.left, node.right)
    if isinstance(node, Logical):
        return node.operands
    if isinstance(node, Call):
        return node.arguments
    return (node.operand,) if isinstance(node, Not) else ()


_PRECEDENCE: Final = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4,
}  # fmt: skip
_ARITY: Final = {
    "contains": (2, 2), "startswith": (2, 2), "endswith": (2, 2), "format": (1, 255),
    "join": (1, 2), "tojson": (1, 1), "fromjson": (1, 1), "hashfiles": (1, 255),
    "success": (0, 255), "failure": (0, 255), "always": (0, 0), "cancelled": (0, 0),
    "case": (3, 255),
}  # fmt: skip
_TOKEN = regex(
    r"""\s*(?:(?P<string>'(?:[^']|'')*')
        |(?P<number>[-+]?(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?
           |Infinity)(?![\w.]))
        |(?P<name>[A-Za-z_][A-Za-z0-9_-]*)
        |(?P<sign>&&|\|\||==|!=|<=|>=|[()\[\].,!<>*])
        |(?P<end>\Z))""",
    re.VERBOSE,
)
_KEYWORDS: Final = {
    "true": True, "false": False, "null": None, "NaN": float("nan"), "Infinity": float("inf"),
}  # fmt: skip


def parts(text: str) -> tuple[Part, ...]:
    """The text split at its expressions; one that is not closed is literal.

    A `}}` within a string of the expression does not end it.
    """
    if "${{" in text:
        return tuple(_parts(text))
    return (Part(text, 0, len(text), is_expression=False),) if text else ()


def _parts(text: str) -> Iterator[Part]:
    literal = position = 0
    while (start := text.find("${{", position)) >= 0:
        end = _end(text, start + 3)
        if end < 0:
            # Nothing that begins later within it can be told from its text.
            break
        if start > literal:
            yield Part(text[literal:start], literal, start, is_expression=False)
        yield Part(text[start + 3 : end - 2], start, end, is_expression=True)
        literal = position = end
    if literal < len(text):
        yield Part(text[literal:], literal, len(text), is_expression=False)


def _end(text: str, position: int) -> int:
    """The offset behind the closing braces, -1 without any."""
    while True:
        close, quote = text.find("}}", position), text.find("'", position)
        if close < 0 or quote < 0 or close < quote:
            return close + 2 if close >= 0 else -1
        position = text.find("'", quote + 1) + 1
        if not position:
            return -1


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The tree of an expression, without its `${{ }}`; ExpressionError where GitHub refuses it.

    The same few expressions are all over a repository, and many facts ask for each.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(MAX_LENGTH, f"longer than {MAX_LENGTH} characters")
    parser = _Parser(text)
    node = parser.expression(0, 1)
    if parser.kind != "end":
        raise ExpressionError(parser.start, "something stands behind the end of the expression")
    return node


class _Parser:
    """A Pratt parser with one token of look-ahead."""

    def __init__(self, text: str) -> None:
        self.source = text
        self.position = 0
        self.advance()

    def advance(self) -> None:
        match = _TOKEN.match(self.source, self.position)
        if match is None or match.lastgroup is None:
            raise ExpressionError(self.position, "a character that no expression may hold")
        self.kind, self.text = match.lastgroup, match[match.lastgroup]
        self.position = match.end()
        self.start = self.position - len(self.text)

    def take(self, sign: str) -> bool:
        if self.kind == "sign" and self.text == sign:
            self.advance()
            return True
        return False

    def expect(self, sign: str) -> None:
        if not self.take(sign):
            raise ExpressionError(self.start, f"`{sign}` is missing")

    def expression(self, minimum: int, depth: int) -> Node:
        """Operators that bind tighter than `minimum`; all of them are left-associative."""
        left = self.unary(depth)
        while self.kind == "sign" and _PRECEDENCE.get(self.text, 0) > minimum:
            operator, precedence = self.text, _PRECEDENCE[self.text]
            if operator in ("&&", "||"):
                operands = [left]
                while self.take(operator):
                    operands.append(self.expression(precedence, depth + 1))
                left = Logical(operator, tuple(operands))
            else:
                self.advance()
                left = Comparison(operator, left, self.expression(precedence, depth + 1))
                depth += 1  # a chain of comparisons is a deep tree to the left
                self.bound(depth)
        return left

    def bound(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise ExpressionError(self.start, f"nested more than {MAX_DEPTH} levels deep")

    def unary(self, depth: int) -> Node:
        self.bound(depth)
        if self.take("!"):
            return Not(self.unary(depth + 1))
        return self.postfix(self.primary(depth), depth)

    def primary(self, depth: int) -> Node:
        kind, text = self.kind, self.text
        if self.take("("):
            inner = self.expression(0, depth + 1)
            self.expect(")")
            return inner
        if kind not in ("string", "number", "name"):
            raise ExpressionError(self.start, "a value is missing")
        self.advance()
        if kind == "string":
            return Literal(text[1:-1].replace("''", "'"))
        if kind == "number":
            return Literal(to_number(text))
        if text in _KEYWORDS:
            return Literal(_KEYWORDS[text])
        return self.call(text, depth) if self.take("(") else Name(text.lower())

    def call(self, name: str, depth: int) -> Call:
        start, arguments = self.start, []
        if not self.take(")"):
            arguments.append(self.expression(0, depth + 1))
            while self.take(","):
                arguments.append(self.expression(0, depth + 1))
            self.expect(")")
        least, most = _ARITY.get(name.lower(), (1, 0))
        if not least <= len(arguments) <= most:
            raise ExpressionError(start, "no function takes these arguments")
        if name.lower() == "case" and len(arguments) % 2 == 0:
            raise ExpressionError(start, "`case` needs a default as its last argument")
        return Call(name.lower(), tuple(arguments))

    def postfix(self, node: Node, depth: int) -> Node:
        while True:
            if self.take("."):
                if self.take("*"):
                    node = Index(node, None)
                elif self.kind == "name":
                    node = Index(node, Literal(self.text))
                    self.advance()
                else:
                    raise ExpressionError(self.start, "a name is missing behind `.`")
            elif self.take("["):
                star = self.take("*")
                node = Index(node, None if star else self.expression(0, depth + 1))
                self.expect("]")
            else:
                return node
            depth += 1
            self.bound(depth)
