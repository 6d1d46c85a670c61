"""The code of anyone's pull request in a job: how it gets there, and what runs it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import all_commands_of, followed_of, origin_of, words_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.exports import exports_of
from iact_guard.analyze.workflow.performed import Performed, work_of
from iact_guard.analyze.workflow.strangers import By, conditions_of, needs_label, reach_of
from iact_guard.analyze.workflow.untrusted import Place, taint_of
from iact_guard.data.tables import Row, table
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.workflow import Job

PRIVILEGED = ("pull_request_target", "workflow_run", "issue_comment")
"""Events of strangers on which a job has the repository's token and secrets."""
_PULL = re.compile(r"""(?:^|[/+: "'])pull/.*?(?:/(?:head|merge)\b|$)""")
_VERSION = re.compile(r"v?(\d+)(?:\.(\d+))?")
_COMMENT = re.compile(r"#\s*v?(\d+(?:\.\d+)*)\b")
_TAKES = frozenset({"checkout", "switch", "reset", "merge", "pull", "rebase", "cherry-pick",
                    "worktree", "clone"})  # fmt: skip


_TAKES_FOLDERS = frozenset({"docker", "pip", "pytest", "py.test", "mocha", "jest"})
"""Programs that run what lies in a folder which they are given."""
_FOLDERS = frozenset({"-C", "--prefix", "--cwd", "--directory", "--dir", "--project", "-f",
                      "--manifest-path"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fetch:
    """A step that puts the code of a pull request into the job's folder."""

    event: str
    by: By
    """Who comes to run it on that event."""
    performed: Performed
    index: int
    """Of the step among those that the job performs."""
    command: Command | None
    """None where the action checks out."""
    what: str
    """`github.event.pull_request.head.sha`, `gh pr checkout`."""
    location: Location
    folder: str = ""
    """Where the code lies; empty for the workspace itself."""
    refused: str = ""
    """`always`, `now`: the version of the action refuses it, or the current one does."""
    named: bool = False
    """Only the branch's name says what is checked out."""
    labelled: bool = False
    """Only where somebody has put a label."""


@fact("job.foreign_code")
def fetches_of(ctx: Context, job: Job) -> Fact[tuple[Fetch, ...]]:
    """Where a job gets the code of anyone's pull request, on events that give it rights."""
    reach = reach_of(ctx, job)
    found: list[Fetch] = []
    for event in PRIVILEGED:
        if event in reach:
            found += _on(ctx, job, event)
    return known(tuple(found))


def _on(ctx: Context, job: Job, event: str) -> Iterator[Fetch]:
    chain = tuple(conditions_of(ctx, job))
    for index, performed in enumerate(work_of(ctx, job).known.steps):
        step = performed.step
        if not (step.run or _checks_out(performed)):
            continue
        reach = reach_of(ctx, job, performed.conditions)
        if event not in reach:
            continue
        labelled = needs_label(event, (*chain, *performed.conditions))
        seen = _Event(ctx, event, reach[event], performed, index, labelled=labelled)
        yield from seen.by_action() if step.uses else seen.by_commands()


def _checks_out(performed: Performed) -> bool:
    uses = performed.step.uses
    return uses is not None and parse_use(uses).name.lower() == "actions/checkout"


@dataclass(frozen=True, slots=True)
class _Event:
    """A step on an event."""

    ctx: Context
    event: str
    by: By
    performed: Performed
    index: int
    labelled: bool

    def rows(self, kind: str, *, named: bool | None = None) -> list[Row]:
        return [
            row
            for row in table("foreign_code")[kind]
            if self.event in row["events"] and named in (None, row.get("named", False))
        ]

    @property
    def place(self) -> Place:
        step = self.performed.step
        return Place(self.ctx.project.by_id[step.parent], step)

    def source(self, text: Authored | None, rows: list[Row]) -> str:
        """The source of a text; empty where it comes from none of them."""
        taint = taint_of(self.ctx, text, self.place, rows) if text else None
        return taint.source if taint else ""

    def by_action(self) -> Iterator[Fetch]:
        step = self.performed.step
        ref, repository, path = step.input("ref"), step.input("repository"), step.input("path")
        theirs = self.source(repository, self.rows("repository"))
        exact = self.source(ref, self.rows("commit", named=False))
        named = self.source(ref, self.rows("commit", named=True))
        pulled = ref.text if ref and self.pulls(ref) else ""
        what = theirs or exact or pulled or named
        text = repository if theirs else ref
        if what and text:
            refused = "" if self.event == "issue_comment" else _refused(self.ctx, self.performed)
            only_named = not (theirs or exact or pulled)
            yield Fetch(
                self.event, self.by, self.performed, self.index, None, what.strip(),
                text.first_line(0, len(text.text)), path.text if path else "",
                "" if only_named else refused, only_named, self.labelled,
            )  # fmt: skip

    def pulls(self, ref: Authored) -> bool:
        """Whether a ref is `refs/pull/N/merge`, and the event can hold N."""
        if not _PULL.search(ref.text):
            return False
        return "github.event" not in ref.text or bool(self.source(ref, self.rows("number")))

    def by_commands(self) -> Iterator[Fetch]:
        fetched: Command | None = None
        for command in all_commands_of(self.ctx, self.performed.step.id):
            words = set(command.words)
            if command.tool == "gh" and {"pr", "checkout"} <= words:
                yield self.fetch(command, "gh pr checkout")
            elif command.tool == "git" and words & {"fetch", "pull", "clone"} and _pulls(command):
                if words & {"pull", "clone"}:
                    yield self.fetch(command, "git pull")
                fetched = command
            elif command.tool == "git" and words & _TAKES:
                if fetched:
                    yield self.fetch(fetched, "git fetch")
                elif source := self.in_words(command):
                    yield self.fetch(command, source)

    def fetch(self, command: Command, what: str) -> Fetch:
        place = origin_of(self.ctx, command).location
        return Fetch(
            self.event, self.by, self.performed, self.index, command, what, place,
            labelled=self.labelled,
        )  # fmt: skip

    def in_words(self, command: Command) -> str:
        """The commit or repository of the change that a command of git names."""
        rows = [*self.rows("commit", named=False), *self.rows("repository")]
        variables = exports_of(self.ctx, self.performed.step).known.variables
        for word in words_of(self.ctx, command):
            if taint := taint_of(self.ctx, word.parts, self.place, rows, variables):
                return taint.source
        return ""


def _pulls(command: Command) -> bool:
    """Whether it names `pull/N/head`, the number written out or not."""
    return bool(_PULL.search(command.text))


def _refused(ctx: Context, performed: Performed) -> str:
    """Whether the action refuses a fork's code: by its version, `now` for one that moves."""
    step = performed.step
    allowed = step.input("allow-unsafe-pr-checkout")
    if step.uses is None or (allowed and allowed.text.strip().lower() != "false"):
        return ""
    use = parse_use(step.uses)
    written = use.ref
    if use.pinned:  # the version stands in a comment beside it
        line = ctx.project.text(step.path).text.splitlines()[step.uses.location.line - 1]
        found = _COMMENT.search(line)
        written = found[1] if found else ""
    version = _VERSION.match(written)
    if not version:
        return "now" if written in ("main", "master") else ""
    major, minor = int(version[1]), version[2]
    least = table("foreign_code")["checkout"]["refuses"].get(str(major))
    if major >= 7:  # the first line that always had it
        return "always"
    if least is None:
        return ""
    if minor is None:
        return "" if use.pinned else "now"
    return "always" if int(minor) >= least[1] else ""


@dataclass(frozen=True, slots=True)
class Run:
    """Something that runs the code, or may."""

    certain: bool
    what: str
    evidence: Evidence


def runs_of(ctx: Context, job: Job, fetch: Fetch) -> Iterator[Run]:
    """What runs in the folder after the code got there, what is certain to run it first."""
    found = list(_runs(ctx, job, fetch))
    yield from (run for run in found if run.certain)
    yield from (run for run in found if not run.certain)


def _runs(ctx: Context, job: Job, fetch: Fetch) -> Iterator[Run]:
    for index, performed in enumerate(work_of(ctx, job).known.steps):
        if index < fetch.index or fetch.event not in reach_of(ctx, job, performed.conditions):
            continue
        if index > fetch.index and performed.step.uses:
            yield from _by_action(performed.step.uses, performed, fetch)
        commands = all_commands_of(ctx, performed.step.id)
        if index == fetch.index and fetch.command:
            ids = [command.id for command in commands]
            commands = commands[ids.index(fetch.command.id) + 1 :]
        folders = followed_of(ctx, performed.step).known.folders
        for command in commands:
            yield from _by_command(command, folders.get(command.id), fetch)


def _by_action(uses: Authored, performed: Performed, fetch: Fetch) -> Iterator[Run]:
    use = parse_use(uses)
    name = use.name.lower()
    names = table("foreign_code")["runs"]
    inside = use.name.removeprefix("./").startswith(fetch.folder.removeprefix("./"))
    if use.kind == "local":
        if inside:
            what = "this action lies in the code that was checked out"
            yield Run(True, use.text, Evidence(uses.location, what))
        return
    mentions = any(fetch.folder in pair.value.text for pair in performed.step.with_)
    if name in names["actions"].split():
        if not fetch.folder or mentions:
            what = "this action runs what lies in the folder"
            yield Run(True, use.name, Evidence(uses.location, what))
    elif name not in names["inert_actions"].split() and (not fetch.folder or mentions):
        what = "what this action runs is not known"
        yield Run(False, use.name, Evidence(uses.location, what))


def _by_command(command: Command, folder: str | None, fetch: Fetch) -> Iterator[Run]:
    verdict = _executes(command)
    if verdict is False or not _in_folder(command, folder, fetch.folder):
        return
    if verdict and _certainly_there(command, folder, fetch.folder):
        what = "this runs what lies in the folder"
        yield Run(True, command.tool, Evidence(command.location, what))
    else:
        what = f"whether {command.tool or 'this command'} runs it is not known"
        yield Run(False, command.tool, Evidence(command.location, what))


def _in_folder(command: Command, folder: str | None, wanted: str) -> bool:
    wanted = wanted.removeprefix("./").rstrip("/")
    if not wanted or "$" in wanted or folder is None:
        return True
    return f"{folder}/".startswith(f"{wanted}/") or wanted in command.text


def _certainly_there(command: Command, folder: str | None, wanted: str) -> bool:
    """Whether what is run lies in the code, and not just what it is given to read."""
    wanted = wanted.removeprefix("./").rstrip("/")
    if not wanted or f"{folder}/".startswith(f"{wanted}/"):
        return True
    if command.tool in _TAKES_FOLDERS or wanted in (command.argv[0] or ""):
        return True
    pairs = pairwise(command.words)
    return any(option in _FOLDERS and wanted in value for option, value in pairs)


def _executes(command: Command) -> bool | None:
    """Whether a command runs files of its folder; None where that is not known."""
    names = table("foreign_code")["runs"]
    tool, words = command.tool, command.words
    program = command.argv[0] or ""
    if tool in names["inert"].split():
        return False
    if any(word in names["global"] for word in words):
        return False
    if program.startswith((".", "$GITHUB_WORKSPACE")) and len(program) > 1:
        return True
    if tool in ("source", "."):
        return True
    if tool in names["words"].split():
        return True
    only = names["only"].get(tool)
    if only is None:
        return None
    if only:
        return any(word in only for word in words)
    if tool in ("python", "node", "ruby", "perl", "php", "bash", "sh"):
        return _runs_a_file(words)
    return None


def _runs_a_file(words: tuple[str, ...]) -> bool | None:
    first = next((word for word in words if word not in ("-e", "-x", "-u", "-ex")), "")
    if first.startswith("-"):
        return first == "-m"
    return bool(first) or None


def checks_permission(ctx: Context, job: Job, fetch: Fetch) -> Evidence | None:
    """Something before it that asks whether the one who acts may do so."""
    names = table("foreign_code")["permission"]
    for performed in work_of(ctx, job).known.steps[: fetch.index]:
        step = performed.step
        if step.uses and parse_use(step.uses).name.lower() in names["actions"].split():
            return Evidence(step.uses.location, "it asks for the permission of the one who acts")
        texts = (step.run, *(pair.value for pair in step.with_))
        for text in texts:
            if text and any(each in text.text for each in names["texts"]):
                return Evidence(text.location, "it asks for the permission of the one who acts")
    return None
