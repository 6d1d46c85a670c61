"""Commands of scripts, as written. What their failure does is a fact of `analyze`."""

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command of a step's script, or one that another command runs."""

    id: str
    """`command:<path>#<job>/<step>/<tool>~n`: the n-th of that tool in the step."""
    path: str
    location: Location
    """On one line, the one that it begins on."""
    step: str
    """The entity id of its step."""
    text: str
    """The whole command as written, redirects included."""
    argv: tuple[str | None, ...]
    """Its words, quotes removed; None for one that is only known when it runs."""
    tool: str
    """The program's name without folder and version; empty where it is not known."""
    start: int
    """Where the simple command that runs it begins in the step's script."""
    outer: str = ""
    """The entity id of the command that runs it: `timeout`, `npx`, `bash -c`, ..."""
    embedded: bool = False
    """It stands in a text that another shell reads: `bash -c`, `ssh`, a here document."""
    beginnings: tuple[str, ...] = ()
    """For each word the text up to what is only known when it runs: `--fail-under=` of
    `--fail-under=$MINIMUM`."""
    assigns: tuple[tuple[str, str | None], ...] = ()
    """Variables set for this command alone: `NAME=value command`."""
    at: tuple[int, ...] = ()
    """Where the simple command that runs it begins in its own text, behind those around it in the
    texts that this one stands in."""
    unread: str = ""
    """Why what it runs is not read, or not wholly; empty where it is."""

    @property
    def words(self) -> tuple[str, ...]:
        """The arguments behind the program; nothing stands for one that is not known."""
        return tuple(word or "" for word in self.argv[1:])
