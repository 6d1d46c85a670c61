"""Comments by which people already say that a secret is none: the finding stays, and gates not."""

import re
from collections.abc import Iterable
from dataclasses import replace

from iact_guard.aggregate.fingerprint import Line
from iact_guard.model.finding import Finding

# Of detect-secrets, gitleaks and Bandit. In a comment: a value cannot acknowledge itself.
_ALLOWED = re.compile(
    r"(?:#|//|/\*|<!--|--[ \t]|;)[^\n]*?"
    r"(?:pragma:[ \t]*(?:allow|white)list[ \t]+secret\b|gitleaks:allow\b"
    r"|\bnosec\b[^#\n]*?\b(?:B10[567]|hardcoded_password_(?:string|funcarg|default))\b)",
    re.IGNORECASE,
)
_NEXT_LINE = re.compile(
    r"(?:#|//|/\*|<!--|--[ \t]|;)[ \t]*"
    r"pragma:[ \t]*(?:allow|white)list[ \t]+nextline[ \t]+secret\b",
    re.IGNORECASE,
)


def acknowledged(findings: Iterable[Finding], line: Line) -> list[Finding]:
    """The same findings, those of secrets (`SC...`) with such a comment as `acknowledged`.

    The comment stands on the finding's line, or says on the line above that it means this one.
    """
    return [
        replace(finding, status="acknowledged") if _allowed(finding, line) else finding
        for finding in findings
    ]


def _allowed(finding: Finding, line: Line) -> bool:
    if finding.outcome != "fail" or finding.status != "open" or not finding.rule.startswith("SC"):
        return False
    path, number = finding.location.path, finding.location.line
    if _ALLOWED.search(line(path, number)):
        return True
    return number > 1 and bool(_NEXT_LINE.search(line(path, number - 1)))
