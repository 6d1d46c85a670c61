"""What the search for runs past the gates can come to."""

from typing import Literal

from iact_guard.analyze.links.production.subjects import CANCELLED, LATE
from iact_guard.analyze.links.production.trace import Trace
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass

State = Literal["guarded", "open", "switched", "unknown", "unreached"]


@dataclass(frozen=True, slots=True)
class Switched:
    """A switch that turns gates off on the way to production."""

    name: str
    """`the input skip_tests`."""
    place: Evidence
    """Where it is asked for."""
    value: str
    """The answer that skips them."""
    trace: Trace
    declared: Evidence | None = None
    """The input, where it is one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the search came to for one way."""

    state: State
    reason: str
    trace: Trace | None = None
    evidence: tuple[Evidence, ...] = ()
    switches: tuple[Switched, ...] = ()
    assumes: tuple[str, ...] = ()
    callers: tuple[Evidence, ...] = ()
    """Jobs that call the workflow of an open way, by which the gates are passed."""

    @property
    def slow(self) -> bool:
        """Whether the hole takes a gate that runs over its time, or a run that is cancelled."""
        return self.trace is not None and self.trace.world in (LATE, CANCELLED)
