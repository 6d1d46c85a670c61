"""The same fault found twice: one finding, the others related to it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from iact_guard.data.topics import topic
from iact_guard.model.finding import Finding, Related

MAX_LINES = 50
"""Of a block, for the question whether another finding stands in it."""


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of one file and topic on overlapping lines become one; ours wins.

    Never across topics: two different faults may share a line. Ours come first.
    """
    result: list[Finding] = []
    places: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    for finding in sorted(findings, key=lambda f: f.tool != "iact-guard"):
        shared = topic(finding.tool, finding.rule)
        keys = _keys(finding, shared) if shared else []
        candidates = (number for key in keys for number in places[key])
        partner = next((n for n in candidates if _another_tool(result[n], finding)), None)
        if partner is None:
            for key in keys:
                places[key].append(len(result))
            result.append(finding)
        else:
            result[partner] = _with(result[partner], finding)
    return result


def _keys(finding: Finding, topic: str) -> list[tuple[str, str, int]]:
    """A key a line: findings stand on one line, a few of the scanners' on a block."""
    where = finding.location
    last = min(where.end_line, where.line + MAX_LINES)
    return [(where.path, topic, line) for line in range(where.line, last + 1)]


def _another_tool(one: Finding, other: Finding) -> bool:
    """Two findings of one tool are two faults."""
    return one.tool != other.tool and all(o.tool != other.tool for o in one.related)


def _with(finding: Finding, other: Finding) -> Finding:
    where = other.location
    related = Related(other.tool, other.rule, where.path, where.line, other.message)
    return replace(finding, related=(*finding.related, related))
