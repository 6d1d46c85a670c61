"""Runs in a process of its own: Bandit over some staged files, a line of JSON for each.

Reads `{"files": [...], "tests": [...], "skips": [...]}` from standard input. Each line of the
answer is one file, so that a file on which this process dies costs that file only. Source text
never gets into the answer: places, identifiers and Bandit's own words do.
"""

import json
import logging
import re
import sys
import tokenize
from collections.abc import Iterator
from typing import Any

from bandit.core import extension_loader, manager, metrics
from bandit.core.config import BanditConfig

_CRASHED = re.compile(r"Bandit internal error running: (\w+) ")
_TEST_ID = re.compile(r"\bB\d+\b")


class _Crashes(logging.Handler):
    """Collects the names of Bandit's tests that crashed: Bandit itself only logs them."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.tests: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the name, drop the rest: a traceback may quote the file."""
        if match := _CRASHED.match(str(record.msg)):
            self.tests.add(match[1])


def main() -> None:
    """Scan what standard input names."""
    task = json.load(sys.stdin)
    crashes = _Crashes()
    logger = logging.getLogger("bandit")
    logger.addHandler(crashes)
    logger.propagate = False
    profile = {"include": set(task["tests"]), "exclude": set(task["skips"])}
    bandit = manager.BanditManager(BanditConfig(), "file", quiet=True, profile=profile)
    for name in task["files"]:
        crashes.tests.clear()
        bandit.files_list, bandit.results, bandit.skipped = [name], [], []
        bandit.metrics, bandit.scores = metrics.Metrics(), []
        bandit.run_tests()
        answer = {
            "file": name,
            "skipped": [reason for _, reason in bandit.skipped],
            "crashed": sorted(crashes.tests),
            "issues": [_issue(issue) for issue in bandit.results],
            "unknown_nosec": [] if bandit.skipped else list(_unknown_nosec(name)),
        }
        print(json.dumps(answer), flush=True)  # noqa: T201  # the protocol


def _issue(issue: Any) -> dict[str, Any]:
    blacklisted = extension_loader.MANAGER.blacklist_by_id.get(issue.test_id)
    return {
        "test_id": issue.test_id,
        "name": blacklisted["name"] if blacklisted else issue.test,
        "severity": issue.severity,
        "confidence": issue.confidence,
        "text": issue.text,
        "line": issue.lineno,
        "lines": [min(issue.linerange), max(issue.linerange)] if issue.linerange else None,
        "column": issue.col_offset,
        "end_column": issue.end_col_offset,
    }


def _unknown_nosec(name: str) -> Iterator[tuple[int, str]]:
    """Line and id of each `# nosec` comment that names a test which does not exist."""
    with open(name, "rb") as file:  # noqa: PTH123  # a name of ours in the current folder
        if b"nosec" not in file.read():
            return
        file.seek(0)
        try:
            for token in tokenize.tokenize(file.readline):
                comment = token.type == tokenize.COMMENT and manager.NOSEC_COMMENT.search(
                    token.string
                )
                for test in _TEST_ID.findall((comment and comment["tests"]) or ""):
                    if not extension_loader.MANAGER.check_id(test):
                        yield token.start[0], test
        except (tokenize.TokenError, SyntaxError):
            return
