"""What a loader makes of one file."""

from typing import Generic, TypeVar

from iact_guard.model.records import dataclass
from iact_guard.model.source import Problem

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Loaded(Generic[E]):
    """Entities, and what could not be read: both, where a part of the file is sound."""

    entities: tuple[E, ...] = ()
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()
    """What is strange and may be new syntax: a warning, not a finding."""
