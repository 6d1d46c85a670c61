"""A file to a document; a broken one piece by piece."""

import re
from collections.abc import Iterator
from typing import cast

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

from iact_guard.model import hcl
from iact_guard.model.errors import UnreadableError
from iact_guard.model.location import Location
from iact_guard.model.regex import regex
from iact_guard.model.source import Problem
from iact_guard.syntax.hcl.convert import Converter, Offsets
from iact_guard.syntax.hcl.opinion import Opinion, second_opinion
from iact_guard.syntax.text import Text

_LANGUAGE = Language(tree_sitter_hcl.language())
_BLOCK = regex(
    rb"^(?:resource|data|variable|output|locals|module|provider|terraform|moved|import|removed"
    rb"|check|ephemeral)\b|^[A-Za-z_][\w-]*[ \t]*=(?!=)",
    re.MULTILINE,
)
# A number that tree-sitter does not know; the digits stand where they are in the file.
_POWER = regex(rb"(?<![\w.])\d+[eE][-+]?\d+(?![\w.])")
_HEREDOC = regex(rb"<<-?[ \t]*([A-Za-z_][\w-]*)[ \t]*\r?\n")
MAX_LOST = 50
"""Broken pieces that are described one by one."""
MAX_ASKED = 40_000
"""Bytes of a file that python-hcl2 is asked about: on hostile text it takes quadratic time."""
MAX_NODES = 1_000_000
"""Nodes of tree-sitter's; beyond it a file is data, and takes minutes and gigabytes."""
MAX_HEREDOCS = 1_000
"""Heredocs whose end is looked for in a broken file."""


def parse(source: Text) -> hcl.Document:
    """The document of a file, parsed once; UnreadableError where nothing of it can be read."""
    if "hcl" not in source.parsed:
        try:
            source.parsed["hcl"] = _parse(source)
        except UnreadableError as error:  # as dear as a document, so it is kept too
            source.parsed["hcl"] = error
    found = source.parsed["hcl"]
    if isinstance(found, UnreadableError):
        raise found
    return cast(hcl.Document, found)


def _parse(source: Text) -> hcl.Document:
    offsets = Offsets(source.text)
    root = _tree(offsets.data)
    if root.descendant_count > MAX_NODES:
        raise UnreadableError(Location(source.path), f"more than {MAX_NODES:,} nodes in one file")
    if root.has_error:
        return _recover(source, offsets)
    converter = Converter(source, offsets)
    body = converter.file(root)
    return hcl.Document(source.path, body, converter.comments, tuple(converter.problems))


def _tree(data: bytes) -> Node:
    root = Parser(_LANGUAGE).parse(data).root_node
    if root.has_error and _POWER.search(data):
        masked = _POWER.sub(lambda match: b"1" * len(match.group()), data)
        root = Parser(_LANGUAGE).parse(masked).root_node
    return root


def _recover(source: Text, offsets: Offsets) -> hcl.Document:
    """Each block on its own: after an error tree-sitter puts blocks into the wrong parent."""
    attributes: list[hcl.Attribute] = []
    blocks: list[hcl.Block] = []
    comments: list[hcl.Comment] = []
    problems: list[Problem] = []
    lost: list[tuple[int, int]] = []
    for start, end in _pieces(offsets.data):
        converter = Converter(source, offsets, start, end)
        root = _tree(converter.data)
        if root.has_error:
            lost.append((start, end))
            continue
        try:
            body = converter.file(root)
        except UnreadableError as error:
            problems.append(Problem(error.location, error.reason))
            continue
        attributes += body.attributes
        blocks += body.blocks
        comments += converter.comments
        problems += converter.problems
    problems += _lost(source, offsets, lost)
    if not blocks and not attributes and problems:
        raise UnreadableError(problems[0].location, problems[0].reason)
    body = hcl.Body(tuple(attributes), tuple(blocks))
    return hcl.Document(source.path, body, tuple(comments), tuple(problems))


def _pieces(data: bytes) -> Iterator[tuple[int, int]]:
    """From one block keyword or attribute in column 0 to the next; never within a heredoc."""
    starts = [0]
    heredoc_end = searched = 0
    heredocs = _HEREDOC.finditer(data)
    heredoc = next(heredocs, None)
    for match in _BLOCK.finditer(data):
        while heredoc and heredoc.start() < match.start():
            searched += 1
            if heredoc.start() >= heredoc_end and searched <= MAX_HEREDOCS:
                closing = re.compile(rb"^[ \t]*" + heredoc[1] + rb"[ \t]*\r?$", re.MULTILINE)
                closed = closing.search(data, heredoc.end())
                heredoc_end = closed.end() if closed else heredoc_end
            heredoc = next(heredocs, None)
        if match.start() >= heredoc_end and match.start():
            starts.append(match.start())
    yield from zip(starts, [*starts[1:], len(data)], strict=True)


def _lost(source: Text, offsets: Offsets, lost: list[tuple[int, int]]) -> Iterator[Problem]:
    notes: set[str] = set()
    asked = 0
    for start, end in lost[:MAX_LOST]:
        asked += end - start
        piece = offsets.data[start:end].decode()
        opinion = second_opinion(piece) if asked <= MAX_ASKED else Opinion()
        first = source.location(offsets.character(start), offsets.character(start))
        if opinion.line:
            line = first.line + opinion.line - 1
            column = opinion.column + (first.column - 1 if opinion.line == 1 else 0)
            where = _within(source, line, column)
        else:
            where = _first_error(source, offsets, start, end)
        reason = opinion.reason or "not HCL: it does not continue like this"
        about = f"; what begins on line {first.line} is not judged"
        yield Problem(where, reason + about + ("" if opinion.note in notes else opinion.note))
        notes.add(opinion.note)
    for start, _ in lost[MAX_LOST : MAX_LOST + 1]:
        where = source.location(offsets.character(start), offsets.character(start))
        yield Problem(where, f"{len(lost) - MAX_LOST} more pieces that are not HCL follow")


def _within(source: Text, line: int, column: int) -> Location:
    """The place, spaces skipped: parsers count them to what follows, and beyond the end."""
    line = min(line, len(source.starts))
    text = source.line(line)
    while text[column - 1 : column] in (" ", "\t"):
        column += 1
    return Location(source.path, line, min(column, len(text) + 1))


def _first_error(source: Text, offsets: Offsets, start: int, end: int) -> Location:
    node = _tree(offsets.data[start:end])
    while True:
        inner = next((c for c in node.children if c.has_error or c.is_missing or c.is_error), None)
        if inner is None or node.is_error:
            break
        node = inner
    position = offsets.character(start + node.start_byte)
    return source.location(position, position)
