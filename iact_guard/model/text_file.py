"""Files as texts: the entity that asks nothing of any other file."""

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.source import Kind


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file that is searched on its own, whatever else it means to the repository."""

    id: str
    """`file:<path>`."""
    path: str
    kind: Kind

    @property
    def location(self) -> Location:
        """Its beginning."""
        return Location(self.path)
