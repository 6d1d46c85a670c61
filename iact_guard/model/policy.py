"""Policies as they are written, and what a check may answer."""

from dataclasses import field
from typing import Any, Literal

from iact_guard.model.finding import Precision, Severity
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass

OnUnknown = Literal["warn", "fail", "ignore"]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy: the judgement and its reasons; the mechanism lives in the check that it names."""

    id: str
    name: str
    title: str
    severity: Severity
    security: bool
    precision: Precision
    guide: tuple[str, ...]
    rationale: str
    remedy: str
    on_unknown: OnUnknown
    entity: str
    """The kind of entity that it is asked of (`for` in the file)."""
    check: str
    """`domain.function`; empty for the policies that the engine itself speaks for (IG)."""
    params: dict[str, Any] = field(default_factory=dict)
    controls: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    """Kinds of file that it depends on, beyond those of its entity."""
    across: bool = False
    """What it says of a workflow's parts may rest on any other workflow."""
    path: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Fail:
    """The entity breaks the policy, here and for these reasons."""

    message: str
    location: Location
    evidence: tuple[Evidence, ...] = ()
    places: tuple[Evidence, ...] = ()
    severity: Severity | None = None
    """Only to lower the policy's own, where the catalogue says so."""
    precision: Precision | None = None
    remedy: str = ""
    anchor: str = ""
    """What the fingerprint stands on instead of the entity's id."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The files do not tell; `message` says what would."""

    message: str
    location: Location
    evidence: tuple[Evidence, ...] = ()
    anchor: str = ""


@dataclass(slots=True, unsafe_hash=True)  # most answers are: frozen takes three times as long
class NotApplicable:
    """The policy does not speak of this entity."""

    reason: str


Answer = Fail | Unknown | NotApplicable
