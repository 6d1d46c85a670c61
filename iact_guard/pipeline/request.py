"""What a check is asked to do, and who is told how far it is."""

from dataclasses import field
from pathlib import Path
from typing import Literal, Protocol

from iact_guard.cache.store import Store
from iact_guard.model.finding import Severity
from iact_guard.model.records import dataclass
from iact_guard.model.scan import ScannerName
from iact_guard.model.source import Kind
from iact_guard.pipeline.event import Event

DEFAULT_SCANNERS: tuple[ScannerName, ...] = ("bandit", "checkov", "safety")


Domain = Literal["migration"]
DOMAINS: dict[Domain, Kind] = {"migration": Kind.MIGRATION}
"""The kind of file that the policies of a domain speak of."""


class Listener(Protocol):
    """Who is told how far the work is."""

    def expect(self, steps: int) -> None:
        """More steps to come."""

    def step(self, label: str = "") -> None:
        """A step is done."""

    def say(self, label: str) -> None:
        """What is under way."""


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What to check, and how."""

    root: Path
    files: frozenset[str] | None = None
    """Files of the root whose findings are wanted; None for all."""
    domain: Domain | None = None
    """Only its policies, on its files; None for everything."""
    scanners: tuple[ScannerName, ...] | None = None
    """Scanners asked for by name; None for all that can run."""
    fail_on: Severity | None = None
    """The mildest severity that gates; None for the configured one."""
    offline: bool = False
    store: Store = field(default_factory=Store)
    """Where earlier work is remembered; without a folder nothing is."""
    since: str | None = None
    """A revision, or `auto`: only what is new since then is open; None where everything is."""
    baseline: bool = True
    """Honour the baseline, if there is one."""
    new_lines: bool = False
    """Show older findings where a line changed, not wherever a file did."""
    staged: bool = False
    """Check what the index holds instead of what lies on the disk."""
    trusted_rev: str | None = None
    """Whose configuration is believed: a revision, `none` for the tree's own; None: the event's."""
    event: Event | None = None
    """What the CI run answers to."""
    timings: bool = False
    line_hashes: bool = False
    evidence_lines: bool = False
    """Whether the source lines of evidence are shown, beside those of the findings."""
    picture: bool = False
    """Whether the way to production is drawn."""
    below: str = ""
    """Where the root lies in its repository, with a `/` at the end; empty outside of a runner."""


DECISIVE = (
    "scanners", "fail_on", "offline", "line_hashes", "evidence_lines", "picture", "below",
)  # fmt: skip
"""What of a request goes into the key of its result; `timings` is no matter."""
