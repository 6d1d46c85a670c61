"""Whether a place of a text lies in a comment, in each format that has comments.

Where a format leaves doubt the answer is no: what is said in a string is not said to us.
"""

import io
import re
from collections.abc import Callable, Iterator
from typing import cast

from iact_guard.model.errors import UnreadableError
from iact_guard.model.regex import regex
from iact_guard.syntax import yaml
from iact_guard.syntax.text import Text

Regions = list[tuple[int, int]]
"""Offsets of comments, from their mark to the end of the line or of the comment."""
Find = Callable[[Text], Iterator[tuple[int, int]]]

_HEREDOC = regex(r"<<(-?)[ \t]*(['\"\\]?)([A-Za-z_]\w*)\2")
_WORD_ENDS = " \t\r\n;&|()"
_LINE_END = regex(r"\r\n|\n|\r|\Z")


def comments(source: Text) -> Regions:
    """The comments of a file, by its name; none for a format without any, or unknown to us."""
    find = _format(source.path)
    return list(find(source)) if find else []


def has_comments(path: str) -> bool:
    """Whether a file of this name is in a format with comments that are known here."""
    return _format(path) is not None


def _python(source: Text) -> Iterator[tuple[int, int]]:
    import tokenize

    lines = io.StringIO(source.text).readline
    try:
        for token in tokenize.generate_tokens(lines):
            if token.type == tokenize.COMMENT:
                start = source.offset(token.start[0], token.start[1] + 1)
                yield start, start + len(token.string)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return  # what comes before the fault was read


def _hcl(source: Text) -> Iterator[tuple[int, int]]:
    from iact_guard.syntax import hcl

    try:
        found = hcl.parse(source).comments
    except UnreadableError:
        return
    at = 0
    for comment in found:
        start = source.text.find(comment.text, max(at, source.starts[comment.line - 1]))
        if start >= 0:
            at = start + len(comment.text)
            yield start, at


def _yaml(source: Text) -> Iterator[tuple[int, int]]:
    try:
        documents = yaml.parse(source)
    except UnreadableError:
        return
    scalars: dict[int, int] = {}
    scripts: list[yaml.Scalar] = []
    for document in documents:
        _scalars(document.root, scalars, scripts)
    text, at = source.text, 0
    for start, end in [*sorted(scalars.items()), (len(text), len(text))]:
        yield from _hashes(text, at, start)
        at = max(at, end)
    for script in scripts:
        for start, end in _shell_regions(script.text):
            place = script.region(start, end)
            begin = source.offset(place.line, place.column)
            yield begin, source.offset(place.end_line, place.end_column)


def _scalars(node: yaml.Node | None, found: dict[int, int], scripts: list[yaml.Scalar]) -> None:
    """The region of each scalar, and the scripts: values of `run`."""
    pending: list[tuple[yaml.Node, bool]] = [(node, False)] if node else []
    seen: set[int] = set()
    while pending:
        item, runs = pending.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, yaml.Scalar):
            found[item.start] = max(item.end, found.get(item.start, 0))
            if runs and item.style == "literal":
                scripts.append(item)
        elif isinstance(item, yaml.Sequence):
            pending += [(child, False) for child in item.items]
        else:
            for entry in item.entries:
                pending += [(entry.key, False), (entry.value, entry.key.text == "run")]


def _hashes(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Comments between two scalars: `#` at the beginning of a word."""
    at = text.find("#", start, end)
    while at >= 0:
        stop = at + 1
        if at == 0 or text[at - 1] in " \t\r\n":
            stop = _line_end(text, at)
            yield at, stop
        at = text.find("#", stop, end)


def _shell(source: Text) -> Iterator[tuple[int, int]]:
    return _shell_regions(source.text)


def _shell_regions(text: str) -> Iterator[tuple[int, int]]:
    """Comments of a script: outside of quotes and here documents."""
    at, quote = 0, ""
    bodies: list[tuple[str, bool]] = []
    while at < len(text):
        character = text[at]
        if character == "\\" and quote != "'":
            at += 2
        elif quote or character in "'\"`":
            quote = ("" if character == quote else quote) if quote else character
            at += 1
        elif character == "#" and (at == 0 or text[at - 1] in _WORD_ENDS):
            stop = _line_end(text, at)
            yield at, stop
            at = stop
        elif character == "<" and (match := _HEREDOC.match(text, at)):
            bodies.append((match.group(3), bool(match.group(1))))
            at = match.end()
        elif character == "\n" and bodies:
            at = _after_bodies(text, at + 1, bodies)
            bodies = []
        else:
            at += 1


def _after_bodies(text: str, at: int, bodies: list[tuple[str, bool]]) -> int:
    for delimiter, tabs in bodies:
        while at < len(text):
            stop = _line_end(text, at)
            line = text[at:stop]
            at = stop + 1
            if (line.lstrip("\t") if tabs else line) == delimiter:
                break
    return at


def _lines(source: Text) -> Iterator[tuple[int, int]]:
    """`#` at the beginning of a word, where no quote on the line is open."""
    text = source.text
    for start in source.starts:
        stop = _line_end(text, start)
        quote = ""
        for at in range(start, stop):
            character = text[at]
            if quote:
                quote = "" if character == quote else quote
            elif character in "'\"`":
                quote = character
            elif character == "#" and (at == start or text[at - 1] in " \t"):
                yield at, stop
                break


def _toml(source: Text) -> Iterator[tuple[int, int]]:
    """As on lines, outside of texts of several lines."""
    texts = [m.span() for m in re.finditer(r'"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'', source.text)]
    for start, end in _lines(source):
        if not any(begin < start < stop for begin, stop in texts):
            yield start, end


def _whole_lines(source: Text) -> Iterator[tuple[int, int]]:
    """Lines that begin with `#` or `;`: elsewhere they belong to a value."""
    for start in source.starts:
        stop = _line_end(source.text, start)
        line = source.text[start:stop]
        if line.lstrip()[:1] in ("#", ";"):
            yield start + len(line) - len(line.lstrip()), stop


_SCRIPT_TOKEN = regex(
    r"""(?P<comment>//[^\r\n]*|/\*[\s\S]*?\*/)|"(?:\\.|[^"\\\r\n])*"|'(?:\\.|[^'\\\r\n])*'"""
    r"""|`(?:\\[\s\S]|[^`\\])*`""",
)


def _javascript(source: Text) -> Iterator[tuple[int, int]]:
    for match in _SCRIPT_TOKEN.finditer(source.text):
        if match.group("comment"):
            yield match.span()


def _line_end(text: str, at: int) -> int:
    return cast(re.Match[str], _LINE_END.search(text, at)).start()


_BY_SUFFIX: dict[str, Find] = {
    **dict.fromkeys(("py", "pyi", "pyw"), _python),
    **dict.fromkeys(("yml", "yaml"), _yaml),
    **dict.fromkeys(("tf", "tofu", "tfvars", "hcl"), _hcl),
    **dict.fromkeys(("sh", "bash"), _shell),
    **dict.fromkeys(("ini", "cfg", "coveragerc"), _whole_lines),
    **dict.fromkeys(("js", "cjs", "mjs", "jsx", "ts", "cts", "mts", "tsx"), _javascript),
    "toml": _toml,
    "mk": _lines,
    "env": _lines,
}
_BY_NAME: tuple[tuple[re.Pattern[str], Find], ...] = (
    (regex(r"([^/]+\.)?[Dd]ockerfile(\.[^/]+)?", re.DOTALL), _whole_lines),
    (regex(r"CODEOWNERS|(GNU)?[Mm]akefile|[Jj]ustfile|\.env\.[^/]+", re.DOTALL), _lines),
    (regex(r"[^/]*requirements[^/]*\.txt", re.DOTALL), _lines),
)
_REQUIREMENTS = regex(r"(.*/)?requirements/[^/]+\.txt", re.DOTALL)


def _format(path: str) -> Find | None:
    name = path.rpartition("/")[2]
    if find := _BY_SUFFIX.get(name.rpartition(".")[2]):
        return find
    if _REQUIREMENTS.fullmatch(path):
        return _lines
    return next((find for names, find in _BY_NAME if names.fullmatch(name)), None)
