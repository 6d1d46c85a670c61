"""Texts as their author wrote them, with their places."""

from collections.abc import Callable
from dataclasses import field

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass


# Never changed; there are so many of them that declaring them frozen would be felt.
@dataclass(slots=True, unsafe_hash=True)
class Authored:
    """A scalar of a file: its text, where it stands, and where each part of it stands."""

    text: str
    location: Location
    locate: Callable[[int, int], Location] | None = field(default=None, compare=False, repr=False)
    plain: bool = field(default=False, compare=False)
    """Whether it was written without quotes, so that `true` means a boolean."""

    def region(self, start: int, end: int) -> Location:
        """Where the characters `start` to `end` (exclusive) of the text stand in the file."""
        return self.locate(start, end) if self.locate else self.location

    def first_line(self, start: int, end: int) -> Location:
        """The part of a region that stands on the line where it begins."""
        whole = self.region(start, end)
        if whole.end_line == whole.line:
            return whole
        inside, beyond = start + 1, end  # as many characters as fit, by halving
        cut = self.text.find("\n", inside, beyond)  # nearly always it is up to here
        if cut > inside and self.region(start, cut).end_line == whole.line:
            inside = cut
            if self.region(start, cut + 1).end_line != whole.line:
                beyond = cut + 1
        while beyond - inside > 1:
            middle = (inside + beyond) // 2
            if self.region(start, middle).end_line == whole.line:
                inside = middle
            else:
                beyond = middle
        found = self.region(start, inside)
        return (
            found
            if found.end_line == found.line
            else Location(found.path, found.line, found.column)
        )


@dataclass(slots=True, unsafe_hash=True)
class Pair:
    """A key with its value: `env`, `with`, `outputs`."""

    key: Authored
    value: Authored
