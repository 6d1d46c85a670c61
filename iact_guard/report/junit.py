"""JUnit XML, which dashboards of most CI systems show as test results.

A suite is a policy (a rule of a scanner), a case one of its findings, named without its line so
that a dashboard knows it again after a move. A policy that passed is a case that passed, one that
had nothing to judge is skipped. So is what does not count: unknown, waived, in the baseline.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from html import escape

from iact_guard.model.finding import Finding, Tally
from iact_guard.model.policy import Policy
from iact_guard.model.regex import regex
from iact_guard.model.result import Result
from iact_guard.model.scan import ScannerReport
from iact_guard.redact import visible
from iact_guard.report import words

MAX_NAME = 250
"""Characters of a case's name."""
# What XML 1.0 has no way to write, "Characters" in its specification.
_IMPOSSIBLE = regex("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_Case = tuple[str, str]
"""Its state (`pass`, `failure`, `error`, `skipped`), and its element."""


def render(result: Result) -> str:
    """The file as text."""
    suites = [*_policies(result), *_scanners(result)]
    cases = [case for _, found in suites for case in found]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f"<testsuites {_attributes({'name': 'iact-guard'} | _totals(cases))}>")
    for name, found in suites:
        lines.append(f"  <testsuite {_attributes({'name': name} | _totals(found))}>")
        lines += [element for _, element in found]
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _policies(result: Result) -> Iterator[tuple[str, list[_Case]]]:
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in result.findings:
        if finding.tool == "iact-guard":
            by_rule[finding.rule].append(finding)
    tallies = {tally.id: tally for tally in result.tallies}
    for id in sorted(by_rule.keys() | tallies.keys()):
        policy = result.policies.get(id)
        cases = list(_cases(id, by_rule[id]))
        if id in tallies:
            cases += _passed(id, tallies[id], policy)
        yield f"{id} {policy.name}" if policy else id, cases


def _passed(id: str, tally: Tally, policy: Policy | None) -> Iterator[_Case]:
    """One case for all that passed; where there was nothing to judge it is skipped."""
    title = policy.title if policy else id
    if tally.passed:
        name = f"{title}: everything else" if tally.failed + tally.unknown else title
        yield "pass", _case(id, name)
    elif not tally.failed + tally.unknown:
        yield "skipped", _case(id, title, _skipped("not applicable: nothing here that it judges"))


def _scanners(result: Result) -> Iterator[tuple[str, list[_Case]]]:
    for scanner in result.scanners:
        found = [finding for finding in result.findings if finding.tool == scanner.name]
        cases = [case for rule, own in _by_rule(found) for case in _cases(rule, own)]
        if scanner.status != "off" or cases:
            yield scanner.name, [*cases, _state(scanner)]


def _by_rule(findings: list[Finding]) -> list[tuple[str, list[Finding]]]:
    rules: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        rules[f"{finding.tool}.{finding.rule}"].append(finding)
    return sorted(rules.items())


def _state(scanner: ScannerReport) -> _Case:
    """Whether the scanner ran: one that had to and did not is an error by IG002 already."""
    name = f"{scanner.name} completes"
    state = words.scanner_state(scanner)
    if scanner.status == "ok":
        return "pass", _case(scanner.name, name)
    return "skipped", _case(scanner.name, name, _skipped(state))


def _cases(rule: str, findings: list[Finding]) -> Iterator[_Case]:
    seen: Counter[str] = Counter()
    for finding in findings:
        name = visible(f"{finding.location.path}: {finding.message}")
        if len(name) > MAX_NAME:
            name = name[: MAX_NAME - 3] + "..."
        seen[name] += 1
        if seen[name] > 1:
            name += f" ({seen[name]})"
        state, body = _body(finding)
        yield state, _case(rule, name, body, finding)


def _case(rule: str, name: str, body: str = "", finding: Finding | None = None) -> str:
    given = {"classname": rule, "name": name, "time": "0"}
    if finding is not None:
        given |= {"file": visible(finding.location.path), "line": str(finding.location.line)}
    attributes = _attributes(given)
    if not body:
        return f"    <testcase {attributes}/>"
    return f"    <testcase {attributes}>\n{body}\n    </testcase>"


def _body(finding: Finding) -> _Case:
    if finding.status != "open":
        return "skipped", _skipped(f"{finding.status}: {finding.message}")
    if finding.outcome == "unknown" and not finding.gates:
        return "skipped", _skipped(f"unknown: {finding.message}")
    if finding.outcome == "error" and not finding.gates:
        return "skipped", _skipped(f"warning: {finding.message}")
    element = "error" if finding.outcome == "error" else "failure"
    attributes = _attributes({"message": visible(finding.message), "type": finding.severity})
    text = "\n".join(visible(line) for line in _argument(finding))
    return element, f"      <{element} {attributes}>{_clean(text)}</{element}>"


def _skipped(message: str) -> str:
    return f"      <skipped {_attributes({'message': visible(message)})}/>"


def _argument(finding: Finding) -> Iterator[str]:
    where = finding.location
    yield f"{words.at(where)}:{where.column}: {finding.message}"
    for number, item in enumerate(finding.evidence, start=1):
        yield f"{number}. {words.at(item.location)}: {item.message}"
    for item in finding.places:
        yield f"and at {words.at(item.location)}"
    for other in finding.related:
        yield f"also: {other.tool} {other.rule}: {other.message}"
    if finding.remedy:
        yield f"fix: {finding.remedy}"
    if finding.guide:
        yield f"guide: {finding.guide}"


def _totals(cases: list[_Case]) -> dict[str, str]:
    states = Counter(state for state, _ in cases)
    found = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    totals = {"tests": len(cases)} | {key: states[state] for key, state in found.items()}
    # A time is expected by some readers; ours is always none, so that two runs are the same.
    return {key: str(count) for key, count in totals.items()} | {"time": "0"}


def _attributes(given: dict[str, str]) -> str:
    return " ".join(f'{key}="{_clean(value)}"' for key, value in given.items())


def _clean(text: str) -> str:
    return escape(_IMPOSSIBLE.sub("\ufffd", text))
