"""Where something stands in the tree, and what stands there as an argument."""

from iact_guard.model.records import dataclass


@dataclass(slots=True, order=True, unsafe_hash=True)
class Location:
    """A region of one file.

    Lines and columns count from 1, columns in code points; the end column is exclusive, on an
    inclusive end line. `path` is relative to the root, with `/`. Never changed: it is not declared
    frozen because every scalar of every file has one, and a frozen one takes three times as long.
    """

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 0
    end_column: int = 0

    def __init__(
        self, path: str, line: int = 1, column: int = 1, end_line: int = 0, end_column: int = 0
    ) -> None:
        """An end that is not given is the start itself."""
        self.path = path
        self.line = line
        self.column = column
        self.end_line = end_line or line
        self.end_column = end_column or column


@dataclass(frozen=True, slots=True)
class Evidence:
    """One step of an argument: a place, and what it says there."""

    location: Location
    message: str
