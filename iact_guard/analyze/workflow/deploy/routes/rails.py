"""Routes of Rails: the lines of `config/routes.rb`."""

from collections.abc import Iterator

from iact_guard.analyze.workflow.deploy.routes.route import ANYTHING, Route, joined, pattern_of
from iact_guard.analyze.workflow.deploy.routes.sources import Sources
from iact_guard.model.location import Location
from iact_guard.model.regex import regex
from iact_guard.syntax.text import Text

_LINE = regex(r"^\s*(\w+)\b(.*)$")
_TEXT = regex(r"^[\s(]*(?::(\w+)|['\"]([^'\"#]*)['\"])")
_SYMBOL = regex(r":(\w+)(?!\s*=>)")
_OPENS = regex(r"\bdo\b(?:\s*\|[^|]*\|)?\s*$")
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "match"})
_SAYS_NOTHING = frozenset({"Rails", "require", "if", "unless", "else"})


def routes_of(sources: Sources) -> Iterator[Route]:
    """Line by line; what is no plain route may be anything below its block."""
    for source in sources.texts((".rb",), "routes.draw"):
        yield from _lines(source)


def _lines(source: Text) -> Iterator[Route]:
    blocks: list[str] = []
    for number in range(1, len(source.starts) + 1):
        text = source.line(number)
        code = text if "#{" in text else text.partition("#")[0]
        match = _LINE.match(code.rstrip())
        if match is None:
            continue
        word, rest = match[1], match[2]
        if word == "end":
            blocks = blocks[:-1]
            continue
        place = Location(source.path, number, 1, number, len(text) + 1)
        prefix = joined(*blocks)
        yield from (Route(joined(prefix, each), place) for each in _declared(word, rest))
        if _OPENS.search(code) or word in ("if", "unless"):
            blocks.append(_below(word, rest))


def _declared(word: str, rest: str) -> Iterator[str]:
    name = _name(rest)
    if word in _VERBS:
        yield ANYTHING if name is None else pattern_of(name)
    elif word == "root":
        yield ""
    elif word in ("resources", "resource"):
        for each in _names(rest):
            yield ANYTHING if "path" in rest else each
            yield joined(each, ANYTHING)
    elif word not in ("namespace", "scope", *_SAYS_NOTHING):
        yield ANYTHING


def _below(word: str, rest: str) -> str:
    """What stands in front of the routes of a block."""
    name = _name(rest)
    if word == "namespace":
        return ANYTHING if "path" in rest or name is None else name
    if word == "scope":
        return ANYTHING if "path" in rest else name or ""
    if word in ("resources", "resource"):
        return ANYTHING if "path" in rest else joined(_names(rest)[0], ANYTHING)
    return ""


def _name(rest: str) -> str | None:
    text = _TEXT.match(rest)
    return (text[1] or text[2] or "") if text else None


def _names(rest: str) -> list[str]:
    return _SYMBOL.findall(rest.partition(",")[0]) or [ANYTHING]
