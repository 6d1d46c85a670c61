"""Fingerprints that survive a move: no line number in them, no secret value."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
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
        key = _key(finding, line)
        seen[key] += 1
        result.append(replace(finding, fingerprint=_digest(*key, seen[key])))
    return result


def former_fingerprints(
    findings: Iterable[Finding], line: Line, renamed: Mapping[str, str]
) -> dict[str, str]:
    """The fingerprints that findings had under the old names of files, by those they have now.

    `findings` are all of them, as they were fingerprinted; `renamed` maps new paths to old ones.
    Those that no renamed file concerns are left out.
    """
    if not renamed:
        return {}
    longest_first = sorted(renamed, key=lambda path: (-len(path), path))
    names = re.compile(rf"(?<![\w./-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w./-])")
    seen: Counter[tuple[str, str, str, str]] = Counter()
    found = {}
    for finding in findings:
        tool, rule, path, stands_on = _key(finding, line)
        if finding.anchor:
            stands_on = names.sub(lambda match: renamed[match.group()], stands_on)
        key = (tool, rule, renamed.get(path, path), stands_on)
        seen[key] += 1
        former = _digest(*key, seen[key])
        if former != finding.fingerprint:
            found[finding.fingerprint] = former
    return found


def _key(finding: Finding, line: Line) -> tuple[str, str, str, str]:
    where = finding.location
    stands_on = finding.anchor or " ".join(line(where.path, where.line).split())
    return finding.tool, finding.rule, where.path, stands_on


def _digest(tool: str, rule: str, path: str, stands_on: str, ordinal: int) -> str:
    text = "\0".join((tool, rule, path, stands_on, str(ordinal)))
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
