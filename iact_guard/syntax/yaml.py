"""YAML to nodes with exact positions: libyaml's events, our own scalar typing (YAML 1.2 core).

PyYAML's own composer crashes on deep nesting, lets the last of two equal keys win and reads `on`
as true; its events are sound and fast.
"""

import re
from collections.abc import Iterator
from collections.abc import Sequence as Indexed
from dataclasses import field
from typing import Any, Literal, cast

import yaml

from iact_guard.model.errors import UnreadableError
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.syntax.text import Text

MAX_DEPTH = 500
MAX_NODES = 300_000
"""Beyond it a file is data, not configuration: time and memory stay bounded."""
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Typed = str | int | float | bool | None
Offsets = Indexed[int]
Style = Literal["plain", "single", "double", "literal", "folded"]
_STYLES: dict[str, Style] = {
    "'": "single", '"': "double", "|": "literal", ">": "folded",
}  # fmt: skip

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = regex(r"[-+]?[0-9]+")
_OCTAL = regex(r"0o[0-7]+")
_HEX = regex(r"0x[0-9a-fA-F]+")
_FLOAT = regex(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


# Nodes are never changed; they are not declared frozen, which would make each of the many slower.
@dataclass(slots=True, eq=False)
class Scalar:
    """A scalar: what the author wrote (`text`), and what YAML 1.2 makes of it (`value`)."""

    text: str
    style: Style
    location: Location
    source: Text
    start: int
    """Offset of its first character in the file: of the `|` for a block scalar."""
    end: int
    table: Offsets | None = field(default=None, repr=False)
    """Filled on first use: the offset in the file of each character of the text; of a literal
    block the line of its first character, and how far its lines are indented."""

    @property
    def value(self) -> Typed:
        """The typed value; quoted and block scalars are strings."""
        return resolve(self.text) if self.style == "plain" else self.text

    def region(self, start: int, end: int) -> Location:
        """Where characters `start` to `end` of the text stand in the file."""
        if not self.text:
            return self.location
        if self.style == "literal":
            return _literal_region(self, start, end)
        table = self.table
        if table is None:
            table = self.table = _offsets(self)
        first = table[min(start, len(table) - 1)]
        last = table[min(max(end - 1, start), len(table) - 1)] + 1
        return self.source.location(first, max(last, first))


@dataclass(slots=True, eq=False)
class Sequence:
    """A list."""

    items: tuple["Node", ...]
    location: Location


@dataclass(slots=True, eq=False)
class Entry:
    """A key and its value."""

    key: Scalar
    value: "Node"


@dataclass(slots=True, eq=False)
class Mapping:
    """A mapping; of equal keys the first counts, the others are problems of the document."""

    entries: tuple[Entry, ...]
    location: Location
    made: list[Any] = field(default_factory=list, repr=False)
    """What a loader made of it: an alias is the same node, and may stand there a thousand times."""
    named: dict[str, Entry] = field(default_factory=dict, repr=False)
    """The entries by the text of their keys."""

    def get(self, name: str) -> "Node | None":
        """The value of a key, by its text."""
        entry = self.named.get(name)
        return entry.value if entry else None

    def entry(self, name: str) -> Entry | None:
        """Key and value."""
        return self.named.get(name)


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Oddity:
    """Well-formed YAML that some readers refuse: the reader decides."""

    kind: Literal["duplicate-key", "merge-key", "tag", "complex-key"]
    location: Location
    message: str


@dataclass(slots=True)
class Document:
    """One document; `root` is None where it is empty."""

    root: Node | None = None
    oddities: list[Oddity] = field(default_factory=list)
    location: Location = field(default_factory=lambda: Location(""))


def resolve(text: str) -> Typed:
    """The value of a plain scalar by YAML 1.2's core schema: `on`, `22:22` stay texts."""
    if text in _WORDS:
        return _WORDS[text]
    # Python refuses to convert endless digits; nobody means a number by them.
    if text[0] in "+-.0123456789" and len(text) <= 300:
        if _INT.fullmatch(text):
            return int(text)
        if _OCTAL.fullmatch(text):
            return int(text[2:], 8)
        if _HEX.fullmatch(text):
            return int(text, 16)
        if _FLOAT.fullmatch(text):
            return float(text)
    return text


def parse(source: Text) -> list[Document]:
    """All documents of a file; UnreadableError with line and column where it is not YAML.

    A file is parsed once: whoever asks again gets the same nodes.
    """
    if "yaml" not in source.parsed:
        source.parsed["yaml"] = _parse(source)
    return cast(list[Document], source.parsed["yaml"])


def _parse(source: Text) -> list[Document]:
    try:
        return list(_documents(source))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = _place(source, mark) if mark else Location(source.path)
        raise UnreadableError(place, f"not YAML: {_reason(error)}") from None
    except yaml.reader.ReaderError as error:
        offset = error.position if isinstance(error.position, int) else 0
        place = Location(source.path, *source.position(min(offset, len(source.text))))
        reason = "not YAML: a character that YAML does not allow"
        raise UnreadableError(place, reason) from None


def _reason(error: yaml.MarkedYAMLError) -> str:
    parts = [part for part in (error.context, error.problem) if part]
    return ", ".join(str(part) for part in parts) or "syntax error"


def _place(source: Text, mark: Any) -> Location:
    return Location(source.path, mark.line + 1, mark.column + 1)


def _documents(source: Text) -> Iterator[Document]:
    builder = _Builder(source)
    loader = _LOADER(source.text)
    try:
        while (event := loader.get_event()) is not None:
            document = builder.feed(event)
            if document is not None:
                yield document
    finally:
        loader.dispose()


class _Builder:
    """A stack machine over events; an alias is the same node, never a copy."""

    def __init__(self, source: Text) -> None:
        self.source = source
        self.path = source.path
        self.document = Document()
        self.anchors: dict[str, Node] = {}
        self.stack: list[tuple[Any, list[Node]]] = []
        self.nodes = 0

    def feed(self, event: Any) -> Document | None:
        """Take an event; the document when this one ends it."""
        kind = type(event)
        if kind is yaml.ScalarEvent:  # the most frequent first
            if event.tag:
                self._tag(event, implicit=event.implicit[0] or event.implicit[1])
            self._add(self._scalar(event), event.anchor)
        elif kind is yaml.SequenceStartEvent or kind is yaml.MappingStartEvent:
            self._tag(event, implicit=event.implicit)
            if len(self.stack) >= MAX_DEPTH:
                place = _place(self.source, event.start_mark)
                raise UnreadableError(place, f"nested more than {MAX_DEPTH} levels deep")
            self.stack.append((event, []))
        elif kind is yaml.SequenceEndEvent or kind is yaml.MappingEndEvent:
            start, children = self.stack.pop()
            self._add(self._collection(start, children, event), start.anchor)
        elif kind is yaml.AliasEvent:
            node = self.anchors.get(event.anchor or "")
            if node is None:
                place = _place(self.source, event.start_mark)
                raise UnreadableError(place, "not YAML: an alias without its anchor")
            self._add(node, None)
        elif kind is yaml.DocumentStartEvent:
            self.document = Document(location=_place(self.source, event.start_mark))
            self.anchors = {}
        elif kind is yaml.DocumentEndEvent:
            return self.document
        return None

    def _add(self, node: Node, anchor: str | None) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise UnreadableError(node.location, f"more than {MAX_NODES:,} values in one file")
        if anchor:
            self.anchors[anchor] = node
        if self.stack:
            self.stack[-1][1].append(node)
        else:
            self.document.root = node

    def _tag(self, event: Any, *, implicit: bool) -> None:
        if event.tag and not implicit and not event.tag.startswith("tag:yaml.org,2002:"):
            self._odd("tag", _place(self.source, event.start_mark), "a tag (`!...`)")

    def _scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark, event.end_mark
        place = Location(self.path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
        style = _STYLES.get(event.style, "plain")
        return Scalar(event.value, style, place, self.source, start.index, end.index)

    def _collection(self, start: Any, children: list[Node], end: Any) -> Node:
        begun, ended = start.start_mark, end.end_mark
        place = Location(
            self.path, begun.line + 1, begun.column + 1, ended.line + 1, ended.column + 1
        )
        if isinstance(start, yaml.SequenceStartEvent):
            return Sequence(tuple(children), place)
        entries: dict[str, Entry] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Scalar):
                self._odd("complex-key", key.location, "a key that is not a scalar")
            elif key.text in entries:
                first = entries[key.text].key.location.line
                message = f"the key {key.text!r} is there already, on line {first}"
                self._odd("duplicate-key", key.location, message)
            else:
                if key.text == "<<" and key.style == "plain":
                    self._odd("merge-key", key.location, "a merge key (`<<`)")
                entries[key.text] = Entry(key, value)
        return Mapping(tuple(entries.values()), place, named=entries)

    def _odd(self, kind: Any, location: Location, message: str) -> None:
        self.document.oddities.append(Oddity(kind, location, message))


def _literal_region(scalar: Scalar, start: int, end: int) -> Location:
    """A region of a literal block, whose lines are those of the file but for the margin."""
    if scalar.table is None:
        source = scalar.source
        first = source.position(scalar.start)[0]
        begin = source.starts[first] if first < len(source.starts) else scalar.end
        scalar.table = (first + 1, _block_indent(scalar, begin))
    last = len(scalar.text) - 1
    begin = _literal_offset(scalar, min(start, last))
    beyond = _literal_offset(scalar, min(max(end - 1, start), last)) + 1
    return scalar.source.location(begin, beyond)


def _literal_offset(scalar: Scalar, index: int) -> int:
    """Where a character of the text stands in the file."""
    first, margin = scalar.table or (0, 0)
    source, text = scalar.source, scalar.text
    line = first + text.count("\n", 0, index)
    column = index - text.rfind("\n", 0, index) - 1
    last = max(scalar.end - 1, 0)
    if line > len(source.starts):
        return last  # a last break that is none of the file's
    if column == 0:  # a blank line may be shorter than the margin
        margin = min(margin, len(source.line(line)))
    return min(source.starts[line - 1] + margin + column, last)


def _offsets(scalar: Scalar) -> Offsets:
    """The offset in the file of each character of the text.

    Folding replaces a line break and its indentation by a space (or by fewer breaks), escapes
    replace several characters by one; walking both texts side by side finds each again.
    """
    source, position = scalar.source.text, scalar.start
    quote = scalar.style in ("single", "double")
    if source[position + quote : scalar.end - quote] == scalar.text:  # nothing stands for another
        return range(position + quote, scalar.end - quote)
    if scalar.style in ("literal", "folded"):
        line = scalar.source.position(scalar.start)[0]
        starts = scalar.source.starts
        position = starts[line] if line < len(starts) else scalar.end
        indent = _block_indent(scalar, position)
    else:
        indent = 0
        position += quote
    end = max(scalar.end, position)
    table: list[int] = []
    for character in scalar.text:
        position = _skip(source, position, end, character, indent)
        table.append(min(position, max(end - 1, 0)))
        position += _width(source, position, scalar.style)
    return table


def _block_indent(scalar: Scalar, position: int) -> int:
    header = scalar.source.text[scalar.start : position]
    lines = scalar.source.text[position : scalar.end].splitlines()
    first = next((line for line in lines if line.strip(" ")), "")
    indent = len(first) - len(first.lstrip(" "))
    if re.match(r"[|>][-+]?[1-9]", header):
        # An explicit indentation: the text itself starts with spaces.
        indent -= len(scalar.text) - len(scalar.text.lstrip(" "))
    return max(indent, 0)


def _skip(source: str, position: int, end: int, character: str, indent: int) -> int:
    """The next place in the source that stands for `character`."""
    if indent and _at_line_start(source, position):
        margin = source[position : min(position + indent, end)]
        position += len(margin) - len(margin.lstrip(" "))
    if source[position : position + 1] == "\\" and source[position + 1 : position + 2] in "\r\n":
        position += 1  # an escaped line break stands for nothing, nor does what follows it
    elif character in " \n" or source[position : position + 1] in (character, "\\"):
        return position
    while position < end and source[position] in " \t\r\n" and source[position] != character:
        position += 1
    return position


def _at_line_start(source: str, position: int) -> bool:
    return position == 0 or source[position - 1] in "\r\n"


def _width(source: str, position: int, style: Style) -> int:
    """How many characters of the source one character of the text takes."""
    if position >= len(source):
        return 0
    if style == "double" and source[position] == "\\":
        following = source[position + 1 : position + 2]
        if following in "\r\n":
            return 0
        return {"x": 4, "u": 6, "U": 10}.get(following, 2)
    if style == "single" and source.startswith("''", position):
        return 2
    if source.startswith("\r\n", position):
        return 2
    return 1


def plain(node: Node, budget: int = 100_000) -> Any:
    """Python values of a node; UnreadableError where aliases blow it up beyond `budget` nodes."""
    left = [budget]

    def convert(node: Node) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise UnreadableError(node.location, "too large once its aliases are written out")
        if isinstance(node, Scalar):
            return node.value
        if isinstance(node, Sequence):
            return [convert(item) for item in node.items]
        return {entry.key.text: convert(entry.value) for entry in node.entries}

    return convert(node)
