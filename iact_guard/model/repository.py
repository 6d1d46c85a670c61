"""The repository as a whole: the entity that absence is judged on."""

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Repository:
    """The one entity of its kind."""

    id: str = "repository:"
    path: str = ""

    @property
    def location(self) -> Location:
        """Nowhere in particular: a check names the file that should carry what is missing."""
        return Location(self.path or ".")
