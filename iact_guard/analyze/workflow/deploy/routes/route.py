"""Routes as patterns: `*` is one segment, `**` any number of them."""

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex

ANYTHING = "**"
MAX_SEGMENTS = 40
"""Of one route; what is longer may be anything."""
_PARAMETER = regex(r"<[^<>]*>|\{[^{}]*\}|\[[^\[\]]*\]|(?:^|(?<=[./-])):\w+[?*+]?")
_GREEDY = regex(r"<path:|<re|:path\}|\{\*|\{\w+:\.\*|\[\[?\.\.\.|:\w+[?*+]|\.\*|\(|\?")


@dataclass(frozen=True, slots=True)
class Route:
    """What an application answers, or may answer: then its pattern ends in `**`."""

    pattern: str
    """Segments with `/` between them and none around."""
    location: Location
    """What declares it."""

    @property
    def certain(self) -> bool:
        """Whether it is written out, and no guess of what may be there."""
        return "**" not in self.pattern


def pattern_of(text: str) -> str:
    """A route as frameworks write it (`<int:id>`, `{id}`, `:id`, `[id]`) as a pattern."""
    segments: list[str] = []
    for segment in text.strip().strip("/").split("/"):
        if _GREEDY.search(segment) or segment == "*" or segment.startswith("*"):
            segments.append("**")
        else:
            segments.append("*" if _PARAMETER.search(segment) else segment)
    return joined(*segments)


def joined(*parts: str) -> str:
    """Patterns one behind the other."""
    whole = "/".join(part.strip("/") for part in parts if part.strip("/"))
    return whole if whole.count("/") < MAX_SEGMENTS else ANYTHING


def answers(pattern: str, path: str) -> bool:
    """Whether a path, without slashes around it, is one of a pattern; case is not looked at.

    Linear for each `**` of the pattern: a row of the usual table of matches.
    """
    wanted = path.strip("/").lower().split("/") if path.strip("/") else []
    row = [True] + [False] * len(wanted)
    for part in pattern.lower().split("/") if pattern else ():
        if part == ANYTHING:
            reached = False
            for index, before in enumerate(row):
                reached = reached or before
                row[index] = reached
        else:
            row = [False] + [
                before and part in ("*", segment)
                for before, segment in zip(row, wanted, strict=False)
            ]
    return row[-1]
