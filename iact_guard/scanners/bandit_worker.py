"""Runs in a process of its own: Bandit over some staged files, a line of JSON for each.

Reads `{"files": [...], "tests": [...], "skips": [...]}` from standard input. Each line of the
answer is one file, so that a file on which this process dies costs that file only. Source text
never gets into the answer: places, identifiers and Bandit's own words do.
"""

import json
import logging
import sys
import tokenize
from collections.abc import Iterator
from typing import Any

from bandit.core import extension_loader, manager, metrics
from bandit.core.config import BanditConfig

from iact_guard.cache.shape import plain
from iact_guard.model.regex import regex
from iact_guard.scanners.bandit_answer import Answer, Issue

_CRASHED = regex(r"Bandit internal error running: (\w+) ")
_TEST_ID = regex(r"\bB\d+\b")
# Bandit's own words for these quote the file.
_WITHOUT_VALUE = {
    "B103": "A chmod gives a file more permissions than its owner needs.",
    "B105": "A string literal is used as a password.",
    "B106": "A string literal is passed as a password argument.",
    "B107": "A string literal is the default of a password parameter.",
}


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
        answer = Answer(
            file=name,
            skipped=tuple(reason for _, reason in bandit.skipped),
            crashed=tuple(sorted(crashes.tests)),
            issues=tuple(map(_issue, bandit.results)),
            unknown_nosec=() if bandit.skipped else tuple(_unknown_nosec(name)),
        )
        print(json.dumps(plain(answer)), flush=True)  # noqa: T201  # the protocol


def _issue(issue: Any) -> Issue:
    blacklisted = extension_loader.MANAGER.blacklist_by_id.get(issue.test_id)
    lines = issue.linerange or [issue.lineno]
    return Issue(
        rule=issue.test_id,
        name=blacklisted["name"] if blacklisted else issue.test,
        severity=issue.severity,
        confidence=issue.confidence,
        text=_WITHOUT_VALUE.get(issue.test_id, issue.text),
        line=issue.lineno,
        first=min(lines),
        last=max(lines),
        column=issue.col_offset,
        end_column=issue.end_col_offset,
    )


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
