"""SARIF 2.1.0 for GitHub code scanning: one run a tool, nothing that GitHub would refuse.

Which properties GitHub reads, and its limits: "SARIF support for code scanning" in its docs.
"""

import gzip
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from iact_guard import __version__
from iact_guard.model.finding import SEVERITIES, Finding, Severity
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.result import Result
from iact_guard.report.sarif_limits import MAX_COMPRESSED, MAX_LOCATIONS, MAX_RESULTS
from iact_guard.report.text import to_json
from iact_guard.report.workspace import from_repository

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MAX_DESCRIPTION = 1024

_DRIVERS = {
    "iact-guard": "iact-guard",
    "bandit": "Bandit",
    "checkov": "Checkov",
    "safety": "Safety",
}
_HOMES = {
    "bandit": "https://bandit.readthedocs.io/",
    "checkov": "https://www.checkov.io/",
    "safety": "https://www.getsafety.com/",
}
_LEVELS = {
    "critical": "error", "high": "error", "medium": "warning", "low": "note", "note": "note",
}  # fmt: skip
_SECURITY_SEVERITY = {
    "critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "note": "0.5",
}  # fmt: skip
_PROBLEM_SEVERITY = {
    "critical": "error", "high": "error", "medium": "warning", "low": "recommendation",
    "note": "recommendation",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Limits:
    results: int
    places: int


def render(result: Result) -> str:
    """The SARIF file as text: everything, or as much as GitHub takes, the worst first."""
    steps = ((MAX_RESULTS, 100), (MAX_RESULTS, 3), (10_000, 3), (5_000, 0), (1_000, 0))
    text = to_json(build(result))
    for results, places in steps:
        if len(text) <= MAX_COMPRESSED or len(gzip.compress(text.encode())) <= MAX_COMPRESSED:
            break
        text = to_json(build(result, results, places))
    return text


def build(
    result: Result, results: int | None = None, places: int = MAX_LOCATIONS
) -> dict[str, Any]:
    """The SARIF log as plain data, with at most so many results a run and places a result.

    A scanner that did not complete gets no run: an empty one would close its alerts as fixed.
    Unknown verdicts that do not gate stay out: a code scanning alert would gate by itself. So do
    suppressed findings, since GitHub opens alerts for them.
    """
    result = from_repository(result)
    limits = _Limits(MAX_RESULTS if results is None else results, places)
    runs = [_run(result, "iact-guard", __version__, limits)]
    runs += [
        _run(result, scanner.name, scanner.version, limits)
        for scanner in result.scanners
        if scanner.status in ("ok", "partial")
    ]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": runs}


def _uploaded(result: Result, tool: str, limit: int) -> tuple[list[Finding], int]:
    """The findings of a tool that go up, and how many were left out by the limit."""
    mine = [
        finding
        for finding in result.findings
        if finding.tool == tool
        and finding.status == "open"
        and (finding.outcome == "fail" or finding.gates)
    ]
    if len(mine) <= limit:
        return mine, 0
    # One place is kept for the result that says so.
    worst = sorted(mine, key=lambda finding: SEVERITIES.index(finding.severity))
    kept = {id(finding) for finding in worst[: limit - 1]}
    return [finding for finding in mine if id(finding) in kept], len(mine) - limit + 1


def _run(result: Result, tool: str, version: str | None, limits: _Limits) -> dict[str, Any]:
    findings, left_out = _uploaded(result, tool, limits.results)
    ids = sorted({finding.rule for finding in findings} | _own_rules(result, tool))
    if left_out:
        ids = sorted({*ids, "IG002"})
    index = {id: number for number, id in enumerate(ids)}
    driver: dict[str, Any] = {
        "name": _DRIVERS[tool],
        "informationUri": _HOMES.get(tool, "https://pypi.org/project/iact-guard/"),
        "rules": [_rule(result, id, [f for f in findings if f.rule == id]) for id in ids],
    }
    if version:
        driver["semanticVersion" if tool == "iact-guard" else "version"] = version
    results = list(_results(result, findings, index, limits.places))
    if left_out:
        results.append(_left_out(left_out, limits.results, index))
    details = {key: value for s in result.scanners if s.name == tool for key, value in s.details}
    return {
        "tool": {"driver": driver},
        **({"properties": details} if details else {}),
        "automationDetails": {"id": f"iact-guard/{tool}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the check."}}},
        "results": results,
    }


def _own_rules(result: Result, tool: str) -> set[str]:
    return {tally.id for tally in result.tallies} if tool == "iact-guard" else set()


def _rule(result: Result, id: str, findings: list[Finding]) -> dict[str, Any]:
    policy = result.policies.get(id)
    if policy is not None:
        severity: Severity = _worst(findings) or policy.severity
        title, description, remedy = policy.title, policy.rationale, policy.remedy
        name, precision, security = policy.name, policy.precision, policy.security
        extra = [f"guide: {section}" for section in policy.guide] + list(policy.controls)
    else:
        first = findings[0]
        severity = _worst(findings) or first.severity
        title = description = first.name or first.message
        remedy = first.remedy or first.message
        name, precision, security = first.name or id, first.precision, first.security
        extra = []
    properties: dict[str, Any] = {
        "tags": (["security"] if security else ["correctness"]) + extra[:18],
        "precision": precision,
    }
    if security:
        properties["security-severity"] = _SECURITY_SEVERITY[severity]
    else:
        properties["problem.severity"] = _PROBLEM_SEVERITY[severity]
    return {
        "id": id,
        "name": name[:255],
        "shortDescription": {"text": _sentence(_flat(title)[: MAX_DESCRIPTION - 1])},
        "fullDescription": {"text": _sentence(_flat(description)[: MAX_DESCRIPTION - 1])},
        "help": {
            "text": f"{description}\n\n{remedy}",
            "markdown": f"{description}\n\n**What to do:** {remedy}",
        },
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": properties,
    }


def _worst(findings: Iterable[Finding]) -> Severity | None:
    """What GitHub shows is the rule's severity: the worst that it found here."""
    found = [SEVERITIES.index(finding.severity) for finding in findings]
    return SEVERITIES[min(found)] if found else None


def _results(
    result: Result, findings: list[Finding], index: dict[str, int], limit: int
) -> Iterator[dict[str, Any]]:
    seen: dict[tuple[str, str, str], int] = {}
    for finding in findings:
        where = finding.location
        line_hash = result.line_hashes.get(
            (where.path, where.line), finding.fingerprint[:16] + ":1"
        )
        key = (finding.rule, where.path, line_hash)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:  # two findings of a rule on one line are two alerts
            line_hash = f"{line_hash}:{seen[key]}"
        yield _result(finding, index[finding.rule], line_hash, limit)


def _result(finding: Finding, rule_index: int, line_hash: str, limit: int) -> dict[str, Any]:
    everywhere = [
        *finding.places,
        *(Evidence(Location(o.path, o.line), f"{o.tool} {o.rule}") for o in finding.related),
    ]
    places = everywhere[: max(limit - 1, 0)]
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding, places, len(everywhere) - len(places))},
        "locations": [{"physicalLocation": _physical(finding.location)}],
        "partialFingerprints": {"primaryLocationLineHash": line_hash},
        "fingerprints": {"iactGuard/v1": finding.fingerprint},
    }
    if places:
        result["relatedLocations"] = [
            {"id": number, **_place(place)} for number, place in enumerate(places, start=1)
        ]
    if finding.evidence and limit:
        steps = [*finding.evidence[:limit], Evidence(finding.location, finding.message)]
        flow = {"locations": [{"location": _place(step)} for step in steps]}
        result["codeFlows"] = [{"threadFlows": [flow]}]
    return result


def _message(finding: Finding, places: list[Evidence], more: int) -> str:
    text = _brackets(_sentence(finding.message))
    if finding.remedy:
        text += f" {_brackets(_sentence(finding.remedy))}"
    if places:
        links = ", ".join(
            f"[{_brackets(p.location.path)}:{p.location.line}]({n})"
            for n, p in enumerate(places, start=1)
        )
        text += f" Also here: {links}."
    if more:
        text += f" And at {more} more places."
    return text


def _brackets(text: str) -> str:
    """SARIF reads `[text](1)` as a link: brackets of a text are escaped."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _place(item: Evidence) -> dict[str, Any]:
    return {
        "physicalLocation": _physical(item.location),
        "message": {"text": _brackets(item.message) or "here"},
    }


def _physical(location: Location) -> dict[str, Any]:
    uri = quote(location.path.encode(errors="surrogateescape"), safe="/-._~")
    return {
        "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
        "region": {
            "startLine": location.line,
            "startColumn": location.column,
            "endLine": location.end_line,
            "endColumn": max(location.end_column, location.column)
            if location.end_line == location.line
            else location.end_column,
        },
    }


def _left_out(count: int, limit: int, index: dict[str, int]) -> dict[str, Any]:
    text = (
        f"{count} of the mildest results were left out: GitHub takes so much, here {limit} a run."
    )
    return {
        "ruleId": "IG002",
        "ruleIndex": index["IG002"],
        "level": "warning",
        "message": {"text": text},
        "locations": [{"physicalLocation": _physical(Location("."))}],
        "partialFingerprints": {"primaryLocationLineHash": "0:1"},
    }


def _flat(text: str) -> str:
    return " ".join(text.split())


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", ":", "`")) else f"{text}."
