"""Path filters that no file of the repository can pass: they never start anything."""

from collections.abc import Collection, Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.triggers.filters import pattern
from iact_guard.analyze.workflow.triggers.gate_runs import below, gate_runs_of, sorted_files
from iact_guard.model.authored import Authored
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Trigger, Workflow

_EVENTS = frozenset({"pull_request", "pull_request_target", "push"})
_PULLS = frozenset({"pull_request", "pull_request_target"})
_WILD = frozenset("*?+[!\\")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class DeadPattern:
    """Patterns of `paths` of one workflow that match nothing, for one reason."""

    pattern: Authored
    others: tuple[Authored, ...]
    why: str
    """Empty where the pattern says it all: a file that is not there."""
    alone: bool
    """No other pattern of its filter matches anything: the trigger is dead."""
    mistake: bool
    """It is written in a way that can match nothing."""
    event: str
    """What the first one filters."""
    decides: bool
    """The filter is the one of pull requests, or nothing is started by those."""

    @property
    def texts(self) -> tuple[str, ...]:
        """The different ones, in order."""
        return tuple(dict.fromkeys(each.text for each in (self.pattern, *self.others)))


@fact("repository.dead_patterns")
def dead_patterns_of(ctx: Context, repository: Repository) -> Fact[tuple[DeadPattern, ...]]:
    """Those of workflows that run gates: one a mistake and workflow, one for what is not there."""
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
    lacking: dict[bool, list[str]] = {}
    for text, places in dead.items():
        mistake = _mistake(ctx, text)
        gone = "" if mistake else _gone(ctx, text)
        for place in places if mistake or gone else ():
            alone = not mistake and _is_dead(place[1], dead)
            grouped.setdefault((mistake, alone), []).append(place)
            if gone and gone != text:
                lacking.setdefault(alone, []).append(gone)
    pulled = any(trigger.event in _PULLS for trigger in workflow.triggers)
    for (mistake, alone), places in grouped.items():
        (first, trigger), *others = places
        decides = not pulled or any(each.event in _PULLS for _, each in places)
        why = mistake or _nothing_in(lacking.get(alone, []))
        alone = alone or any(_is_dead(each, dead) for _, each in places)
        patterns = tuple(each for each, _ in others)
        yield DeadPattern(first, patterns, why, alone, bool(mistake), trigger.event, decides)


def _nothing_in(folders: list[str]) -> str:
    names = [f"`{each}`" for each in dict.fromkeys(folders)]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"no file lies in {', '.join(names[:_SHOWN])}{more}" if names else ""


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


def _mistake(ctx: Context, text: str) -> str:
    """Why a pattern can match nothing as it is written; empty for no reason."""
    if "${{" in text or "$" in text:
        return "nothing is expanded in it, a `$` stands for itself"
    if text.startswith("./"):
        return "paths have no `./` before them"
    if text.startswith("/"):
        return "paths have no `/` before them"
    if text.endswith("/") or (not _WILD & set(text) and _is_folder(ctx, text)):
        return f"it names a folder, and only `{text.rstrip('/')}/**` takes in its files"
    for start in _starts(text):
        if start in _submodules(ctx):
            return f"`{start}` is a submodule: its changes have that name alone"
    return ""


def _gone(ctx: Context, text: str) -> str:
    """The first part of a pattern that is not there; empty for none.

    A pattern for a kind of file (`**/*.tsx`) may be there for files to come.
    """
    for start in _starts(text):
        if not ctx.project.exists(start) and next(below(ctx, start), None) is None:
            return start
    return ""


def _starts(text: str) -> tuple[str, ...]:
    """The folders of a pattern without wildcards, from the outside in."""
    parts = text.split("/")
    named = next((i for i, part in enumerate(parts) if _WILD & set(part)), len(parts))
    return tuple("/".join(parts[:length]) for length in range(1, named + 1))


def _is_folder(ctx: Context, text: str) -> bool:
    return next(below(ctx, text), text) != text
