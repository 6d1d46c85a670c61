"""Routes of languages that are read by their words: literals behind calls and annotations."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice, product

from iact_guard.analyze.workflow.deploy.routes.route import Route, joined
from iact_guard.syntax.text import Text

MAX_COMBINED = 20_000
"""Routes times prefixes of one application."""
_COMMENT = re.compile(
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
) -> Iterator[Route] | None:
    """Every route behind every chain of up to `depth` prefixes; None where those are too many.

    With `alone` a route may also stand without any.
    """
    chains = product(sorted({"", *prefixes}), repeat=depth)
    starts = sorted({joined(*chain) for chain in islice(chains, MAX_COMBINED)} - {""})
    starts = [*starts, *([""] if alone or not starts else [])]
    if len(starts) * len(routes) > MAX_COMBINED or len(starts) >= MAX_COMBINED:
        return None
    return (Route(joined(start, r.pattern), r.location) for start in starts for r in routes)
