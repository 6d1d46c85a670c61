"""tree-sitter's nodes to ours."""

from bisect import bisect_right
from collections.abc import Sequence

from tree_sitter import Node

from iact_guard.model import hcl
from iact_guard.model.errors import UnreadableError
from iact_guard.model.location import Location
from iact_guard.model.source import Problem
from iact_guard.syntax.hcl.strings import unescape
from iact_guard.syntax.hcl.templates import template
from iact_guard.syntax.text import Text

MAX_DEPTH = 80
"""Expressions and blocks within each other; people stop below 15."""


class Offsets:
    """Byte offsets to offsets in code points."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self._ends: list[int] = []
        self._extra: list[int] = []
        if len(self.data) != len(text):
            position = extra = 0
            for character in text:
                width = len(character.encode())
                position += width
                if width > 1:
                    extra += width - 1
                    self._ends.append(position)
                    self._extra.append(extra)

    def character(self, byte: int) -> int:
        """The offset of the character that begins at a byte."""
        index = bisect_right(self._ends, byte)
        return byte - self._extra[index - 1] if index else byte


class Converter:
    """Converts one parsed piece of a file that begins at the byte `base`."""

    def __init__(
        self, source: Text, offsets: Offsets, base: int = 0, end: int | None = None
    ) -> None:
        self.source = source
        self.offsets = offsets
        self.base = base
        self.data = offsets.data[base:end] if base or end is not None else offsets.data
        self.problems: list[Problem] = []
        self._comments: dict[int, hcl.Comment] = {}
        self.depth = 0

    def location(self, start: int, end: int) -> Location:
        """The region between two bytes of the piece."""
        character = self.offsets.character
        return self.source.location(character(start + self.base), character(end + self.base))

    def place(self, node: Node) -> Location:
        """Where a node stands."""
        return self.location(node.start_byte, node.end_byte)

    def text(self, node: Node) -> str:
        """The text of a node."""
        return self.data[node.start_byte : node.end_byte].decode()

    @property
    def comments(self) -> tuple[hcl.Comment, ...]:
        """Those met so far, in order."""
        return tuple(self._comments[start] for start in sorted(self._comments))

    def real(self, nodes: Sequence[Node]) -> list[Node]:
        """The nodes that are no comments; those are kept aside."""
        real = []
        for node in nodes:
            if node.type == "comment":
                text = self.text(node).rstrip("\r\n")
                self._comments[node.start_byte] = hcl.Comment(text, self.place(node).line)
            else:
                real.append(node)
        return real

    def expressions(self, node: Node) -> list[Node]:
        """The `expression` nodes directly within a node."""
        return [child for child in self.real(node.named_children) if child.type == "expression"]

    def file(self, root: Node) -> hcl.Body:
        """The body of a whole file."""
        for child in self.real(root.named_children):
            if child.type == "body":
                return self.body(child)
            if child.type == "object":
                where = self.location(child.start_byte, child.start_byte + 1)
                raise UnreadableError(where, "not a file of blocks and attributes: an object")
        return hcl.Body()

    def body(self, node: Node) -> hcl.Body:
        """The attributes and blocks between two braces."""
        attributes: list[hcl.Attribute] = []
        blocks: list[hcl.Block] = []
        names: set[str] = set()
        last_row = -1
        for child in self.real(node.named_children):
            if child.start_point.row == last_row:
                self._refuse(child, "a line break is missing before this")
            last_row = child.end_point.row
            if child.type == "attribute":
                attribute = self._attribute(child)
                if attribute.name in names:
                    self._refuse(child, f"{attribute.name} is set a second time here")
                names.add(attribute.name)
                attributes.append(attribute)
            elif child.type == "block":
                blocks.append(self._block(child))
        return hcl.Body(tuple(attributes), tuple(blocks))

    def _refuse(self, node: Node, what: str) -> None:
        self.problems.append(Problem(self.place(node), f"Terraform refuses the file: {what}"))

    def _attribute(self, node: Node) -> hcl.Attribute:
        name, expression = self.real(node.named_children)
        return hcl.Attribute(
            self.text(name), self.expression(expression), self.place(node), self.place(name)
        )

    def _block(self, node: Node) -> hcl.Block:
        self.deeper(node)
        type, *rest = self.real(node.named_children)
        labels: list[str] = []
        body, header_end = hcl.Body(), type.end_byte
        for child in rest:
            if child.type == "body":
                body = self.body(child)
            elif child.type in ("identifier", "string_lit"):
                text = self.text(child)
                labels.append(
                    text if child.type == "identifier" else unescape(text[1:-1], quoted=True)
                )
                header_end = child.end_byte
        self.depth -= 1
        header = self.location(node.start_byte, header_end)
        return hcl.Block(self.text(type), tuple(labels), body, self.place(node), header)

    def deeper(self, node: Node) -> None:
        """One level down, UnreadableError where that is too deep; the caller comes up again."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            where = self.location(node.start_byte, node.start_byte + 1)
            raise UnreadableError(where, f"nested more than {MAX_DEPTH} levels deep")

    def expression(self, node: Node) -> hcl.Expression:
        """An `expression` node."""
        self.deeper(node)
        found = self._chain(node.children)
        self.depth -= 1
        return found

    def _chain(self, children: Sequence[Node]) -> hcl.Expression:
        """A term and the steps into it: `a` `.b` `[0]`, or `(` expression `)` and steps."""
        nodes = self.real(children)
        if nodes[0].type == "(":
            root, rest = self.expression(nodes[1]), nodes[3:]
        else:
            root, rest = self._term(nodes[0]), nodes[1:]
        if not rest:
            return root
        place = self.location(nodes[0].start_byte, nodes[-1].end_byte)
        return hcl.Traversal(root, self._steps(rest), place)

    def _steps(self, nodes: Sequence[Node]) -> tuple[hcl.Step, ...]:
        return tuple(step for node in nodes for step in self._step(node))

    def _step(self, node: Node) -> tuple[hcl.Step, ...]:
        place = self.place(node)
        if node.type == "get_attr":
            return (hcl.GetAttr(self.text(node.named_children[-1]), place),)
        inner = node.named_children[0]
        if inner.type == "legacy_index":
            return (hcl.GetIndex(hcl.Literal(number(self.text(inner)[1:]), place), place),)
        if node.type == "index":
            (key,) = self.expressions(inner)
            return (hcl.GetIndex(self.expression(key), place),)
        self.deeper(node)
        each = self._steps(self.real(inner.named_children))
        self.depth -= 1
        if inner.type == "full_splat":
            return (hcl.Splat(each, place),)
        # `.*` reaches attributes only: an index after it asks the list that it made.
        stop = next((n for n, s in enumerate(each) if not isinstance(s, hcl.GetAttr)), len(each))
        return (hcl.Splat(each[:stop], place), *each[stop:])

    def _term(self, node: Node) -> hcl.Expression:
        place = self.place(node)
        match node.type:
            case "literal_value":
                return self._literal(node.named_children[0], place)
            case "template_expr":
                return template(self, node.named_children[0])
            case "variable_expr":
                return hcl.Variable(self.text(node), place)
            case "function_call":
                return self._call(node, place)
            case "collection_value":
                return self._collection(node.named_children[0], place)
            case "for_expr":
                return self._for(node.named_children[0], place)
            case "conditional":
                parts = self.expressions(node)
                condition, then, otherwise = (self.expression(part) for part in parts)
                return hcl.Conditional(condition, then, otherwise, place)
            case "operation":
                return self._operation(node.named_children[0], place)
            case _:
                return self.expression(node)

    def _literal(self, node: Node, place: Location) -> hcl.Literal:
        text = self.text(node)
        if node.type == "numeric_lit":
            return hcl.Literal(number(text), place)
        if node.type == "string_lit":
            return hcl.Literal(unescape(text[1:-1], quoted=True), place)
        return hcl.Literal({"true": True, "false": False}.get(text), place)

    def _call(self, node: Node, place: Location) -> hcl.Call:
        arguments: list[hcl.Expression] = []
        expand = False
        name, *rest = self.real(node.named_children)
        for child in rest:
            for inner in self.real(child.named_children):
                if inner.type == "ellipsis":
                    expand = True
                else:
                    arguments.append(self.expression(inner))
        return hcl.Call(self.text(name), tuple(arguments), expand, place)

    def _collection(self, node: Node, place: Location) -> hcl.Expression:
        if node.type == "tuple":
            items = self.expressions(node)
            return hcl.Tuple(tuple(self.expression(item) for item in items), place)
        elements = [c for c in self.real(node.named_children) if c.type == "object_elem"]
        return hcl.Object(tuple(self._item(element) for element in elements), place)

    def _item(self, node: Node) -> hcl.Item:
        key, value = self.expressions(node)
        name = self.expression(key)
        if isinstance(name, hcl.Variable) and key.children[0].type != "(":
            name = hcl.Literal(name.name, name.location)
        return hcl.Item(name, self.expression(value))

    def _for(self, node: Node, place: Location) -> hcl.For:
        children = self.real(node.named_children)
        intro = next(child for child in children if child.type == "for_intro")
        key, value, collection = self.intro(intro)
        results = [self.expression(child) for child in children if child.type == "expression"]
        conditions = [child for child in children if child.type == "for_cond"]
        condition = None
        if conditions:
            condition = self.expression(self.expressions(conditions[0])[-1])
        group = any(child.type == "ellipsis" for child in children)
        result_key = results[0] if len(results) > 1 else None
        return hcl.For(key, value, collection, result_key, results[-1], group, condition, place)

    def intro(self, node: Node) -> tuple[str, str, hcl.Expression]:
        """Key (may be empty), value and collection of `for k, v in c`."""
        names = [self.text(child) for child in node.named_children if child.type == "identifier"]
        (collection,) = self.expressions(node)
        return names[0] if len(names) > 1 else "", names[-1], self.expression(collection)

    def _operation(self, node: Node, place: Location) -> hcl.Expression:
        if node.type == "unary_operation":
            self.deeper(node)
            operand = self._chain(node.children[1:])
            self.depth -= 1
            return hcl.Unary(node.children[0].type, operand, place)
        rest: list[tuple[str, Node, list[Node]]] = []
        left: Sequence[Node] = (node,)
        while len(left) == 1 and left[0].type == "binary_operation":
            children = self.real(left[0].children)
            sign = next(n for n, child in enumerate(children) if not _is_operand(child))
            rest.append((children[sign].type, left[0], children[sign + 1 :]))
            left = children[:sign]
            if len(left) == 1 and left[0].type == "operation":
                left = left[0].named_children
        self.deeper(node)
        first = self._operand(left)
        pairs = tuple((sign, self._operand(right)) for sign, _, right in reversed(rest))
        self.depth -= 1
        return hcl.Binary(first, pairs, place)

    def _operand(self, nodes: Sequence[Node]) -> hcl.Expression:
        if nodes[0].type in ("unary_operation", "binary_operation"):
            return self._operation(nodes[0], self.place(nodes[0]))
        return self._chain(nodes)


def _is_operand(node: Node) -> bool:
    return node.is_named or node.type in ("(", ")")


def number(text: str) -> int | float | None:
    """A number of HCL; None for one that no double can hold."""
    value = float(text)
    if value in (float("inf"), float("-inf")):
        return None
    if text.isdigit() and len(text) < 400:
        return int(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
