"""Bandit over the Python files, in worker processes of this interpreter."""

import json
import os
import platform
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from iact_guard.cache.folders import cache_folder
from iact_guard.cache.key import version_of
from iact_guard.cache.shape import shaped
from iact_guard.model.finding import Finding, Precision, Severity
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.scan import ScannerReport, Skipped
from iact_guard.scanners.bandit_answer import Answer, Issue
from iact_guard.scanners.bandit_memory import Judged, memory
from iact_guard.scanners.bandit_settings import Settings, read_settings
from iact_guard.scanners.process import Deadline, finished, scrubbed, started
from iact_guard.scanners.request import ScanRequest
from iact_guard.scanners.staging import Staged, staged
from iact_guard.settings import Bandit
from iact_guard.syntax.text import Text

SHARE = 40
"""Files below which a second process costs more than it saves."""
MAX_WORKERS = 4
MAX_ROUNDS = 8
"""A worker that dies is started again without the file it died on, so often."""
MEMORY = 2 * 1024**3

_SEVERITIES: dict[str, Severity] = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low"}
_PRECISIONS: dict[str, Precision] = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low"}
_TEST_PATH = regex(
    r"(^|.*/)(tests?/.*|test_[^/]*\.py|[^/]*_tests?\.py|tests?\.py|conftest\.py)", re.S
)
# The child sees our packages wherever they lie, and nothing of the folder it runs in. The bar that
# Bandit would draw for people takes a quarter of its start: an empty module stands in for it.
_BOOT = (
    "import sys, types; sys.path += [p for p in sys.argv[1:] if p not in sys.path]; "
    "sys.modules['rich.progress'] = types.ModuleType('rich.progress'); "
    "from iact_guard.scanners.bandit_worker import main; main()"
)


@dataclass(slots=True)
class _Outcome:
    """What the workers answered so far."""

    answers: list[Answer] = field(default_factory=list)
    lost: dict[str, str] = field(default_factory=dict)
    """Staged path to the reason why there is no answer."""
    timed_out: bool = False


def scan(request: ScanRequest) -> ScannerReport:
    """Scan every `.py` and `.pyw` file; findings are the same whatever the number of processes."""
    options = request.options.bandit or Bandit()
    settings = read_settings(request.configured)
    wanted = [path for path in request.paths if path.endswith((".py", ".pyw"))]
    chosen = [path for path in wanted if not settings.excludes(path)]
    task = {
        "tests": list(settings.tests),
        "skips": sorted({*settings.skips, *options.skips}),
    }
    known = memory(request.store, task)
    judged = known.recall(request.tree, chosen)
    remembered = {item.path for item in judged}
    rest = [path for path in chosen if path not in remembered]
    with staged(request.tree, rest) as copy:
        outcome = _run(copy, task, Deadline(options.timeout, request.cancelled))
        known.keep(copy, outcome.answers)
        judged += _judged(copy, outcome.answers)
    skipped = [Skipped(copy.originals[name], why) for name, why in outcome.lost.items()]
    report = ScannerReport(
        name="bandit",
        status="timeout" if outcome.timed_out else "ok",
        version=version_of("bandit"),
        python=platform.python_version(),
        reason=f"not finished after {options.timeout} s" if outcome.timed_out else None,
        skipped=(*copy.skipped, *skipped),
        remarks=tuple(settings.remarks(len(wanted) - len(chosen))),
        settled=not outcome.lost,
    )
    return _completed(report, judged, settings, options)


def _run(copy: Staged, task: dict[str, list[str]], deadline: Deadline) -> _Outcome:
    outcome = _Outcome()
    # The largest first, dealt in turn: shares of about the same work.
    files = sorted(copy.originals, key=lambda name: (-(copy.folder / name).stat().st_size, name))
    workers = max(1, min(MAX_WORKERS, os.cpu_count() or 1, len(files) // SHARE + 1))
    shares = [share for share in (files[i::workers] for i in range(workers)) if share]
    for _ in range(MAX_ROUNDS):
        shares = _round(copy.folder, shares, task, deadline, outcome)
        if not shares or outcome.timed_out:
            break
    for name in (name for share in shares for name in share):
        outcome.lost[name] = "out of time" if outcome.timed_out else "Bandit kept dying"
    return outcome


def _round(
    folder: Path,
    shares: list[list[str]],
    task: dict[str, list[str]],
    deadline: Deadline,
    outcome: _Outcome,
) -> list[list[str]]:
    """Start a worker for each share and wait for all; what is left for another round."""
    path = [entry for entry in sys.path if os.path.isabs(entry)]  # noqa: PTH117
    argv = [sys.executable, "-I", "-c", _BOOT, *path]
    env = scrubbed(folder.parent) | {"XDG_CACHE_HOME": str(cache_folder())}
    with ExitStack() as stack:
        running = []
        for number, share in enumerate(shares):
            given, output = (folder.parent / f"{kind}{number}.json" for kind in ("in", "out"))
            given.write_text(json.dumps(task | {"files": share}))
            worker = started(argv, cwd=folder, env=env, output=output, stdin=given, memory=MEMORY)
            running.append((stack.enter_context(worker), share, output))
        codes = [finished(process, deadline) for process, _, _ in running]
    rest = []
    for code, (_, share, output) in zip(codes, running, strict=True):
        answers = list(_answers(output))
        outcome.answers += answers
        left = share[len(answers) :]
        if code is None:
            outcome.timed_out = True
        elif left:
            outcome.lost[left.pop(0)] = "Bandit's process died on it"
        if left:
            rest.append(left)
    return rest


def _answers(output: Path) -> Iterator[Answer]:
    with output.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):  # else it was cut off
                yield shaped(Answer, json.loads(line))


def _judged(copy: Staged, answers: Iterable[Answer]) -> Iterator[Judged]:
    for answer in answers:
        content = (copy.folder / answer.file).read_bytes() if answer.issues else b""
        yield Judged(copy.originals[answer.file], answer, content)


def _completed(
    report: ScannerReport, judged: list[Judged], settings: Settings, options: Bandit
) -> ScannerReport:
    """The report with what was said of each file, in an order that hangs on the tree alone."""
    skipped, remarks = list(report.skipped), list(report.remarks)
    findings: list[Finding] = []
    for item in judged:
        answer = item.answer
        reasons = [*map(_reason, answer.skipped), *map(_crash, answer.crashed)]
        skipped += [Skipped(item.path, reason) for reason in reasons]
        remarks += [_unknown_nosec(item.path, *where) for where in answer.unknown_nosec]
        if answer.issues:
            text = _text(item.path, item.content)
            findings += _findings(text, answer.issues, settings, options)
    return replace(
        report,
        status="partial" if skipped and report.status == "ok" else report.status,
        scanned=sum(not item.answer.skipped for item in judged),
        skipped=tuple(sorted(skipped)),
        findings=tuple(sorted(findings, key=_order)),
        remarks=tuple(sorted(remarks, key=lambda remark: (remark.location, remark.message))),
    )


def _findings(
    text: Text, issues: Iterable[Issue], settings: Settings, options: Bandit
) -> Iterator[Finding]:
    in_tests = bool(_TEST_PATH.fullmatch(text.path)) and not options.asserts_in_tests
    for issue in issues:
        rule = issue.rule
        if rule == "B101" and (in_tests or settings.allows_asserts(text.path)):
            continue
        yield Finding(
            tool="bandit",
            rule=rule,
            name=issue.name.replace("_", "-"),
            outcome="fail",
            severity=_SEVERITIES.get(issue.severity, "low"),
            precision=_PRECISIONS.get(issue.confidence, "low"),
            message=" ".join(issue.text.split()),
            location=_location(text, issue),
        )


def _location(text: Text, issue: Issue) -> Location:
    """The node's part of its line; the whole line where Bandit names another than the node's."""
    line = text.line(issue.line)
    start = len(line) - len(line.lstrip()) + 1
    end = max(start, len(line.rstrip())) + 1
    if issue.line == issue.first and issue.column >= 0:
        start = _column(line, issue.column)
        if issue.first == issue.last:
            end = _column(line, issue.end_column)
    if not start < end:
        start, end = 1, max(2, len(line) + 1)
    return Location(text.path, issue.line, start, issue.line, end)


def _column(line: str, offset: int) -> int:
    """A column in code points from `ast`'s offset in bytes of UTF-8."""
    return len(line.encode()[:offset].decode(errors="ignore")) + 1


def _text(path: str, content: bytes) -> Text:
    """The file as Python decodes it: by its mark, its coding comment, else as UTF-8."""
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(content).readline)
    except SyntaxError:
        encoding = "utf-8"
    return Text(path, content.decode(encoding, errors="replace"))


def _reason(bandit: str) -> str:
    if "syntax error" in bandit:
        running = ".".join(map(str, sys.version_info[:2]))
        return f"Python {running}, which runs Bandit, cannot parse it"
    return "Bandit crashed on it"


def _crash(test: str) -> str:
    return f"Bandit's test {test} crashed on it; the others ran"


def _unknown_nosec(path: str, line: int, test: str) -> Evidence:
    return Evidence(
        Location(path, line), f"`# nosec` names {test}, which is no test of Bandit's; alone it "
        "suppresses every finding of the line"
    )  # fmt: skip


def _order(finding: Finding) -> tuple[Any, ...]:
    return finding.location, finding.rule, finding.message
