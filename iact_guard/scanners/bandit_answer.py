"""What Bandit says of one file: a line of its process, an entry of the cache."""

from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue. No text of it quotes the file."""

    rule: str
    name: str
    severity: str
    confidence: str
    text: str
    line: int
    first: int
    """The first line of the node; `last` is its last."""
    last: int
    column: int
    """In bytes of UTF-8 from 0, as `ast` counts; -1 where Bandit does not know."""
    end_column: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything about one file."""

    file: str
    """Its path in the staged copy."""
    skipped: tuple[str, ...]
    """Why it was not judged, in Bandit's words."""
    crashed: tuple[str, ...]
    """Tests of Bandit's that crashed on it."""
    issues: tuple[Issue, ...]
    unknown_nosec: tuple[tuple[int, str], ...]
    """Line and id of each `# nosec` that names no test."""
