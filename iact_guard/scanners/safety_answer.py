"""What Safety says of pinned requirements and one database, cut down to what we use of it."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from iact_guard.cache.key import key, program
from iact_guard.model.finding import Severity
from iact_guard.model.records import dataclass
from iact_guard.scanners import cvss, environment
from iact_guard.scanners.advisories import digests


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """An advisory that speaks of a version."""

    package: str
    version: str
    id: str
    cve: str | None
    text: str
    specs: tuple[str, ...]
    """The ranges of versions that are vulnerable."""
    fixed: tuple[str, ...]
    severity: Severity | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, and which requirements were looked at."""

    vulnerabilities: tuple[Vulnerability, ...]
    audited: tuple[str, ...]
    """As they were asked about: `name==version`."""


def read(output: Path, severities: Mapping[str, Severity]) -> Answer:
    """Safety's report; any of `BROKEN` where it has another form."""
    data = json.loads(output.read_bytes())
    packages = data["scanned_packages"].values()
    return Answer(
        tuple(_vulnerability(item, severities) for item in data["vulnerabilities"]),
        tuple(sorted(item["raw"] for package in packages for item in package["requirements"])),
    )


BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


def key_of(requirements: Iterable[str], database: Path) -> str:
    """The key of the answer about some requirements; the database counts by its content."""
    folder = environment.folder_of("safety").name
    return key("safety", folder, program("scanners"), *digests(database), *requirements)


def _vulnerability(found: Mapping[str, Any], severities: Mapping[str, Severity]) -> Vulnerability:
    id, cve = str(found["vulnerability_id"]), found.get("CVE")
    specs = found.get("vulnerable_spec") or ()
    return Vulnerability(
        package=str(found["package_name"]),
        version=str(found["analyzed_version"]),
        id=id,
        cve=str(cve) if cve else None,
        text=" ".join(str(found.get("advisory") or "").split())[:300],
        specs=tuple(map(str, [specs] if isinstance(specs, str) else specs)),
        fixed=tuple(map(str, found.get("fixed_versions") or ())),
        severity=severities.get(id) or _scored(found),
    )


def _scored(found: Mapping[str, Any]) -> Severity | None:
    known = found.get("severity")
    scores = (known.get("cvssv3") or {}) if isinstance(known, Mapping) else {}
    score = scores.get("base_score") if isinstance(scores, Mapping) else None
    return cvss.severity(float(score)) if isinstance(score, int | float) else None
