"""Safety in its own environment, over the pinned requirements and a local database.

It reads a file of ours, never the repository's; `safety scan`, which needs an account, is not used.
"""

import datetime
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from iact_guard.model.errors import AdvisoryError
from iact_guard.model.finding import Finding, Severity
from iact_guard.model.requirements import Requirement
from iact_guard.model.scan import ScannerReport, Skipped
from iact_guard.scanners import advisories, environment
from iact_guard.scanners.advisories import Database
from iact_guard.scanners.process import Deadline, finished, scrubbed, started
from iact_guard.scanners.request import ScanRequest
from iact_guard.scanners.safety_answer import BROKEN, Answer, Vulnerability, key_of, read
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
    return _aged(_audit(report, python, pins, database, request), options)


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
    report: ScannerReport, python: Path, pins: Pins, database: Database, request: ScanRequest
) -> ScannerReport:
    if not pins.pinned:
        return report
    seconds = (request.options.safety or Safety()).timeout
    wanted = sorted(f"{package}=={found}" for package, found in pins.pinned)
    key = key_of(wanted, database.folder) if request.store.home else ""
    if known := request.store.get(key, Answer):
        return _completed(report, known, pins)
    with tempfile.TemporaryDirectory(prefix="iact-guard-", ignore_cleanup_errors=True) as name:
        home = Path(name).resolve()
        requirements, output = home / "requirements.txt", home / "report.json"
        requirements.write_text("\n".join(wanted) + "\n")
        env = environment_variables(home)
        folder = home / "empty"
        folder.mkdir()
        argv = arguments(python, database.folder.resolve(), output, requirements)
        with started(argv, cwd=folder, env=env, output=home / "stdout") as process:
            code = finished(process, Deadline(seconds, request.cancelled))
        if code is None:
            return replace(report, status="timeout", reason=f"not finished after {seconds} s")
        try:
            answer = read(output, advisories.severities(database))
        except BROKEN:
            reason = f"{_EXITS.get(code, 'it wrote no report')} (exit code {code})"
            return replace(report, status="failed", reason=reason)
    request.store.put(key, answer)
    return _completed(report, answer, pins)


def _completed(report: ScannerReport, answer: Answer, pins: Pins) -> ScannerReport:
    findings = {
        (requirement.id, found.id): _finding(requirement, found)
        for found in answer.vulnerabilities
        for requirement in _requirements(pins, found)
    }
    audited = frozenset(answer.audited)
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


def _requirements(pins: Pins, found: Vulnerability) -> list[Requirement]:
    return pins.pinned.get((found.package, str(version(found.version))), [])


def _finding(requirement: Requirement, found: Vulnerability) -> Finding:
    alias = f" ({found.cve})" if found.cve and found.cve != found.id else ""
    named = f"{requirement.name} {requirement.version}"
    fixed = _fixed(found)
    return Finding(
        tool="safety",
        rule=found.id,
        name="dependencies-have-no-known-vulnerability",
        outcome="fail",
        severity=found.severity or DEFAULT_SEVERITY,
        precision="high",
        message=f"{named} has the known vulnerability {found.id}{alias}"
        + (f": {found.text}" if found.text else "."),
        location=requirement.location,
        remedy=f"Upgrade {requirement.name} to {fixed} or later."
        if fixed
        else f"No fixed version of {requirement.name} is known: replace it, or judge the risk.",
        anchor=f"requirement:{requirement.name}",
    )


def _fixed(found: Vulnerability) -> str | None:
    """The lowest version that Safety names, else the end of the range that holds this one."""
    named = [version(item) for item in found.fixed]
    for spec in found.specs:
        if within(found.version, spec):
            ends = (part.strip() for part in spec.split(","))
            named += [version(end[1:]) for end in ends if end.startswith("<") and end[1] != "="]
    current = version(found.version)
    later = [item for item in named if item and current and item > current]
    # Of several ranges that hold this version, all must be left.
    return str(max(later)) if later else None


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
