"""The findings of the baseline, wherever their files have moved since it was written."""

from iact_guard.aggregate import baseline
from iact_guard.aggregate.fingerprint import former_fingerprints
from iact_guard.model.errors import VcsError
from iact_guard.model.finding import Finding
from iact_guard.model.records import dataclass
from iact_guard.pipeline.judged import Judged
from iact_guard.pipeline.request import CheckRequest
from iact_guard.pipeline.said import Said, Scope, read_baseline
from iact_guard.tree import GitTree
from iact_guard.vcs import changes, history


@dataclass(frozen=True, slots=True)
class Known:
    """Findings with their status, and what became of the baseline."""

    findings: list[Finding]
    path: str | None = None
    """Of the baseline; None without one."""
    entries: tuple[baseline.Entry, ...] = ()
    stale: tuple[baseline.Entry, ...] = ()
    """Entries that match nothing, although everything was asked."""
    moved: frozenset[str] = frozenset()
    """Fingerprints of entries whose file has another name now."""


def known(present: Judged, said: Said, scope: Scope, request: CheckRequest) -> Known:
    """Those that the baseline has are `baseline`."""
    project = present.ctx.project
    path, entries = read_baseline(scope.trusted or project.tree, project.config)
    if path is None:
        return Known(said.findings)
    former: dict[str, str] = {}
    missing = baseline.unmatched(entries, said.every, former)
    held = baseline.held_back(said.findings, entries, former)
    is_open = any(f.status == "open" and baseline.can_be_known(f) for f in held)
    if is_open and any(entry.path not in project.discovery.files for entry in missing):
        renamed = _renamed(path, present, scope, request)
        former = former_fingerprints(said.every, present.excerpts.line, renamed)
        missing = baseline.unmatched(missing, said.every, former)
    unread = {problem.location.path for problem in project.problems}
    stale = tuple(e for e in missing if scope.asked(project, e.rule) and e.path not in unread)
    held = baseline.held_back(said.findings, entries, former)
    return Known(held, path, entries, stale, frozenset(former.values()))


def _renamed(path: str, present: Judged, scope: Scope, request: CheckRequest) -> dict[str, str]:
    """Files that have another name since the baseline was written last, as far as git knows."""
    revision = scope.trusted.revision if isinstance(scope.trusted, GitTree) else "HEAD"
    tree = present.ctx.project.tree
    read = None if request.staged else tree.read
    try:
        commit = history.last_change(request.root, path, revision) or history.head(request.root)
        if commit is None:
            return {}
        found = changes.since(request.root, commit, tree.listing().files, read)
    except VcsError:
        return {}  # without a history nothing moved: what is elsewhere now is new
    return dict(found.renamed)
