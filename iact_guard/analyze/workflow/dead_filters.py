"""Path filters that no file of the repository can pass: they never start anything."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.filters import pattern
from iact_guard.analyze.workflow.gate_runs import below, gate_runs_of, sorted_files
from iact_guard.model.authored import Authored
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Trigger, Workflow

_EVENTS = frozenset({"pull_request", "pull_request_target", "push"})
_WILD = frozenset("*?+[!\\")


@dataclass(frozen=True, slots=True)
class DeadPattern:
    """A pattern of `paths` that matches nothing."""

    pattern: Authored
    others: tuple[Authored, ...]
    """Those of the same workflow that match nothing for the same reason."""
    why: str
    alone: bool
    """No other pattern of its filter matches anything: the trigger is dead."""
    mistake: bool
    """It is written in a way that can match nothing."""


@fact("repository.dead_patterns")
def dead_patterns_of(ctx: Context, repository: Repository) -> Fact[tuple[DeadPattern, ...]]:
    """Those of workflows that run gates, one a reason and workflow."""
    files = sorted_files(ctx, repository).known
    if all(path.startswith(".github/") for path in files):
        return known(())  # nothing but workflows was given
    gated = {each.job.workflow for each in gate_runs_of(ctx, repository).known}
    found: list[DeadPattern] = []
    for workflow in ctx.project.workflows:
        if workflow.id in gated:
            found += _of_workflow(ctx, workflow)
    return known(tuple(found))


def _of_workflow(ctx: Context, workflow: Workflow) -> Iterator[DeadPattern]:
    dead: dict[str, list[tuple[Authored, Trigger]]] = {}
    for trigger in workflow.triggers:
        if trigger.event in _EVENTS and trigger.paths:
            for each in trigger.paths:
                if not each.text.startswith("!") and not _lives(ctx, each.text):
                    dead.setdefault(each.text, []).append((each, trigger))
    grouped: dict[tuple[str, bool], list[tuple[Authored, Trigger]]] = {}
    for text, places in dead.items():
        why, mistake = _why(ctx, text)
        if why:
            grouped.setdefault((why, mistake), []).extend(places)
    for (why, mistake), places in grouped.items():
        (first, _), *others = places
        alone = any(_is_dead(trigger, dead) for _, trigger in places)
        yield DeadPattern(first, tuple(each for each, _ in others), why, alone, mistake)


def _is_dead(trigger: Trigger, dead: Collection[str]) -> bool:
    positive = [each.text for each in trigger.paths or () if not each.text.startswith("!")]
    return all(each in dead for each in positive)


def _lives(ctx: Context, text: str) -> bool:
    """Whether any file passes; submodules are paths without files."""
    found = pattern(text)
    if found is None or text in _submodules(ctx):
        return True
    start = text.rpartition("/")[0]
    folder = start if not _WILD & set(start) else ""
    return any(found.covers(path) for path in below(ctx, folder))


def _submodules(ctx: Context) -> frozenset[str]:
    (repository,) = ctx.project.entities("repository")
    return submodules_of(ctx, repository).known


@fact("repository.submodules")
def submodules_of(ctx: Context, repository: Repository) -> Fact[frozenset[str]]:
    """The folders in which other repositories lie."""
    found = set(ctx.project.discovery.nested)
    if ".gitmodules" in ctx.project.discovery.files:
        try:
            lines = ctx.project.text(".gitmodules").text.splitlines()
        except UnreadableError:
            lines = []
        pairs = (line.partition("=") for line in lines)
        found.update(value.strip() for key, _, value in pairs if key.strip() == "path")
    return known(frozenset(path.rstrip("/") for path in found))


def _why(ctx: Context, text: str) -> tuple[str, bool]:
    """Why a pattern matches nothing, and whether that is how it is written; empty for no reason.

    A pattern for a kind of file (`**/*.tsx`) may be there for files to come.
    """
    if "${{" in text or "$" in text:
        return "nothing is expanded in it, a `$` stands for itself", True
    if text.startswith("./"):
        return "paths have no `./` before them", True
    if text.startswith("/"):
        return "paths have no `/` before them", True
    if text.endswith("/") or (not _WILD & set(text) and _is_folder(ctx, text)):
        return f"it names a folder, and only `{text.rstrip('/')}/**` takes in its files", True
    parts = text.split("/")
    named = next((i for i, part in enumerate(parts) if _WILD & set(part)), len(parts))
    starts = ["/".join(parts[:length]) for length in range(1, named + 1)]
    for start in starts:
        if start in _submodules(ctx):
            return f"`{start}` is a submodule: its changes have that name alone", True
    for start in starts:
        if not ctx.project.exists(start) and next(below(ctx, start), None) is None:
            return f"there is no `{start}`", False
    return "", False


def _is_folder(ctx: Context, text: str) -> bool:
    return next(below(ctx, text), text) != text
