"""The one place that keeps secrets out of every output."""

from iact_guard.redact.redactor import MIN_LENGTH, Lessons, Redactor, visible
from iact_guard.redact.spans import MASK

__all__ = ["MASK", "MIN_LENGTH", "Lessons", "Redactor", "visible"]
