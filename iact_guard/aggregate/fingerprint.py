"""Fingerprints that survive a move: no line number in them, no secret value."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from hashlib import sha256

from iact_guard.model.finding import Finding

Line = Callable[[str, int], str]
"""The redacted source line of a path and a line number."""


def fingerprinted(findings: Iterable[Finding], line: Line) -> list[Finding]:
    """The same findings, each with 32 hex digits over tool, rule, path, anchor and ordinal.

    The ordinal counts equal ones in the order given, which must be that of the file.
    """
    seen: Counter[tuple[str, str, str, str]] = Counter()
    result = []
    for finding in findings:
        where = finding.location
        stands_on = finding.anchor or " ".join(line(where.path, where.line).split())
        key = (finding.tool, finding.rule, where.path, stands_on)
        seen[key] += 1
        text = "\0".join((*key, str(seen[key])))
        digest = sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
        result.append(replace(finding, fingerprint=digest))
    return result
