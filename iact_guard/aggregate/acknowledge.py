"""Comments by which people already say that a secret is none: the finding stays, and gates not."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from iact_guard.aggregate.fingerprint import Line
from iact_guard.model.finding import Finding
from iact_guard.model.regex import regex

# Of detect-secrets, gitleaks and Bandit. In a comment: a value cannot acknowledge itself.
_ALLOWED = regex(
    r"(?:#|//|/\*|<!--|--[ \t]|;)[^\n]*?"
    r"(?:pragma:[ \t]*(?:allow|white)list[ \t]+secret\b|gitleaks:allow\b"
    r"|\bnosec\b[^#\n]*?\b(?:B10[567]|hardcoded_password_(?:string|funcarg|default))\b)",
    re.IGNORECASE,
)
_NEXT_LINE = regex(
    r"(?:#|//|/\*|<!--|--[ \t]|;)[ \t]*"
    r"pragma:[ \t]*(?:allow|white)list[ \t]+nextline[ \t]+secret\b",
    re.IGNORECASE,
)


WORDS = ("pragma", "gitleaks", "nosec")
"""One of which such a comment holds, in small letters or not."""


def acknowledged(
    findings: Iterable[Finding], line: Line, mentions: Callable[[str], bool]
) -> list[Finding]:
    """The same findings, those of secrets (`SC...`) with such a comment as `acknowledged`.

    The comment stands on the finding's line, or says on the line above that it means this one.
    `mentions` tells whether a file holds any of `WORDS`: masking each line takes long.
    """
    return [
        replace(finding, status="acknowledged")
        if _could_be(finding) and mentions(finding.location.path) and _allowed(finding, line)
        else finding
        for finding in findings
    ]


def _could_be(finding: Finding) -> bool:
    return finding.outcome == "fail" and finding.status == "open" and finding.rule.startswith("SC")


def _allowed(finding: Finding, line: Line) -> bool:
    path, number = finding.location.path, finding.location.line
    if _ALLOWED.search(line(path, number)):
        return True
    return number > 1 and bool(_NEXT_LINE.search(line(path, number - 1)))
