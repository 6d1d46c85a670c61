"""What an expression of Terraform comes to, as far as the files tell."""

from dataclasses import field, replace
from typing import Literal, TypeAlias

from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass

State = Literal["known", "null", "absent", "unknown"]
Scalar: TypeAlias = str | int | float | bool
MAX_TRAIL = 8


@dataclass(frozen=True, slots=True)
class Items:
    """A list, tuple or set, of which each element may be unknown."""

    values: tuple["Value", ...]
    is_set: bool = False


@dataclass(frozen=True, slots=True)
class Entries:
    """A map or an object; `others` says why it may hold more keys, and is empty where it can't."""

    values: dict[str, "Value"] = field(default_factory=dict)
    others: str = ""


Content: TypeAlias = Scalar | Items | Entries


@dataclass(frozen=True, slots=True)
class Value:
    """A value with the chain of places that it came from, from its use back to its origin.

    `content` is None unless `state` is known; `reason` is a sentence where it is unknown.
    `failed` marks an unknown that Terraform would refuse, which `try` and `can` ask for.
    """

    state: State
    content: Content | None = None
    reason: str = ""
    trail: tuple[Evidence, ...] = ()
    failed: bool = False

    @property
    def text(self) -> str | None:
        """The string that it is; None for everything else."""
        return self.content if isinstance(self.content, str) else None

    @property
    def nothing(self) -> bool:
        """Absent or null, which is the same to Terraform."""
        return self.state in ("absent", "null")

    def behind(self, *steps: Evidence) -> "Value":
        """The same value, seen from further away."""
        new = tuple(step for step in steps if step not in self.trail)
        return replace(self, trail=(*new, *self.trail)[:MAX_TRAIL]) if new else self

    def made_of(self, *parts: "Value") -> "Value":
        """The same value; where it has no place of its own, with the places of its parts."""
        return self if self.trail or not parts else replace(self, trail=trail_of(parts))

    def get(self, key: str) -> "Value":
        """What a map holds under a key: absent where it has no such key, unknown where it may."""
        if self.nothing:
            return ABSENT
        if not isinstance(self.content, Entries):
            return self if self.state == "unknown" else ABSENT
        found = self.content.values.get(key)
        if found is None and self.content.others:
            return Value("unknown", reason=self.content.others, trail=self.trail)
        return found or ABSENT


ABSENT = Value("absent")


def known(content: Content, *parts: Value) -> Value:
    """A known value that was made of others."""
    return Value("known", content, trail=trail_of(parts))


def null(*parts: Value) -> Value:
    """Null."""
    return Value("null", trail=trail_of(parts))


def unknown(reason: str, *parts: Value) -> Value:
    """What the files do not tell."""
    return Value("unknown", reason=reason, trail=trail_of(parts))


def failed(reason: str, *parts: Value) -> Value:
    """What Terraform would refuse to evaluate."""
    return Value("unknown", reason=reason, trail=trail_of(parts), failed=True)


def trail_of(parts: tuple[Value, ...]) -> tuple[Evidence, ...]:
    """The places of all parts, each once."""
    seen: dict[Evidence, None] = {}
    for part in parts:
        for step in part.trail:
            seen.setdefault(step)
            if len(seen) >= MAX_TRAIL:
                return tuple(seen)
    return tuple(seen)
