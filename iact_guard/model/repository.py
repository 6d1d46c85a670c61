"""The repository as a whole: the entity that absence is judged on."""

from dataclasses import dataclass

from iact_guard.model.location import Location


@dataclass(frozen=True, slots=True)
class Repository:
    """The one entity of its kind."""

    id: str = "repository:"
    path: str = ""

    @property
    def location(self) -> Location:
        """Nowhere in particular: a check names the file that should carry what is missing."""
        return Location(self.path or ".")
