"""Safety in its own environment, over the pinned requirements and a local database.

It reads a file of ours, never the repository's; `safety scan`, which needs an account, is not used.
"""

import datetime
import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from iact_guard.model.errors import AdvisoryError
from iact_guard.model.finding import Finding, Severity
from iact_guard.model.requirements import Requirement
from iact_guard.model.scan import ScannerReport, Skipped
from iact_guard.scanners import advisories, cvss, environment
from iact_guard.scanners.advisories import Database
from iact_guard.scanners.process import Deadline, finished, scrubbed, started
from iact_guard.scanners.request import ScanRequest
from iact_guard.scanners.safety_pins import Pins, collect
from iact_guard.settings import Safety
from iact_guard.syntax.versions import version, within

DEFAULT_SEVERITY: Severity = "high"
"""Of an advisory whose source does not say how severe it is."""
_NO_DATABASE = "no advisories: run `iact-guard advisories update --from URL|FILE` once"
_EXITS = {
    1: "it could not read the advisories",
    67: "it found no advisories",
    69: "the advisories have another form than expected",
}
# A closed port of this machine: Safety asks its login server on every run.
_CONFIGURATION = "[settings]\nAUTH_SERVER_URL = http://127.0.0.1:9\n"


def scan(request: ScanRequest) -> ScannerReport:
    """Audit each pinned requirement; those without a version are findings that say so."""
    options = request.options.safety or Safety()
    pins = collect(request.tree, request.paths)
    report = ScannerReport(
        name="safety",
        status="partial" if pins.skipped else "ok",
        version=environment.pinned_version("safety"),
        scanned=pins.files,
        skipped=tuple(sorted(pins.skipped)),
        findings=tuple(sorted(map(_unpinned, pins.unpinned), key=_order)),
    )
    try:
        database = advisories.find(options.advisory_db, request.root)
    except AdvisoryError as error:
        return replace(report, status="failed", reason=str(error))
    if database is None:
        return replace(report, status="not-installed", reason=_NO_DATABASE)
    report = replace(
        report,
        age_days=database.age_days(datetime.datetime.now(datetime.UTC).date()),
        details=(
            ("advisories", database.source),
            ("newest_advisory", database.newest or "unknown"),
            ("advisory_count", str(database.count)),
        ),
    )
    try:
        python = environment.ensure("safety", offline=request.offline, progress=request.progress)
    except environment.UnavailableError as error:
        return replace(report, status="not-installed", reason=str(error))
    report = replace(report, python=environment.python_version())
    deadline = Deadline(options.timeout, request.cancelled)
    return _aged(_audit(report, python, pins, database, deadline), options)


def arguments(python: Path, database: Path, output: Path, requirements: Path) -> list[str]:
    """The command; its standard output is for people, the report goes to `output`."""
    return [
        *(str(python), "-I", "-W", "ignore", "-m", "safety", "check"),
        *("--db", str(database), "--save-json", str(output), "-r", str(requirements)),
    ]


def environment_variables(home: Path) -> dict[str, str]:
    """A home that it may write to, and a login server that nobody answers for."""
    settings = home / "system" / ".safety"
    settings.mkdir(parents=True)
    (settings / "config.ini").write_text(_CONFIGURATION)
    return scrubbed(home) | {"SAFETY_SYSTEM_CONFIG_PATH": str(home / "system")}


def _audit(
    report: ScannerReport, python: Path, pins: Pins, database: Database, deadline: Deadline
) -> ScannerReport:
    if not pins.pinned:
        return report
    with tempfile.TemporaryDirectory(prefix="iact-guard-", ignore_cleanup_errors=True) as name:
        home = Path(name).resolve()
        requirements, output = home / "requirements.txt", home / "report.json"
        wanted = sorted(f"{package}=={found}" for package, found in pins.pinned)
        requirements.write_text("\n".join(wanted) + "\n")
        env = environment_variables(home)
        folder = home / "empty"
        folder.mkdir()
        argv = arguments(python, database.folder.resolve(), output, requirements)
        with started(argv, cwd=folder, env=env, output=home / "stdout") as process:
            code = finished(process, deadline)
        if code is None:
            reason = f"not finished after {deadline.seconds} s"
            return replace(report, status="timeout", reason=reason)
        try:
            data = json.loads(output.read_bytes())
            return _read(report, data, pins, advisories.severities(database))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            reason = f"{_EXITS.get(code, 'it wrote no report')} (exit code {code})"
            return replace(report, status="failed", reason=reason)


def _read(
    report: ScannerReport, data: Mapping[str, Any], pins: Pins, severities: Mapping[str, Severity]
) -> ScannerReport:
    findings = {
        (requirement.id, found["vulnerability_id"]): _finding(requirement, found, severities)
        for found in data["vulnerabilities"]
        for requirement in _requirements(pins, found)
    }
    audited = {
        item["raw"]
        for package in data["scanned_packages"].values()
        for item in package["requirements"]
    }
    lost = [
        Skipped(item.path, f"line {item.location.line}: Safety said nothing of {item.name}")
        for (package, number), items in pins.pinned.items()
        if f"{package}=={number}" not in audited
        for item in items
    ]
    return replace(
        report,
        status="partial" if lost else report.status,
        skipped=tuple(sorted({*report.skipped, *lost})),
        findings=tuple(sorted((*report.findings, *findings.values()), key=_order)),
    )


def _requirements(pins: Pins, found: Mapping[str, Any]) -> list[Requirement]:
    number = version(str(found["analyzed_version"]))
    return pins.pinned.get((str(found["package_name"]), str(number)), [])


def _finding(
    requirement: Requirement, found: Mapping[str, Any], severities: Mapping[str, Severity]
) -> Finding:
    rule = str(found["vulnerability_id"])
    cve = found.get("CVE")
    alias = f" ({cve})" if cve and cve != rule else ""
    said = " ".join(str(found.get("advisory") or "").split())[:300]
    named = f"{requirement.name} {requirement.version}"
    fixed = _fixed(found)
    return Finding(
        tool="safety",
        rule=rule,
        name="dependencies-have-no-known-vulnerability",
        outcome="fail",
        severity=severities.get(rule) or _scored(found) or DEFAULT_SEVERITY,
        precision="high",
        message=f"{named} has the known vulnerability {rule}{alias}"
        + (f": {said}" if said else "."),
        location=requirement.location,
        remedy=f"Upgrade {requirement.name} to {fixed} or later."
        if fixed
        else f"No fixed version of {requirement.name} is known: replace it, or judge the risk.",
        anchor=f"requirement:{requirement.name}",
    )


def _fixed(found: Mapping[str, Any]) -> str | None:
    """The lowest version that Safety names, else the end of the range that holds this one."""
    analyzed = str(found["analyzed_version"])
    named = [version(str(item)) for item in found.get("fixed_versions") or ()]
    specs = found.get("vulnerable_spec") or ()
    for spec in [specs] if isinstance(specs, str) else specs:
        if within(analyzed, str(spec)):
            ends = (part.strip() for part in str(spec).split(","))
            named += [version(end[1:]) for end in ends if end.startswith("<") and end[1] != "="]
    current = version(analyzed)
    later = [item for item in named if item and current and item > current]
    # Of several ranges that hold this version, all must be left.
    return str(max(later)) if later else None


def _scored(found: Mapping[str, Any]) -> Severity | None:
    known = found.get("severity")
    scores = (known.get("cvssv3") or {}) if isinstance(known, Mapping) else {}
    score = scores.get("base_score") if isinstance(scores, Mapping) else None
    return cvss.severity(float(score)) if isinstance(score, int | float) else None


def _unpinned(requirement: Requirement) -> Finding:
    named = requirement.name or "this requirement"
    return Finding(
        tool="safety",
        rule="unpinned-requirement",
        name="requirements-are-pinned",
        outcome="unknown",
        severity="low",
        precision="very-high",
        message=f"{named} is not audited: {requirement.unpinned}.",
        location=requirement.location,
        remedy="Pin it with `==`, or add the locked versions as a requirement file.",
        anchor=requirement.id,
        gates=False,
    )


def _aged(report: ScannerReport, options: Safety) -> ScannerReport:
    """Advisories older than the team allows prove nothing: the findings stay, the status fails."""
    limit = options.max_age_days
    if limit is None or report.status not in {"ok", "partial"}:
        return report
    if report.age_days is not None and report.age_days <= limit:
        return report
    newest = dict(report.details)["newest_advisory"]
    reason = f"the newest advisory is of {newest}: older than max_age_days ({limit}) allows"
    return replace(report, status="failed", reason=reason)


def _order(finding: Finding) -> tuple[Any, ...]:
    return finding.location, finding.rule, finding.message
