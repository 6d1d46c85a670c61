"""Requirement files of pip: what is asked for, on which line."""

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement. `name` is normalised (PEP 503), the rest as its author wrote it."""

    id: str
    """`requirement:<path>#<name>`, with an ordinal from the second of the same name on."""
    path: str
    location: Location
    """From the name to the end of the specifier, on one line."""
    name: str
    specifier: str
    """`>=1,<2`; empty for none, and for a URL or a folder."""
    version: str | None
    """The one version that `==` pins it to."""
    marker: str = ""
    unpinned: str = ""
    """Why it is not pinned; empty when it is."""


@dataclass(frozen=True, slots=True)
class Include:
    """`-r FILE` or `-c FILE`; `target` is the path in the tree, None for a URL or one outside."""

    target: str | None
    constraint: bool
    location: Location


@dataclass(frozen=True, slots=True)
class RequirementsFile:
    """A file with what it asks for and what it includes, in order."""

    id: str
    path: str
    location: Location
    requirements: tuple[Requirement, ...] = ()
    includes: tuple[Include, ...] = ()
