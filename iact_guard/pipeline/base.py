"""The commit that a change is compared with, and the one whose configuration is believed."""

from pathlib import Path

from iact_guard.model.errors import VcsError
from iact_guard.pipeline.event import Event
from iact_guard.vcs import history
from iact_guard.vcs.run import git

AUTO, NONE = "auto", "none"
_DEFAULTS = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
_DEEPER = "the history was cut off when it was fetched: use `fetch-depth: 0` with actions/checkout"
"""Said of a shallow clone; at home `git fetch --unshallow` does the same."""


def find_base(root: Path, asked: str, event: Event | None) -> str | None:
    """The commit to compare with; None where `auto` finds that everything counts.

    VcsError with the remedy where it cannot be told: never a guess that lets something pass.
    """
    head = _head(root)
    if asked != AUTO:
        return _merge_base(root, _known(root, asked, asked), head, asked)
    if event is None:
        return _base_at_home(root, head)
    if event.base and event.is_review:
        return _base_of_review(root, event, head)
    if event.base and history.commit_of(root, event.base):
        return _merge_base(root, event.base, head, "the commit before the push")
    if event.base and history.is_shallow(root):
        raise VcsError(f"the commit before the push is not in this clone; {_DEEPER}")
    # A new branch, one whose past was rewritten, a schedule: new is what the default branch lacks.
    return _base_of_branch(root, event, head)


def trusted_revision(root: Path, asked: str | None, event: Event | None) -> str | None:
    """The commit whose configuration, waivers and baseline are believed; None for the tree's own.

    By default the base of a change that is not merged yet.
    """
    if asked == NONE:
        return None
    if asked is not None:
        _head(root)
        return _known(root, asked, asked)
    if event is None or not event.is_review:
        return None
    merged = _base_in_merge(root, event, _head(root))
    return merged or _known(root, event.base, "the event's base")


def _base_of_review(root: Path, event: Event, head: str) -> str:
    merged = _base_in_merge(root, event, head)
    if merged:
        return merged
    name = "the event's base"
    base = _merge_base(root, _known(root, event.base, name), head, name)
    if base == head != event.head:  # the default of actions/checkout on `pull_request_target`
        raise VcsError(
            f"what is checked out is the base ({head[:12]}), without the change of this "
            f"`{event.name}`: run on `pull_request`, or check the change out"
        )
    return base


def _base_in_merge(root: Path, event: Event, head: str) -> str | None:
    """The base branch in the merge that GitHub made for the event, if that is checked out.

    It may be ahead of the event's base, and is there in a clone of depth 2. A merge of the
    author's own making is another commit than the run's.
    """
    if not event.head or head != event.checked_out:
        return None
    parents = history.parents(root, head)
    if len(parents) != 2 or parents[1] != event.head:  # a merge has two
        return None
    return parents[0] if history.commit_of(root, parents[0]) else None


def _base_of_branch(root: Path, event: Event, head: str) -> str | None:
    branch = event.default_branch
    names = (f"origin/{branch}", branch) if branch else _DEFAULTS
    found = next((commit for name in names if (commit := history.commit_of(root, name))), None)
    if found is None or found == head:
        return None  # the default branch itself, or all that was fetched: everything counts
    return _merge_base(root, found, head, "the default branch")


def _base_at_home(root: Path, head: str) -> str:
    if upstream := history.commit_of(root, "@{upstream}"):
        return _merge_base(root, upstream, head, "the upstream")
    for name in _DEFAULTS:
        if commit := history.commit_of(root, name):
            return _merge_base(root, commit, head, name)
    raise VcsError("there is neither an upstream nor a default branch: name one: `--since REV`")


def _head(root: Path) -> str:
    git(["rev-parse", "--is-inside-work-tree"], root)  # says why where git does not want to
    head = history.commit_of(root, "HEAD")
    if head is None:
        raise VcsError("nothing is committed yet: there is no base to compare with")
    return head


def _known(root: Path, name: str, shown: str) -> str:
    commit = history.commit_of(root, name)
    if commit is None:
        why = f"; {_DEEPER}" if history.is_shallow(root) else ""
        detail = f" ({name[:12]})" if shown != name else ""
        raise VcsError(f"{shown}{detail} is no commit of this clone{why}")
    return commit


def _merge_base(root: Path, commit: str, head: str, shown: str) -> str:
    bases = history.merge_bases(root, commit, head)
    if len(bases) == 1:
        return bases[0]
    if bases:
        some = ", ".join(base[:12] for base in bases)
        raise VcsError(
            f"what is checked out and {shown} have {len(bases)} merge bases ({some}): "
            "name one of them: `--since REV`"
        )
    if history.is_shallow(root):
        raise VcsError(f"what is checked out and {shown} have no common history here; {_DEEPER}")
    raise VcsError(f"what is checked out and {shown} have no common history")
