"""OSV records of PyPI to advisories: package, affected versions as specifiers, severity."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from iact_guard.model.finding import SEVERITIES, Severity
from iact_guard.model.records import dataclass
from iact_guard.scanners.cvss import base_score, severity
from iact_guard.syntax.versions import normal_name, version, within

# Of several records of one fault, the first of these names it.
_PREFERRED = ("PYSEC-", "GHSA-", "CVE-")
_WORDS: dict[str, Severity] = {
    "CRITICAL": "critical", "HIGH": "high", "MODERATE": "medium", "MEDIUM": "medium", "LOW": "low",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Advisory:
    """What one source says of one package; `names` are its id and its aliases."""

    id: str
    names: frozenset[str]
    package: str
    specs: tuple[str, ...]
    severity: Severity | None
    summary: str
    modified: str
    """The day, `YYYY-MM-DD`; empty where the record has none."""


def advisories(record: Mapping[str, Any]) -> Iterator[Advisory]:
    """The advisories of a record, one a package; none for a withdrawn one or another ecosystem."""
    identity = record.get("id")
    if not isinstance(identity, str) or not identity or record.get("withdrawn"):
        return
    names = frozenset({identity, *_texts(record.get("aliases"))})
    packages: dict[str, list[str]] = {}
    for affected in _mappings(record.get("affected")):
        package = affected.get("package")
        if isinstance(package, Mapping) and str(package.get("ecosystem")).lower() == "pypi":
            name = normal_name(str(package.get("name")))
            packages.setdefault(name, []).extend(_specs(affected))
    for name, specs in packages.items():
        yield Advisory(
            id=identity,
            names=names,
            package=name,
            specs=tuple(dict.fromkeys(specs)),
            severity=_severity(record),
            summary=_summary(record),
            modified=_day(record),
        )


def merged(found: Iterable[Advisory]) -> list[Advisory]:
    """One advisory for all records that are aliases of each other, package by package.

    What any of them calls affected is affected: a record without a fixed version is not
    overruled by one that has it.
    """
    by_package: dict[str, list[Advisory]] = {}
    for advisory in found:
        by_package.setdefault(advisory.package, []).append(advisory)
    joined = (group for same in by_package.values() for group in _groups(same))
    return sorted(map(_join, joined), key=lambda item: (item.package, item.id))


def _groups(same: list[Advisory]) -> Iterable[list[Advisory]]:
    """Connected components over shared names."""
    group_of: dict[str, list[Advisory]] = {}
    for advisory in same:
        group = [advisory]
        for other in {id(g): g for n in advisory.names if (g := group_of.get(n))}.values():
            group += other
        for name in (name for member in group for name in member.names):
            group_of[name] = group
    return {id(group): group for group in group_of.values()}.values()


def _join(group: list[Advisory]) -> Advisory:
    group = sorted(group, key=lambda item: (_rank(item.id), item.id))
    first = group[0]
    severities = [item.severity for item in group if item.severity]
    return Advisory(
        id=first.id,
        names=frozenset(name for item in group for name in item.names),
        package=first.package,
        specs=tuple(dict.fromkeys(spec for item in group for spec in item.specs)),
        severity=min(severities, key=SEVERITIES.index, default=None),
        summary=next((item.summary for item in group if item.summary), ""),
        modified=max(item.modified for item in group),
    )


def _rank(identity: str) -> int:
    starts = (n for n, prefix in enumerate(_PREFERRED) if identity.startswith(prefix))
    return next(starts, len(_PREFERRED))


def _specs(affected: Mapping[str, Any]) -> Iterator[str]:
    """Ranges as specifiers, then each listed version that no range covers."""
    ranges = [
        spec
        for item in _mappings(affected.get("ranges"))
        if item.get("type") in {"ECOSYSTEM", "SEMVER"}
        for spec in _range(_mappings(item.get("events")))
    ]
    yield from ranges
    for listed in _texts(affected.get("versions")):
        # A bound `<2` leaves out 2.0rc1, and some versions cannot be compared at all.
        if (found := version(listed)) and not any(within(listed, spec) for spec in ranges):
            yield f"=={found}"


def _range(events: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """`introduced` opens an interval, `fixed` and `last_affected` close it, in order of version."""
    points = []
    for event in events:
        for kind in ("fixed", "last_affected", "introduced"):
            text = event.get(kind)
            found = version("0.dev0" if text == "0" and kind == "introduced" else str(text))
            if text is not None and found:
                points.append((found, kind))
    points.sort(key=lambda point: (point[0], point[1] == "introduced"))
    start = None
    for found, kind in points:
        if kind == "introduced":
            start = start or found
        elif start is not None:
            upper = f"{'<' if kind == 'fixed' else '<='}{found}"
            yield upper if str(start) == "0.dev0" else f">={start},{upper}"
            start = None
    if start is not None:
        yield f">={start}"


def _severity(record: Mapping[str, Any]) -> Severity | None:
    specific = record.get("database_specific")
    if isinstance(specific, Mapping) and str(specific.get("severity")).upper() in _WORDS:
        return _WORDS[str(specific["severity"]).upper()]
    scores = [base_score(str(item.get("score"))) for item in _mappings(record.get("severity"))]
    known = [score for score in scores if score is not None]
    return severity(max(known)) if known else None


def _summary(record: Mapping[str, Any]) -> str:
    text = record.get("summary") or record.get("details")
    words = " ".join(text.split()) if isinstance(text, str) else ""
    return words if len(words) <= 200 else f"{words[:199].rsplit(' ', 1)[0]}…"


def _day(record: Mapping[str, Any]) -> str:
    stamp = str(record.get("modified") or record.get("published") or "")[:10]
    return stamp if len(stamp) == 10 and stamp[4] == stamp[7] == "-" else ""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, str))


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, Mapping))
