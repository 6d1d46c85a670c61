"""`explain`: a policy in full, and its verdict on each entity of a tree, also where it passes."""

from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from iact_guard import config as configuration
from iact_guard.analyze.context import Context
from iact_guard.evaluate.engine import Verdict, judge
from iact_guard.evaluate.policies import apply
from iact_guard.load.shipped import examples, find
from iact_guard.model.errors import ConfigError
from iact_guard.model.location import Evidence, Location
from iact_guard.model.policy import Fail, NotApplicable, Policy, Unknown
from iact_guard.pipeline.secrets import learn_secrets
from iact_guard.project import Project
from iact_guard.redact import Redactor, visible
from iact_guard.tree import DiskTree

MAX_REASONS = 5
"""Why the policy does not speak of entities: the commonest."""
_ORDER = ("fail", "unknown", "pass", "not_applicable")
_STATES = {
    "fail": "FAIL", "unknown": "UNKNOWN", "pass": "pass", "not_applicable": "not applicable",
}  # fmt: skip


def describe(id: str) -> str:
    """The policy: what it asks, why, what to do, and its examples."""
    policy = find(id)
    return "\n".join([*_policy(policy), *_examples(policy)]) + "\n"


def verdicts(id: str, root: Path, files: frozenset[str] | None) -> str:
    """The policy's verdict on each entity of the root (of `files`), with the evidence."""
    policy = find(id)
    project = Project(
        DiskTree(root), configuration.load(DiskTree(root)), named=files or frozenset()
    )
    ctx = Context(project)
    learn_secrets(ctx)
    lines = [f"{policy.id} {policy.name}: {policy.title}", ""]
    if not policy.check:
        lines.append("This policy speaks of the check itself: `iact-guard check` reports it.")
    else:
        shown = [verdict for verdict in judge(ctx, policy, files) if _speaks_of(verdict, files)]
        for verdict in sorted(shown, key=lambda each: _ORDER.index(each.state)):
            if verdict.state != "not_applicable":
                lines += _verdict(verdict, project.redactor)
                lines += [f"  {project.redactor.composed(each)}" for each in _proof(ctx, verdict)]
        lines += _left_out(shown, project.redactor)
        if not shown:
            lines.append(f"Nothing here that it speaks of (it is asked of each {policy.entity}).")
    for problem in project.problems:
        where = problem.location
        reason = project.redactor.composed(problem.reason)
        lines.append(f"{problem.rule} {visible(where.path)}:{where.line}:{where.column}: {reason}")
    return "\n".join(lines) + "\n"


def picture(id: str, root: Path, files: frozenset[str] | None) -> str:
    """The way to production of a root (to the jobs of `files`) as a Mermaid flowchart."""
    from iact_guard.pipeline.picture import drawn, has_picture
    from iact_guard.report.mermaid import render

    policy = find(id)
    if not has_picture(policy):
        raise ConfigError(f"{policy.id} has no picture; WF201 has one: the way to production")
    settings = configuration.load(DiskTree(root))
    ctx = Context(Project(DiskTree(root), settings, named=files or frozenset()))
    learn_secrets(ctx)
    return render(drawn(ctx, apply(policy, settings.setting(policy.id, "")), files))


def _proof(ctx: Context, verdict: Verdict) -> Iterator[str]:
    """What a check has to say of a pass, if it has a `proof`."""
    module = import_module(f"iact_guard.checks.{verdict.policy.check}")
    if verdict.state == "pass" and hasattr(module, "proof"):
        yield from module.proof(ctx, verdict.entity, verdict.policy.params)


def _policy(policy: Policy) -> Iterator[str]:
    yield f"{policy.id} {policy.name}"
    yield policy.title
    yield ""
    yield f"severity   {policy.severity} (precision {policy.precision})"
    yield f"asked of   {policy.entity or 'the check itself'}"
    yield f"guide      {'; '.join(policy.guide)}"
    if policy.controls:
        yield f"controls   {', '.join(policy.controls)}"
    yield f"unknown    {policy.on_unknown}"
    for name, value in policy.params.items():
        yield f"parameter  {name}: {value}"
    yield from (
        "",
        "Why",
        *_indented(policy.rationale),
        "",
        "What to do",
        *_indented(policy.remedy),
    )


def _examples(policy: Policy) -> Iterator[str]:
    found = examples(policy)
    if found:
        yield from ("", "Examples")
    for example in found:
        expected = example["expect"]
        outcomes = sorted({item["outcome"] for item in expected}) or ["passes"]
        yield f"  {'/'.join(outcomes)}: {example['name']}"
    for wanted, title in ((True, "This fails"), (False, "This passes")):
        chosen = next((e for e in found if bool(e["expect"]) is wanted), None)
        if chosen:
            yield from ("", f"{title}: {chosen['name']}", *_files(chosen))


def _files(example: dict[str, Any]) -> Iterator[str]:
    for path, text in example["files"].items():
        yield f"  {path}"
        yield from (f"    {line}" for line in text.rstrip("\n").split("\n"))


def _indented(text: str) -> list[str]:
    return [f"  {line}".rstrip() for line in text.split("\n")]


def _speaks_of(verdict: Verdict, files: frozenset[str] | None) -> bool:
    if files is None or verdict.entity.path in files:
        return True
    places = (a.location.path for a in verdict.answers if not isinstance(a, NotApplicable))
    return any(path in files for path in places)


def _verdict(verdict: Verdict, redactor: Redactor) -> Iterator[str]:
    where = verdict.entity.location
    entity = redactor.composed(verdict.entity.id)
    yield f"{_STATES[verdict.state]}: {entity} [{visible(where.path)}:{where.line}]"
    for answer in verdict.answers:
        if isinstance(answer, NotApplicable):
            yield f"  {redactor.composed(answer.reason)}"
            continue
        yield f"  {_at(answer.location)}: {redactor.composed(answer.message)}"
        yield from (f"    {n}. {_step(e, redactor)}" for n, e in enumerate(answer.evidence, 1))
        if isinstance(answer, Fail):
            yield from (f"    and {_step(place, redactor)}" for place in answer.places)
        if isinstance(answer, Fail) and answer.remedy:
            yield f"    fix: {redactor.composed(answer.remedy)}"
        if isinstance(answer, Unknown):
            yield "    (the files do not tell; an unknown never changes the exit code by itself)"


def _left_out(shown: list[Verdict], redactor: Redactor) -> Iterator[str]:
    """One line for all that the policy does not speak of."""
    left = [verdict for verdict in shown if verdict.state == "not_applicable"]
    reasons = Counter(
        answer.reason if isinstance(answer, NotApplicable) else ""
        for verdict in left
        for answer in verdict.answers[:1]
    )
    if left:
        told = [
            redactor.composed(f"{reason} ({count})" if len(reasons) > 1 else reason)
            for reason, count in reasons.most_common(MAX_REASONS)
            if reason
        ]
        more = (
            f"; and {len(reasons) - MAX_REASONS} more reasons" if len(reasons) > MAX_REASONS else ""
        )
        yield f"not applicable ({len(left)}){': ' if told else ''}{'; '.join(told)}{more}"


def _step(item: Evidence, redactor: Redactor) -> str:
    return f"{_at(item.location)}: {redactor.composed(item.message)}"


def _at(location: Location) -> str:
    return f"{visible(location.path)}:{location.line}:{location.column}"
