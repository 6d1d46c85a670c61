"""Which gates run for which code before a change is merged, and which never do."""

import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import followed_of
from iact_guard.analyze.shell.remote import runs_far
from iact_guard.analyze.workflow.deploy.deployments import deployments_of
from iact_guard.analyze.workflow.gates.gate import Gate
from iact_guard.analyze.workflow.gates.job_gates import gates_in
from iact_guard.analyze.workflow.order import needed_by
from iact_guard.analyze.workflow.performed import Performed, callers_of
from iact_guard.analyze.workflow.triggers.change_runs import Run, runs_step, texts
from iact_guard.analyze.workflow.triggers.filters import lets_through
from iact_guard.data.tables import table
from iact_guard.model.fact import Fact, UnknownFactError, known
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job, Trigger, Workflow

MAX_RUNS = 500
"""Different ones of one kind of gate that are held against each other; more are unknown."""
MAX_TARGETS = 20
"""Paths that one gate is given."""


@dataclass(frozen=True, slots=True)
class GateRun:
    """A gate on a part of the code, and whether it runs there for changes."""

    gate: Gate
    job: Job
    """The one that an event starts: it may call the workflow that holds the gate."""
    language: str
    """Empty where its program looks at more than one."""
    folder: str | None
    """The code that it looks at, empty for all; None where only a run can tell."""
    run: Run
    by_change: bool
    """A push to a branch starts it."""
    apart: bool
    """It looks at what runs somewhere, runs there, or stands behind a deployment."""

    def stands_for(self, other: "GateRun") -> bool:
        """Whether it looks at the same code in the same way, as far as can be told."""
        if self.gate.kind != other.gate.kind:
            return False
        if other.run.cause == "paths" and self.gate.tool != other.gate.tool and self.language:
            return False  # it is meant for code that its own filter leaves out
        if self.language and other.language and self.language != other.language:
            return False
        if not self.folder or not other.folder:
            return True
        return _holds(self.folder, other.folder) or _holds(other.folder, self.folder)


@fact("repository.gate_runs")
def gate_runs_of(ctx: Context, repository: Repository) -> Fact[tuple[GateRun, ...]]:
    """Every gate, once for each job that comes to it and each part of the code."""
    found: list[GateRun] = []
    for job in ctx.project.entities("job"):
        if not _only_called(ctx, ctx.project.workflow_of(job)):
            for performed, gate in gates_in(ctx, job):
                if not gate.upload:
                    found += _runs(ctx, job, performed, gate)
    return known(tuple(found))


def _only_called(ctx: Context, workflow: Workflow) -> bool:
    events = {trigger.event for trigger in workflow.triggers}
    return events == {"workflow_call"} and bool(callers_of(ctx, workflow))


def _runs(ctx: Context, job: Job, performed: Performed, gate: Gate) -> Iterator[GateRun]:
    run = runs_step(ctx, job, performed)
    triggers = ctx.project.workflow_of(job).triggers
    pushed = any(_is_push_to_branches(trigger) for trigger in triggers)
    language = language_of(gate.tool)
    far = gate.command is not None and runs_far(ctx, gate.command)
    apart = far or _is_apart(ctx, job, performed, gate.tool)
    for folder in _targets(ctx, gate):
        hindered = _paths(ctx, run, folder, language) if folder is not None else None
        yield GateRun(gate, job, language, folder, hindered or run, pushed, apart)


def _is_push_to_branches(trigger: Trigger) -> bool:
    branches = trigger.branches is not None or trigger.branches_ignore is not None
    tags = trigger.tags is not None or trigger.tags_ignore is not None
    return trigger.event == "push" and (branches or not tags)


def _is_apart(ctx: Context, job: Job, performed: Performed, tool: str) -> bool:
    names = (
        job.key,
        job.name,
        performed.job.key,
        performed.job.name,
        performed.step.name,
        job.path,
    )
    said = " ".join(each if isinstance(each, str) else each.text for each in names if each)
    words = _words(f"{said} {tool}")
    if words & _said("other_tests") or (words & _said("places") and words & _said("whole")):
        return True
    deployed = [each.performed.outer for each in deployments_of(ctx, job).known]
    indices = [outer.index for outer in deployed if outer]
    if performed.outer and indices and performed.outer.index > min(indices):
        return True
    return any(deployments_of(ctx, each).known for each in needed_by(ctx, job).known)


@cache
def _said(name: str) -> frozenset[str]:
    return frozenset(table("code")["elsewhere"][name].split())


def _words(text: str) -> frozenset[str]:
    return frozenset(re.split(r"[^a-z]+", text.lower()))


def language_of(tool: str) -> str:
    """The language that a program looks at; empty for any other."""
    return _languages().get(tool, "python" if tool.endswith(".py") else "")


@cache
def _languages() -> dict[str, str]:
    rows = table("code")["languages"]
    return {tool: name for name, row in rows.items() for tool in row["tools"].split()}


def _targets(ctx: Context, gate: Gate) -> tuple[str | None, ...]:
    """The paths of the repository that a gate is given, else the folder that it works in."""
    command = gate.command
    if command is None:
        return (None,)
    folder = followed_of(ctx, gate.step).known.folders.get(command.id)
    if folder is None or command.embedded:
        return (None,)
    plain = gate.tool in table("code")["words"]["paths"].split()
    flags = frozenset(table("code")["words"]["flags"].split())
    given = []
    for before, word in pairwise(command.argv[: MAX_TARGETS + 1]):
        path = (word or "").partition("::")[0]
        behind = before is None or (before.startswith("-") and before not in flags)
        if not path or path.startswith("-") or behind:
            continue  # an option, or perhaps the value of one
        place = posixpath.normpath(posixpath.join(folder, path))
        inside = place != "." and not place.startswith("..") and ctx.project.exists(place)
        if inside and (plain or "/" in path):
            given.append(place)
    return tuple(dict.fromkeys(given)) or (folder,)


def _paths(ctx: Context, run: Run, folder: str, language: str) -> Run | None:
    """What the path filters say, where all of them leave out the code below a folder."""
    filtered = [t for t in run.triggers if t.paths is not None or t.paths_ignore]
    if not filtered or len(filtered) < len(run.triggers):
        return None
    files = list(code_below(ctx, folder, language))
    if not files and folder in ctx.project.discovery.files:  # the file of a project
        files = list(code_below(ctx, posixpath.dirname(folder), language))
    if not files:
        return None
    for trigger in filtered:
        if lets_through(texts(trigger.paths), texts(trigger.paths_ignore), files):
            return None
    first = filtered[0]
    patterns = (*(first.paths or ()), *(first.paths_ignore or ()))
    place = patterns[0].location if patterns else first.location
    name = "paths" if first.paths is not None else "paths-ignore"
    what = f"`{folder}`" if folder else f"the {language or 'code'} files of the repository"
    return Run("never", "paths", place, f"its `{name}` leave out {what}, which it checks")


def code_below(ctx: Context, folder: str, language: str) -> Iterator[str]:
    """The files of a language below a path; of any kind where it is not known."""
    rows = table("code")["languages"]
    endings = tuple(f".{e}" for e in rows[language]["extensions"].split()) if language else ()
    for path in below(ctx, folder):
        if not endings or path.endswith(endings):
            yield path


def below(ctx: Context, folder: str) -> Iterator[str]:
    """The files below a folder, or the file itself."""
    (repository,) = ctx.project.entities("repository")
    files = sorted_files(ctx, repository).known
    index = bisect_left(files, folder)
    while index < len(files) and files[index].startswith(folder):
        if _holds(folder, files[index]):
            yield files[index]
        index += 1


@fact("repository.sorted_files")
def sorted_files(ctx: Context, repository: Repository) -> Fact[list[str]]:
    """Every file, those included that are excluded from the check."""
    discovery = ctx.project.discovery
    return known(sorted({*discovery.files, *discovery.excluded}))


def _holds(folder: str, path: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


@dataclass(frozen=True, slots=True)
class Hole:
    """Gates that do not run for changes, for one reason."""

    location: Location
    first: GateRun
    others: tuple[GateRun, ...] = ()


@fact("repository.gate_holes")
def holes_of(ctx: Context, repository: Repository) -> Fact[tuple[Hole, ...]]:
    """The gates that nothing stands for: one a reason, with all that it hinders."""
    by_kind: dict[str, list[GateRun]] = {}
    for each in gate_runs_of(ctx, repository).known:
        by_kind.setdefault(each.gate.kind, []).append(each)
    tested = any(each.run.state != "never" for each in by_kind.get("test", ()))
    holes: dict[Location, Hole] = {}
    for each in (hole for runs in by_kind.values() for hole in _uncovered(runs)):
        place = each.run.location
        only_here = each.run.cause != "trigger" or each.by_change
        # By hand or by the clock: a hole where no tests run for changes at all.
        if place is None or not (only_here or (each.gate.kind == "test" and not tested)):
            continue
        known_hole = holes.get(place)
        holes[place] = (
            replace(known_hole, others=(*known_hole.others, each))
            if known_hole
            else Hole(place, each)
        )
    return known(tuple(holes.values()))


def _uncovered(runs: list[GateRun]) -> Iterator[GateRun]:
    """Those of one kind that no better run stands for; of equals, the one that a push starts."""
    order = {"runs": 0, "perhaps": 1, "never": 2}
    kept: list[GateRun] = []
    ranked = sorted(runs, key=lambda each: (order[each.run.state], not each.by_change))
    distinct = {_kind_of(each): each for each in reversed(ranked)}
    if len(distinct) > MAX_RUNS:
        reason = f"more than {MAX_RUNS} different gates of the kind {runs[0].gate.kind}"
        raise UnknownFactError(reason, ())
    for each in reversed(distinct.values()):
        if each.apart and each.run.state != "runs":
            continue
        if any(_better(other, each) and other.stands_for(each) for other in kept):
            continue
        kept.append(each)
        if each.run.state != "runs":
            yield each


def _kind_of(each: GateRun) -> tuple[object, ...]:
    """What makes a difference when runs are held against each other, and told."""
    run = each.run
    return (each.gate.tool, each.language, each.folder, run.state, run.location, each.apart)


def _better(other: GateRun, each: GateRun) -> bool:
    same_place = other.run.location == each.run.location
    return not same_place or other.run.state != each.run.state
