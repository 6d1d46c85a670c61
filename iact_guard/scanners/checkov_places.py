"""The one line that says a Checkov finding best: it reports whole blocks, sometimes line 0."""

from collections.abc import Iterable

from iact_guard.model import hcl
from iact_guard.model.errors import UnreadableError
from iact_guard.model.location import Location
from iact_guard.model.regex import regex
from iact_guard.syntax import yaml
from iact_guard.syntax.hcl import parse as parse_hcl
from iact_guard.syntax.text import Text

_INDEX = regex(r"\[(\d+)\]|(\d+)")


def place(source: Text, framework: str, line: int, keys: Iterable[str]) -> Location:
    """The attribute that was judged where our own tree has it, else the block's first line.

    `line` is the first line of Checkov's range, `keys` its `evaluated_keys`: paths like
    `spec/containers/[0]/image`.
    """
    paths = [[part for part in key.split("/") if part] for key in keys]
    try:
        if framework == "terraform" and source.path.endswith(".tf"):
            found = _in_block(source, line, paths)
        elif framework in {"kubernetes", "github_actions"}:
            found = _in_document(source, line, paths)
        else:
            found = None
    except UnreadableError:
        found = None
    return one_line(source, found) if found else whole_line(source, line)


def whole_line(source: Text, number: int) -> Location:
    """A line without its indentation; the next one with text where it has none."""
    last = len(source.starts)
    number = min(max(number, 1), last)
    for candidate in (*range(number, last + 1), *range(number, 0, -1)):
        if source.line(candidate).strip():
            number = candidate
            break
    line = source.line(number)
    start = len(line) - len(line.lstrip()) + 1
    return Location(source.path, number, start, number, max(start, len(line.rstrip())) + 1)


def one_line(source: Text, found: Location) -> Location:
    """A region cut to its first line."""
    if found.end_line == found.line and found.column < found.end_column:
        return found
    end = len(source.line(found.line).rstrip()) + 1
    if end <= found.column:
        return whole_line(source, found.line)
    return Location(found.path, found.line, found.column, found.line, end)


def _in_block(source: Text, line: int, paths: list[list[str]]) -> Location | None:
    body = parse_hcl(source).body
    block = next((b for b in body.blocks if b.location.line <= line <= b.location.end_line), None)
    if block is None:
        return None
    found = [place for path in paths if (place := _attribute(block.body, path))]
    return found[0] if found else block.header


def _attribute(body: hcl.Body, path: list[str]) -> Location | None:
    """The deepest attribute or block of a path; None where its first name is absent."""
    deepest = None
    for name in path:
        if name == "*" or _INDEX.fullmatch(name):
            continue
        if attribute := body.get(name):
            return attribute.location
        nested = body.all(name)
        if not nested:
            break
        body, deepest = nested[0].body, nested[0].header
    return deepest


def _in_document(source: Text, line: int, paths: list[list[str]]) -> Location | None:
    root = next((r for r in _roots(source) if r.location.end_line >= line), None)
    found = [node for path in paths if root and (node := _node(root, path))]
    return found[0] if found else None


def _roots(source: Text) -> tuple[yaml.Node, ...]:
    """The documents of a file, parsed once: every finding of it asks."""
    roots = source.parsed.get("yaml roots")
    if not isinstance(roots, tuple):
        roots = tuple(document.root for document in yaml.parse(source) if document.root)
        source.parsed["yaml roots"] = roots
    return roots


def _node(node: yaml.Node, path: list[str]) -> Location | None:
    """The deepest part of a path that the document has."""
    deepest = None
    for name in path:
        index = _INDEX.fullmatch(name)
        if isinstance(node, yaml.Sequence) and index:
            number = int(index[1] or index[2])
            if number >= len(node.items):
                break
            node = node.items[number]
            deepest = node.location
        elif isinstance(node, yaml.Mapping) and (entry := node.entry(name)):
            node = entry.value
            deepest = _entry(entry)
        else:
            break
    return deepest


def _entry(entry: yaml.Entry) -> Location:
    """Key and value where they share a line, else the key."""
    key, value = entry.key.location, entry.value.location
    if key.line != value.end_line:
        return key
    return Location(key.path, key.line, key.column, value.end_line, value.end_column)
