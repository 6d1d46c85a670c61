"""Rules of Makefiles, as far as they can be read without running anything."""

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a recipe: a shell of its own runs it."""

    text: str
    """Simple variables replaced; what only a run can tell is left as a variable of the shell."""
    location: Location
    """The line that it begins on."""
    tolerated: bool = False
    """`-`: make goes on when it fails."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes a target."""

    target: str
    location: Location
    needs: tuple[str, ...] = ()
    """Targets that are made before it."""
    lines: tuple[Line, ...] = ()
    unclear: str = ""
    """Why it may be another one when it runs."""


@dataclass(frozen=True, slots=True)
class Makefile:
    """One file."""

    id: str
    """`makefile:<path>`."""
    path: str
    location: Location
    rules: tuple[Rule, ...]
    shell: tuple[str, ...] = ("sh",)
    """The shell and its options."""
    default: str = ""
    """The target of a bare `make`."""
    open: bool = False
    """It includes others, or makes rules by patterns or functions."""

    def rule(self, target: str) -> Rule | None:
        """The rule of a target."""
        return next((rule for rule in self.rules if rule.target == target), None)
