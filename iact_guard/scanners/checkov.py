"""Checkov in its own environment, over a staged copy of the infrastructure files."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from iact_guard.data.tables import table
from iact_guard.model.errors import UnreadableError
from iact_guard.model.finding import Finding, Precision, Severity
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.scan import ScannerReport, ScannerStatus, Skipped
from iact_guard.scanners import environment
from iact_guard.scanners.checkov_answer import Result, Section, read
from iact_guard.scanners.checkov_files import Chosen, choose
from iact_guard.scanners.checkov_memory import Memory, memory
from iact_guard.scanners.checkov_places import place, whole_line
from iact_guard.scanners.checkov_settings import read_settings
from iact_guard.scanners.process import Deadline, finished, scrubbed, started
from iact_guard.scanners.request import ScanRequest
from iact_guard.scanners.staging import Staged, is_configuration, staged
from iact_guard.settings import Checkov, CheckovFramework
from iact_guard.syntax.text import Text, decode
from iact_guard.tree import Tree

if TYPE_CHECKING:
    import subprocess

_GRAPH_FRAMEWORKS = ("terraform",)
"""In a process of their own: some module collections never finish, and must not take the rest."""
_SILENCE = (
    "its own schema of the format may be older than the file; where that is so, leave the "
    "framework out (`scanners.checkov.frameworks`) or let the path be (`incomplete: warn`)"
)
_ENTROPY = frozenset({"CKV_SECRET_6", "CKV_SECRET_19"})
_INSTANCE = regex(r"\[[^\]]*\]")
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

    sections: list[Section] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    status: ScannerStatus = "ok"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Process:
    """One that runs, and what it was given."""

    process: "subprocess.Popen[bytes]"
    frameworks: list[str]
    copy: Staged
    output: Path


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
    skips = (*settings.skip_checks, *options.skips)
    outcome = _run(python, request, chosen, skips, Deadline(options.timeout, request.cancelled))
    return _report(base, request.tree, chosen, outcome, options)


def _run(
    python: Path, request: ScanRequest, chosen: Chosen, skips: tuple[str, ...], deadline: Deadline
) -> _Outcome:
    outcome = _Outcome()
    known = memory(request.store, skips)
    with ExitStack() as stack:
        running = []
        for frameworks in _groups(chosen):
            # Each process is given what its frameworks read, and its answer hangs on that alone.
            paths = chosen.read_by(frameworks)
            if answer := known.recall(request.tree, frameworks, paths):
                outcome.sections += answer.sections
            else:
                copy = stack.enter_context(staged(request.tree, paths))
                running.append(_start(stack, python, copy, frameworks, skips))
        for item in running:
            _collect(outcome, item, finished(item.process, deadline), deadline.seconds, known)
    return outcome


def _start(
    stack: ExitStack, python: Path, copy: Staged, frameworks: list[str], skips: tuple[str, ...]
) -> _Process:
    home = copy.folder.parent
    output, folder = home / "checkov.json", home / "run"
    folder.mkdir()
    argv = arguments(python, copy.folder, frameworks, skips)
    env = scrubbed(folder) | _ENVIRONMENT
    process = stack.enter_context(started(argv, cwd=folder, env=env, output=output))
    return _Process(process, frameworks, copy, output)


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
    outcome: _Outcome, done: _Process, code: int | None, seconds: int, known: Memory
) -> None:
    """Add what one process said; the exit code tells nothing but that it is gone."""
    named = ", ".join(done.frameworks)
    outcome.skipped += done.copy.skipped
    if code is None:
        outcome.status, outcome.reason = "timeout", f"not finished after {seconds} s: {named}"
        return
    try:
        answer = read(done.output, done.copy)
    except ValueError as error:
        if outcome.status != "timeout":
            outcome.status = "failed"
            outcome.reason = f"{error} (exit code {code}): {named}"
        return
    outcome.sections += answer.sections
    known.keep(done.copy, done.frameworks, answer)


def _report(
    base: ScannerReport, tree: Tree, chosen: Chosen, outcome: _Outcome, options: Checkov
) -> ScannerReport:
    skipped = {*base.skipped, *outcome.skipped}
    remarks = list(base.remarks)
    reader = _Reader(tree, options)
    seen: set[str] = set()
    findings: list[Finding] = []
    for part in outcome.sections:
        skipped.update(Skipped(path, "Checkov cannot parse it") for path in part.unparsed)
        seen.update(part.seen)
        findings += reader.findings(part.framework, part.failed)
        remarks += reader.suppressions(part.suppressed)
    given = {path for path in chosen.paths if not is_configuration(path)}
    if outcome.status == "ok":
        lost = chosen.expected & given - seen - {item.path for item in skipped}
        skipped |= {Skipped(path, _SILENCE) for path in lost}
    status: ScannerStatus = "partial" if skipped else "ok"
    return replace(
        base,
        status=status if outcome.status == "ok" else outcome.status,
        reason=outcome.reason,
        scanned=len(given - {item.path for item in skipped}),
        skipped=tuple(sorted(skipped)),
        findings=tuple(sorted(findings, key=lambda f: (f.location, f.rule, f.message))),
        remarks=tuple(sorted(set(remarks), key=lambda item: (item.location, item.message))),
    )


class _Reader:
    """Turns Checkov's results into findings, each at its place in the tree."""

    def __init__(self, tree: Tree, options: Checkov) -> None:
        self.tree = tree
        self.severities = _severities() | options.severities
        self._texts: dict[str, Text] = {}

    def suppressions(self, results: Iterable[Result]) -> Iterator[Evidence]:
        """What a `checkov:skip` comment of the tree switches off."""
        for result in results:
            location = whole_line(self._text(result.path), result.line)
            yield Evidence(location, f"checkov:skip switches {result.rule} off here")

    def findings(self, framework: str, results: Iterable[Result]) -> Iterator[Finding]:
        """A finding for each check and place; several instances of a block are one."""
        groups: dict[tuple[str, Location], list[Result]] = defaultdict(list)
        for result in results:
            where = place(self._text(result.path), framework, result.line, result.keys)
            groups[result.rule, where].append(result)
        for (rule, where), same in groups.items():
            yield self._finding(framework, rule, where, same)

    def _finding(self, framework: str, rule: str, where: Location, same: list[Result]) -> Finding:
        title = same[0].title
        resources = sorted({result.resource for result in same if result.resource})
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

    def _callers(self, same: list[Result]) -> Iterator[Evidence]:
        """The module calls through which the block is reached."""
        for path, line in sorted({result.caller for result in same if result.caller}):
            yield Evidence(whole_line(self._text(path), line), "reached through this module call")

    def _text(self, path: str) -> Text:
        if path not in self._texts:
            try:
                self._texts[path] = decode(path, self.tree.read(path))
            except UnreadableError:  # it went away since Checkov got its copy
                self._texts[path] = Text(path, "")
        return self._texts[path]


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
    data = dict(table("checkov_severities"))
    found: dict[str, Severity] = {"default": data.pop("default")}
    for severity, checks in data.items():
        found |= dict.fromkeys(checks, severity)
    return found
