"""What discovery found: files, their kinds, and what it could not look at."""

from enum import StrEnum

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass


class Kind(StrEnum):
    """What a file is to us, by its path."""

    WORKFLOW = "workflow"
    ACTION = "action"
    TERRAFORM = "terraform"
    TFVARS = "tfvars"
    MIGRATION = "migration"
    CODEOWNERS = "codeowners"
    REQUIREMENTS = "requirements"
    COVERAGE_CONFIG = "coverage-config"
    PYTHON = "python"
    DOTENV = "dotenv"
    OTHER = "other"


SECRETS_ONLY = frozenset({Kind.PYTHON, Kind.DOTENV})
"""Text that is searched for secrets alone; a root of nothing else has nothing to check."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the tree and its kind."""

    path: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read: it becomes IG001 (or IG003 for a check)."""

    location: Location
    reason: str
    rule: str = "IG001"
    remedy: str = ""
