"""What a team has said of findings: waivers, comments, the baseline; and whose word counts.

In a pull request that of the base revision alone, so that a change cannot approve itself: what the
change adds is shown, and counts once it is merged.
"""

import dataclasses
import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from iact_guard import config as configuration
from iact_guard.aggregate import baseline
from iact_guard.aggregate.acknowledge import WORDS, acknowledged
from iact_guard.aggregate.allow import MARK, Allow, allows, shown
from iact_guard.aggregate.fingerprint import fingerprinted
from iact_guard.aggregate.order import ordered
from iact_guard.aggregate.redaction import redacted_finding
from iact_guard.aggregate.suppressions import ID, Suppressions, idle_suppressions
from iact_guard.aggregate.waive import Waived, waived
from iact_guard.data.tables import table
from iact_guard.load.shipped import nearest
from iact_guard.model.errors import ConfigError, UnreadableError
from iact_guard.model.finding import Finding
from iact_guard.model.policy import Policy
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.scan import ScannerReport
from iact_guard.model.source import Source
from iact_guard.pipeline.judged import Judged
from iact_guard.project import Project
from iact_guard.settings import Config
from iact_guard.syntax.comments import has_comments
from iact_guard.syntax.text import decode
from iact_guard.tree import NO_SUCH_FILE, Tree

_OURS = regex(r"[A-Z]{2}\d{3}")
_SCANNERS = (("bandit", regex(r"B\d{3}")), ("checkov", regex(r"CKV2?_\w+")))
MAX_SHOWN = 5
"""Entries that a change adds to the baseline, one by one; the others are counted."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What was asked of the tree, and whose word counts."""

    policies: tuple[Policy, ...]
    reports: tuple[ScannerReport, ...]
    only: frozenset[str] | None
    """The files that findings were wanted of; None for all."""
    trusted: Tree | None
    """The revision whose word counts; None for the tree's own."""

    def asked(self, project: Project, rule: str) -> bool:
        """Whether a rule was asked of everything: then silence means that there is nothing."""
        if self.only is not None:
            return False
        if _OURS.fullmatch(rule):
            policy = next((policy for policy in self.policies if policy.id == rule), None)
            setting = project.config.setting(rule)
            enabled = policy is not None and policy.enabled and setting.enabled is not False
            return enabled or (setting.enabled is True and policy is not None)
        name = next((name for name, rules in _SCANNERS if rules.fullmatch(rule)), "safety")
        return any(report.name == name and report.status == "ok" for report in self.reports)


@dataclass(frozen=True, slots=True)
class Said:
    """Findings with their status, and what was said of them."""

    findings: list[Finding]
    every: tuple[Finding, ...]
    """Before those of one fault were merged, with those about what was said."""
    waived: Waived
    allows: list[Allow]


def said_of(present: Judged, scope: Scope) -> Said:
    """Hold the findings against waivers and comments; those that do nothing are findings too."""
    project = present.ctx.project
    config, today = project.config, datetime.date.today()
    comments = list(_allows(present, scope))
    believed = comments if scope.trusted is None else _believed(comments, scope.trusted)
    held = waived(present.findings, config.waivers, today, comments, believed)
    places = configuration.waiver_places(scope.trusted or project.tree, config)
    waivers = list(zip(config.waivers, places, strict=True)) if scope.only is None else []
    idle = idle_suppressions(
        Suppressions(waivers, comments, held, today),
        next(policy for policy in scope.policies if policy.id == ID),
        config,
        lambda rule: scope.asked(project, rule),
        lambda rule: _unknown(rule, scope.policies),
    )
    redacted = ordered(redacted_finding(finding, project.redactor) for finding in idle)
    idle = fingerprinted(redacted, present.excerpts.line)
    findings = acknowledged(held.findings, present.excerpts.line, cache(_speaks(project)))
    return Said(ordered([*findings, *idle]), (*present.every, *idle), held, comments)


def proposals(project: Project, scope: Scope, said: Said) -> Iterator[str]:
    """What a change says of findings and of the check itself, which does not count yet."""
    if scope.trusted is None:
        return
    own, trusted = configuration.load(project.tree), project.config
    for field in dataclasses.fields(Config):
        name = field.name
        if name not in ("waivers", "source") and getattr(own, name) != getattr(trusted, name):
            yield f"{own.source or trusted.source}: `{name}` is another one"
    for waiver in own.waivers:
        if waiver not in trusted.waivers:
            yield (
                f"{own.source}: a waiver of {waiver.rule} for {', '.join(waiver.paths)} until "
                f"{waiver.expires} ({waiver.owner}: {waiver.reason})"
            )
    believed = {id(allow) for allow in _believed(said.allows, scope.trusted)}
    for allow in said.allows:
        if id(allow) not in believed and not allow.mistake:
            yield f"{allow.location.path}:{allow.location.line}: {' '.join(shown(allow))}"
    path = own.baseline or baseline.FILE
    _, before = read_baseline(scope.trusted, trusted)
    _, now = read_baseline(project.tree, own)
    added = sorted(set(now) - set(before), key=lambda entry: entry.key)
    for entry in added[:MAX_SHOWN]:
        yield f"{path}: {entry.rule} {entry.path}: {entry.message}"
    if len(added) > MAX_SHOWN:
        yield f"{path}: {len(added) - MAX_SHOWN} more entries"


def read_baseline(tree: Tree, config: Config) -> tuple[str | None, tuple[baseline.Entry, ...]]:
    """The path of the baseline and its entries; no path where there is none."""
    path = config.baseline or baseline.FILE
    try:
        text = decode(path, tree.read(path)).text
    except UnreadableError as error:
        if not error.reason.startswith(NO_SUCH_FILE):
            raise ConfigError(f"{path}: {error.reason}") from None
        if config.baseline:
            raise ConfigError(
                f"{config.source}: the baseline {path} is not there: "
                "`iact-guard baseline write` makes it"
            ) from None
        return None, ()
    return path, baseline.parse(text, path)


def _allows(present: Judged, scope: Scope) -> Iterator[Allow]:
    """The comments of all files, or of those that were named and those that findings stand in."""
    project = present.ctx.project
    sources: Iterable[Source] = project.discovery.sources
    if scope.only is not None:
        wanted = scope.only | {finding.location.path for finding in present.findings}
        sources = [source for source in sources if source.path in wanted]
    for source in sources:
        if not has_comments(source.path):
            continue
        try:
            # Most files say nothing of the kind: they are not decoded for it.
            if project.mentions(source.path, MARK):
                yield from allows(project.text(source.path))
        except UnreadableError:
            continue  # whoever needs it says so


def _speaks(project: Project) -> Callable[[str], bool]:
    """Whether a file may hold a comment by which people say that a secret is none."""

    def speaks(path: str) -> bool:
        try:
            text = project.text(path).text.lower()
        except UnreadableError:
            return False
        return any(word in text for word in WORDS)

    return speaks


def _believed(comments: Iterable[Allow], trusted: Tree) -> list[Allow]:
    """The comments that the trusted revision has as well, in the same file."""
    found: list[Allow] = []
    known: dict[str, Counter[object]] = {}
    for allow in comments:
        path = allow.location.path
        if path not in known:
            known[path] = Counter(before.said for before in _of_revision(trusted, path))
        if known[path][allow.said] > 0:
            known[path][allow.said] -= 1
            found.append(allow)
    return found


def _of_revision(trusted: Tree, path: str) -> list[Allow]:
    try:
        return allows(decode(path, trusted.read(path)))
    except UnreadableError:
        return []


def _unknown(rule: str, policies: Iterable[Policy]) -> str | None:
    if not _OURS.fullmatch(rule):
        return None  # a scanner's, which is not ours to know
    known = {policy.id for policy in policies} | set(table("catalogue"))
    return None if rule in known else f"there is no such policy{nearest(rule, known)}"
