"""What a search in one format hands to the judgement: a name, and the literal given to it."""

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A literal under a name that means a secret. It holds the value: it goes no further."""

    name: str
    value: str
    location: Location
    """Of the whole value, over as many lines as it has."""
    trust: int = 1
    """How sure the place is. 2: settings, where a word is a password too; 1: code, where a word
    is rather a label; 0: examples and fallbacks, where only what looks random counts."""

    def __repr__(self) -> str:
        """Hold the value back, also from a crash report."""
        return f"Candidate({self.name!r}, {self.location!r})"
