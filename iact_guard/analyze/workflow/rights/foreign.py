"""The code of anyone's pull request in a job: how it gets there."""

from collections.abc import Iterator
from itertools import islice

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import all_commands_of, normal, origin_of, words_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.performed import Performed, work_of
from iact_guard.analyze.workflow.references.exports import exports_of
from iact_guard.analyze.workflow.rights.strangers import (
    By,
    conditions_of,
    needs_label,
    reach_of,
    reaches_of,
)
from iact_guard.analyze.workflow.rights.untrusted import Place, taint_of
from iact_guard.data.tables import Row, table
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job, Step
from iact_guard.syntax.expression import parts

PRIVILEGED = ("pull_request_target", "workflow_run", "issue_comment")
"""Events of strangers on which a job has the repository's token and secrets."""
MAX_FETCHES = 20
"""Of one job; more of them say nothing new."""
_PULL = regex(r"""(?:^|[/+: "'])pull/.*?(?:/(?:head|merge)\b|$)""")
_OUTPUT = regex(r"\bsteps\.([\w-]+)\.outputs\.[\w-]+")
_VERSION = regex(r"v?(\d+)(?:\.(\d+))?")
_COMMENT = regex(r"#\s*v?(\d+(?:\.\d+)*)\b")
_TAKES = frozenset({"checkout", "switch", "reset", "merge", "pull", "rebase", "cherry-pick",
                    "worktree", "clone"})  # fmt: skip


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
    artifact: bool = False
    """It is what a run of the pull request left behind."""


@fact("job.foreign_code")
def fetches_of(ctx: Context, job: Job) -> Fact[tuple[Fetch, ...]]:
    """Where a job gets the code of anyone's pull request, on events that give it rights."""
    reach = reach_of(ctx, job)
    events = [event for event in PRIVILEGED if event in reach]
    found = (fetch for event in events for fetch in _on(ctx, job, event))
    return known(tuple(islice(found, MAX_FETCHES)))


def _on(ctx: Context, job: Job, event: str) -> Iterator[Fetch]:
    chain = tuple(conditions_of(ctx, job))
    reaches = reaches_of(ctx, job).known
    for index, performed in enumerate(work_of(ctx, job).known.steps):
        step, reach = performed.step, reaches[index]
        if not (step.run or _checks_out(performed) or _artifact(performed)):
            continue
        if event not in reach:
            continue
        labelled = needs_label(event, (*chain, *performed.conditions))
        seen = _Event(ctx, event, reach[event], performed, index, labelled=labelled)
        if _artifact(performed):
            yield from seen.by_artifact()
        else:
            yield from seen.by_action() if step.uses else seen.by_commands()


def _checks_out(performed: Performed) -> bool:
    uses = performed.step.uses
    return uses is not None and parse_use(uses).name.lower() == "actions/checkout"


def _artifact(performed: Performed) -> dict[str, str] | None:
    """The row of an action that brings artifacts; None for any other."""
    uses = performed.step.uses
    rows: dict[str, dict[str, str]] = table("foreign_code")["artifacts"]
    return rows.get(parse_use(uses).name.lower()) if uses else None


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
        asked = self.asked(ref)
        what = theirs or exact or pulled or asked or named
        text = repository if theirs else ref
        if what and text:
            refused = "" if self.event == "issue_comment" else _refused(self.ctx, self.performed)
            only_named = not (theirs or exact or pulled or asked)
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

    def asked(self, ref: Authored | None) -> str:
        """The output that a ref is, of a step whose script asked for the pull request's head."""
        for part in parts(ref.text) if ref else ():
            found = _OUTPUT.search(part.text) if part.is_expression else None
            step = self.step_named(found[1]) if found else None
            script = (step.run or step.input("script")) if step else None
            names = table("foreign_code")["asks"]["texts"]
            if found and script and any(name in script.text for name in names):
                return found[0]
        return ""

    def step_named(self, key: str) -> Step | None:
        """The step of an id, beside this one."""
        steps: tuple[Step, ...] = self.ctx.project.by_id[self.performed.step.parent].steps
        return next((each for each in steps if each.key and each.key.text == key), None)

    def by_artifact(self) -> Iterator[Fetch]:
        """Artifacts of the run that started this one, in a folder of their own."""
        row, step = _artifact(self.performed) or {}, self.performed.step
        run, path = step.input(row["run"]), step.input(row["path"])
        folder = (normal(path.text) or "") if path else ""
        if self.event == "workflow_run" and run and "workflow_run.id" in run.text and folder:
            yield Fetch(
                self.event, self.by, self.performed, self.index, None, "an artifact of its run",
                run.first_line(0, len(run.text)), folder, labelled=self.labelled, artifact=True,
            )  # fmt: skip

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
