"""Facts: what analysis worked out about an entity, with the evidence for it."""

from typing import Generic, Literal, TypeVar

from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass


class UnknownFactError(Exception):
    """Somebody needed the value of a fact that has none: what rests on it is unknown too."""

    def __init__(self, reason: str, evidence: tuple[Evidence, ...]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.evidence = evidence


T = TypeVar("T")
State = Literal["known", "unknown", "not-applicable"]


# Never changed; there are so many of them that declaring them frozen would be felt.
@dataclass(slots=True, unsafe_hash=True)
class Fact(Generic[T]):
    """A typed answer of the analysis.

    `value` is only meaningful when `state` is `known`; `reason` says why in a sentence and is
    never empty for the other two states.
    """

    state: State
    value: T | None = None
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()

    @property
    def known(self) -> T:
        """The value; UnknownFactError where there is none, which makes the asking fact unknown."""
        if self.state != "known":
            raise UnknownFactError(self.reason, self.evidence)
        return self.value  # type: ignore[return-value]  # None is a legal T


def known(value: T, reason: str = "", evidence: tuple[Evidence, ...] = ()) -> Fact[T]:
    """A fact that was worked out."""
    return Fact("known", value, reason, evidence)


def unknown(reason: str, evidence: tuple[Evidence, ...] = ()) -> Fact[T]:
    """A fact that the files do not tell, or that we could not work out: `reason` says which."""
    return Fact("unknown", None, reason, evidence)


def not_applicable(reason: str) -> Fact[T]:
    """The question does not arise for this entity."""
    return Fact("not-applicable", None, reason)
