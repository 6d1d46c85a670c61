"""Where something stands in the tree, and what stands there as an argument."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A region of one file.

    Lines and columns count from 1, columns in code points; the end column is exclusive, on an
    inclusive end line. `path` is relative to the root, with `/`.
    """

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 0
    end_column: int = 0

    def __post_init__(self) -> None:
        """Fill in an end that was not given: the start itself."""
        if not self.end_line:
            object.__setattr__(self, "end_line", self.line)
        if not self.end_column:
            object.__setattr__(self, "end_column", self.column)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One step of an argument: a place, and what it says there."""

    location: Location
    message: str
