"""Routes of languages that are read by their words: literals behind calls and annotations."""

import re
from collections.abc import Iterable, Iterator
from itertools import product

from iact_guard.analyze.workflow.deploy.routes.route import ANYTHING, Route, joined
from iact_guard.model.regex import regex
from iact_guard.syntax.text import Text

MAX_COMBINED = 20_000
"""Routes times prefixes of one application."""
_COMMENT = regex(
    r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|//[^\n]*|/\*.*?\*/", re.DOTALL
)


def code_of(source: Text) -> str:
    """A text of the C family with spaces for its comments: offsets stay."""

    def blank(match: re.Match[str]) -> str:
        found = match[0]
        return "".join(c if c == "\n" else " " for c in found) if found.startswith("/") else found

    return _COMMENT.sub(blank, source.text)


def at(source: Text, match: re.Match[str], pattern: str) -> Route:
    """The route that a match declares; it stands on the line on which the match begins."""
    line, column = source.position(match.start())
    end = min(match.end(), match.start() + max(1, len(source.line(line)) - column + 1))
    return Route(pattern, source.location(match.start(), end))


def combined(
    prefixes: Iterable[str], routes: list[Route], depth: int, *, alone: bool = True
) -> Iterator[Route]:
    """Every route behind every chain of up to `depth` prefixes; with `alone` also without any.

    Where those are too many, whatever may stand between the first prefix and the route.
    """
    some = sorted({*prefixes} - {""})
    starts = [""] if alone or not some else []
    if (len(some) + 1) ** depth * len(routes) > MAX_COMBINED:
        starts += [joined(each, ANYTHING) for each in some]
    else:
        starts += sorted({joined(*chain) for chain in product(("", *some), repeat=depth)} - {""})
    return (Route(joined(start, r.pattern), r.location) for start in starts for r in routes)
