"""The same fault found twice: one finding, the others related to it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from iact_guard.data.topics import topic
from iact_guard.model.finding import Finding, Related


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of one file and topic on overlapping lines become one; ours wins.

    Never across topics: two different faults may share a line. Ours come first.
    """
    result: list[Finding] = []
    by_topic: dict[tuple[str, str], list[int]] = defaultdict(list)
    for finding in sorted(findings, key=lambda f: f.tool != "iact-guard"):
        shared = topic(finding.tool, finding.rule)
        key = (finding.location.path, shared or "")
        partner = next(
            (n for n in by_topic[key] if shared and _same(result[n], finding)),
            None,
        )
        if partner is None:
            by_topic[key].append(len(result))
            result.append(finding)
        else:
            result[partner] = _with(result[partner], finding)
    return result


def _same(one: Finding, other: Finding) -> bool:
    """Whether two tools speak of the same lines; two findings of one tool are two faults."""
    a, b = one.location, other.location
    different = one.tool != other.tool and all(o.tool != other.tool for o in one.related)
    return different and a.line <= b.end_line and b.line <= a.end_line


def _with(finding: Finding, other: Finding) -> Finding:
    where = other.location
    related = Related(other.tool, other.rule, where.path, where.line, other.message)
    return replace(finding, related=(*finding.related, related))
