"""Every exception that is meant for a user, in one place, with the file and line in it."""

from iact_guard.model.location import Location


class GuardError(Exception):
    """Something that ends the run with a message for the user, exit code 2."""


class ConfigError(GuardError):
    """The configuration, the policies or the command line cannot be used."""


class VcsError(GuardError):
    """Git could not answer; the message holds the remedy."""


class ForgeError(GuardError):
    """A server could not be asked, or refused; the message names no credentials."""


class UncertainError(ForgeError):
    """A request that is not repeated blindly ended without an answer: it may have been done."""


class ForbiddenError(ForgeError):
    """The token lacks a permission, which the message names."""


class AdvisoryError(GuardError):
    """A source of advisories cannot be used."""


class UnreadableError(Exception):
    """A file could not be opened, decoded or parsed. Becomes IG001, never stops the run."""

    def __init__(self, location: Location, reason: str, remedy: str = "") -> None:
        super().__init__(f"{location.path}:{location.line}:{location.column}: {reason}")
        self.location = location
        self.reason = reason
        self.remedy = remedy


def crash_place(error: BaseException) -> str:
    """Type and place of a crash, never its text: a text may hold what it stumbled over."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "iact_guard" in frame.filename] or list(frames)
    if not ours:
        return type(error).__name__
    where = ours[-1].filename.rpartition("iact_guard/")[2]
    return f"{type(error).__name__} in {where}:{ours[-1].lineno}"
