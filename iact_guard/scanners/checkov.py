"""Checkov in its own environment, over a staged copy of the infrastructure files."""

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

from iact_guard.model.finding import Finding, Precision, Severity
from iact_guard.model.location import Evidence, Location
from iact_guard.model.scan import ScannerReport, ScannerStatus, Skipped
from iact_guard.scanners import environment
from iact_guard.scanners.checkov_files import Chosen, choose
from iact_guard.scanners.checkov_places import place, whole_line
from iact_guard.scanners.checkov_settings import read_settings
from iact_guard.scanners.process import Deadline, finished, scrubbed, started
from iact_guard.scanners.request import ScanRequest
from iact_guard.scanners.staging import Staged, staged
from iact_guard.settings import Checkov, CheckovFramework
from iact_guard.syntax.text import Text, decode

MAX_OUTPUT = 400 * 1024**2
"""Bytes of JSON that are read; thousands of manifests make that much."""
_GRAPH_FRAMEWORKS = ("terraform",)
"""In a process of their own: some module collections never finish, and must not take the rest."""
_SILENCE = (
    "its own schema of the format may be older than the file; where that is so, leave the "
    "framework out (`scanners.checkov.frameworks`) or let the path be (`incomplete: warn`)"
)
_ENTROPY = frozenset({"CKV_SECRET_6", "CKV_SECRET_19"})
_INSTANCE = re.compile(r"\[[^\]]*\]")
_ENVIRONMENT = {
    "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true",
    # Discovery decided already what is looked at.
    "CKV_IGNORE_HIDDEN_DIRECTORIES": "false",
    "CKV_IGNORED_DIRECTORIES": "iact-guard-ignores-none",
    "GIT_PYTHON_REFRESH": "quiet",
    "LOG_LEVEL": "ERROR",
}


@dataclass(slots=True)
class _Outcome:
    """What the processes answered."""

    sections: list[dict[str, Any]] = field(default_factory=list)
    status: ScannerStatus = "ok"
    reason: str | None = None


def scan(request: ScanRequest) -> ScannerReport:
    """Scan Terraform, Dockerfiles, workflows, Kubernetes and CloudFormation."""
    options = request.options.checkov or Checkov()
    settings = read_settings(request.configured)
    paths = tuple(path for path in request.paths if not settings.excludes(path))
    chosen = choose(request.tree, paths, options.frameworks or get_args(CheckovFramework))
    remarks = (*settings.remarks(len(request.paths) - len(paths)), *chosen.remarks)
    base = ScannerReport(
        name="checkov",
        status="partial" if chosen.skipped else "ok",
        version=environment.pinned_version("checkov"),
        skipped=tuple(sorted(chosen.skipped)),
        remarks=tuple(sorted(remarks, key=lambda item: (item.location, item.message))),
    )
    try:
        python = environment.ensure("checkov", offline=request.offline, progress=request.progress)
    except environment.UnavailableError as error:
        return replace(base, status="not-installed", reason=str(error))
    base = replace(base, python=environment.python_version())
    if not chosen.frameworks:
        return base
    with staged(request.tree, chosen.paths) as copy:
        deadline = Deadline(options.timeout, request.cancelled)
        outcome = _run(python, copy, chosen, (*settings.skip_checks, *options.skips), deadline)
        return _report(base, copy, chosen, outcome, options)


def _run(
    python: Path, copy: Staged, chosen: Chosen, skips: tuple[str, ...], deadline: Deadline
) -> _Outcome:
    home = copy.folder.parent
    outcome = _Outcome()
    with ExitStack() as stack:
        running = []
        for number, frameworks in enumerate(_groups(chosen)):
            output = home / f"checkov{number}.json"
            folder = home / f"run{number}"
            folder.mkdir()
            argv = arguments(python, copy.folder, frameworks, skips)
            env = scrubbed(folder) | _ENVIRONMENT
            process = stack.enter_context(started(argv, cwd=folder, env=env, output=output))
            running.append((process, frameworks, output))
        for process, frameworks, output in running:
            _collect(outcome, finished(process, deadline), frameworks, output, deadline.seconds)
    return outcome


def arguments(
    python: Path, folder: Path, frameworks: Iterable[str], skips: Iterable[str]
) -> list[str]:
    """The command; each `--skip-check` is one argument, so that none can be an option."""
    skipped = [f"--skip-check={','.join(skips)}"] if skips else []
    return [
        *(str(python), "-I", "-m", "checkov.main", "-d", str(folder)),
        *("--framework", *frameworks),
        *("--skip-download", "--compact", "-o", "json"),
        *skipped,
    ]


def _groups(chosen: Chosen) -> Iterator[list[str]]:
    for group in (_GRAPH_FRAMEWORKS, set(chosen.frameworks) - set(_GRAPH_FRAMEWORKS)):
        if frameworks := sorted(name for name in group if name in chosen.frameworks):
            yield frameworks


def _collect(
    outcome: _Outcome, code: int | None, frameworks: list[str], output: Path, seconds: int
) -> None:
    """Add what one process said; the exit code tells nothing but that it is gone."""
    named = ", ".join(frameworks)
    if code is None:
        outcome.status, outcome.reason = "timeout", f"not finished after {seconds} s: {named}"
        return
    try:
        outcome.sections += sections(output)
    except ValueError as error:
        if outcome.status != "timeout":
            outcome.status = "failed"
            outcome.reason = f"{error} (exit code {code}): {named}"


def sections(output: Path) -> list[dict[str, Any]]:
    """The parts of a JSON report, one a framework; ValueError where there is no report."""
    if output.stat().st_size > MAX_OUTPUT:
        raise ValueError("its report is too large")
    try:
        data = json.loads(output.read_bytes())
    except (ValueError, RecursionError):
        raise ValueError("it wrote no report") from None
    parts = data if isinstance(data, list) else [data]
    if not all(isinstance(part, dict) for part in parts):
        raise ValueError("its report has another form than expected")
    return [part for part in parts if "results" in part]  # a bare summary has none


def _report(
    base: ScannerReport, copy: Staged, chosen: Chosen, outcome: _Outcome, options: Checkov
) -> ScannerReport:
    skipped = {*base.skipped, *copy.skipped}
    remarks = list(base.remarks)
    reader = _Reader(copy, options)
    seen: set[str] = set()
    findings: list[Finding] = []
    for part in outcome.sections:
        results, framework = part["results"], str(part.get("check_type"))
        for path in filter(None, map(reader.original, results.get("parsing_errors", ()))):
            skipped.add(Skipped(path, "Checkov cannot parse it"))
        for kind in ("passed_checks", "failed_checks", "skipped_checks"):
            seen.update(filter(None, map(reader.path, results.get(kind, ()))))
        findings += reader.findings(framework, results.get("failed_checks", ()))
        remarks += reader.suppressions(results.get("skipped_checks", ()))
    if outcome.status == "ok":
        lost = chosen.expected & set(chosen.paths) - seen - {item.path for item in skipped}
        skipped |= {Skipped(path, _SILENCE) for path in lost}
    status: ScannerStatus = "partial" if skipped else "ok"
    return replace(
        base,
        status=status if outcome.status == "ok" else outcome.status,
        reason=outcome.reason,
        scanned=len(set(copy.originals.values()) - {item.path for item in skipped}),
        skipped=tuple(sorted(skipped)),
        findings=tuple(sorted(findings, key=lambda f: (f.location, f.rule, f.message))),
        remarks=tuple(sorted(set(remarks), key=lambda item: (item.location, item.message))),
    )


class _Reader:
    """Turns Checkov's results about the copy into findings about the tree."""

    def __init__(self, copy: Staged, options: Checkov) -> None:
        self.copy = copy
        self.severities = _severities() | options.severities
        self._texts: dict[str, Text] = {}
        self._copies = {original: name for name, original in copy.originals.items()}

    def original(self, absolute: str) -> str | None:
        """The path in the tree of a file of the copy."""
        return self.copy.originals.get(absolute.removeprefix(f"{self.copy.folder}/"))

    def path(self, result: Mapping[str, Any]) -> str | None:
        """The file that a result is about."""
        return self.copy.originals.get(str(result.get("file_path", "")).lstrip("/"))

    def suppressions(self, results: Iterable[Mapping[str, Any]]) -> Iterator[Evidence]:
        """What a `checkov:skip` comment of the tree switches off."""
        for result in results:
            if path := self.path(result):
                location = whole_line(self._text(path), _first_line(result))
                yield Evidence(location, f"checkov:skip switches {result['check_id']} off here")

    def findings(self, framework: str, results: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
        """A finding for each check and place; several instances of a block are one."""
        groups: dict[tuple[str, Location], list[Mapping[str, Any]]] = defaultdict(list)
        for result in results:
            if path := self.path(result):
                where = place(self._text(path), framework, _first_line(result), _keys(result))
                groups[result["check_id"], where].append(result)
        for (rule, where), same in groups.items():
            yield self._finding(framework, rule, where, same)

    def _finding(
        self, framework: str, rule: str, where: Location, same: list[Mapping[str, Any]]
    ) -> Finding:
        title = " ".join(str(same[0].get("check_name") or rule).split())
        # The resource of a secret is a hash of its value; that of a Dockerfile says nothing.
        named = framework not in {"secrets", "dockerfile"}
        resources = sorted({str(result.get("resource")) for result in same}) if named else []
        precision: Precision = "low" if rule in _ENTROPY else "high"
        severity: Severity = self.severities.get(rule, self.severities["default"])
        return Finding(
            tool="checkov",
            rule=rule,
            name=_name(title),
            outcome="fail",
            severity=severity,
            precision=precision,
            message=_message(framework, title, resources),
            location=where,
            anchor=_anchor(framework, resources),
            evidence=tuple(self._callers(same)),
        )

    def _callers(self, same: list[Mapping[str, Any]]) -> Iterator[Evidence]:
        """The module calls through which the block is reached."""
        lines = set()
        for result in same:
            path = self.copy.originals.get(str(result.get("caller_file_path") or "").lstrip("/"))
            if path:
                lines.add((path, int((result.get("caller_file_line_range") or [1])[0])))
        for path, line in sorted(lines):
            yield Evidence(whole_line(self._text(path), line), "reached through this module call")

    def _text(self, path: str) -> Text:
        if path not in self._texts:
            self._texts[path] = decode(path, (self.copy.folder / self._copies[path]).read_bytes())
        return self._texts[path]


def _first_line(result: Mapping[str, Any]) -> int:
    lines = result.get("file_line_range") or [1]
    return int(lines[0])


def _keys(result: Mapping[str, Any]) -> tuple[str, ...]:
    """The attributes that were judged; none for a judgement over several of them."""
    checked = result.get("check_result") or {}
    keys = checked.get("evaluated_keys") or ()
    # A judgement over a graph names attributes of whatever it passed.
    if len(keys) > 1 and ("entity" in checked or str(result.get("check_id")).startswith("CKV2_")):
        return ()
    return tuple(key for key in keys if isinstance(key, str))


def _message(framework: str, title: str, resources: list[str]) -> str:
    if framework == "secrets":
        return f"{title}: a value that looks like a secret."
    if not resources:
        return f"{title}."
    more = f" and {len(resources) - 3} more" if len(resources) > 3 else ""
    return f"{title}: {', '.join(resources[:3])}{more}."


def _anchor(framework: str, resources: list[str]) -> str:
    """What the finding stands on: the block, without its module and its instance."""
    if not resources:
        return ""
    if framework != "terraform":
        return resources[0]
    return ".".join(_INSTANCE.sub("", resources[0]).split(".")[-2:])


def _name(title: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return words.removeprefix("ensure-").removeprefix("that-")[:100].strip("-")


@cache
def _severities() -> dict[str, Severity]:
    """Check id to severity, by our own judgement; `default` for the others."""
    table = files("iact_guard.data").joinpath("checkov_severities.toml").read_text("utf-8")
    data = tomllib.loads(table)
    found: dict[str, Severity] = {"default": data.pop("default")}
    for severity, checks in data.items():
        found |= dict.fromkeys(checks, severity)
    return found
