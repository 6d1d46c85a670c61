"""The way to production as a picture: events, jobs, gates, environments, and the hole."""

from collections.abc import Iterable, Iterator
from dataclasses import field

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.production.gated import gate_jobs
from iact_guard.analyze.links.production.reachable import verdict_of
from iact_guard.analyze.links.production.shipping import shipped_by
from iact_guard.analyze.links.production.subjects import on_the_way
from iact_guard.analyze.links.production.trace import Trace, TracedJob
from iact_guard.analyze.links.production.verdict import Verdict
from iact_guard.analyze.links.production.way import Entry, Way, entries_of, every_entry
from iact_guard.analyze.links.rules.approval import approvals_of
from iact_guard.analyze.workflow.deploy.staging import environments_of
from iact_guard.analyze.workflow.gates.job_gates import gates_in
from iact_guard.analyze.workflow.gates.standing import standing_of
from iact_guard.analyze.workflow.order import jobs_after
from iact_guard.analyze.workflow.performed import called_workflow
from iact_guard.model.fact import UnknownFactError
from iact_guard.model.picture import Edge, EdgeKind, Group, Node, NodeKind, Picture
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Job

MAX_TOOLS = 4
"""Of one node."""
MAX_REFS = 3
"""Branches and tags of an event that are named."""
MAX_JOBS = 120
"""Drawn; the others are counted."""


def picture_of(ctx: Context, jobs: Iterable[Job], kinds: tuple[str, ...]) -> Picture:
    """The ways to those of the jobs that deploy to production."""
    drawing = _Drawing(ctx)
    for job in jobs:
        shipped = shipped_by(ctx, job) if job.uses is None else None
        if shipped and shipped.state == "unknown":
            drawing.unknown(job, shipped.reason)
        elif shipped and shipped.value:
            for kind in kinds:
                drawing.add(job, kind)
    return drawing.finished()


PAST = "past the gates"
_SKIPPED = "it is skipped"
_APPROVED = {
    True: "reviewers are declared",
    False: "declared without reviewers",
    None: "reviewers are not proven",
}


_WORDS = {
    "guarded": "every run passes a gate",
    "unknown": "not proven to be behind a gate",
    "switched": "a switch turns its gates off",
}


@dataclass(slots=True)
class _Drawing:
    ctx: Context
    nodes: dict[str, list[Node]] = field(default_factory=dict)
    """By the path of their workflow; those of no workflow under an empty one."""
    drawn: set[str] = field(default_factory=set)
    edges: dict[tuple[str, str], Edge] = field(default_factory=dict)
    marked: set[str] = field(default_factory=set)
    deploying: set[str] = field(default_factory=set)
    jobs: dict[str, Job] = field(default_factory=dict)
    holes: list[tuple[Trace, str]] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    events: dict[str, dict[str, None]] = field(default_factory=dict)
    """What starts a workflow, by the node's id: `push to main`."""

    def unknown(self, job: Job, reason: str) -> None:
        """A job of which it cannot be told what it does."""
        self.job(job)
        self.words[job.id] = f"unknown: {reason}"

    def add(self, job: Job, kind: str) -> None:
        """The ways to one job; what cannot be told is drawn as unknown."""
        self.deploying.add(job.id)
        try:
            self.ways(job, kind)
        except UnknownFactError as error:
            self.unknown(job, error.reason)

    def ways(self, job: Job, kind: str) -> None:
        """The ways to one job, and how it stands; UnknownFactError where a fact is missing."""
        fact = verdict_of(self.ctx, Way(job, kind))
        verdict = fact.value if fact.state == "known" else None
        entries = entries_of(self.ctx, job)
        for entry in entries or every_entry(self.ctx, job):
            for each in on_the_way(self.ctx, entry):
                self.job(each)
            self.event(entry)
        self.job(job)
        self.environment(job)
        self.beside(job, kind, verdict)
        if verdict:
            self.words[job.id] = _WORDS.get(verdict.state, "")
        elif fact.state == "unknown":
            self.words[job.id] = f"unknown: {fact.reason}"
        if verdict and verdict.state == "open" and verdict.trace:
            self.holes.append((verdict.trace, PAST))
        for switch in verdict.switches if verdict else ():
            self.holes.append((switch.trace, f"where {switch.name} is {switch.value}"))

    def node(self, path: str, node: Node) -> None:
        if node.id not in self.drawn:
            self.drawn.add(node.id)
            self.nodes.setdefault(path, []).append(node)

    def edge(self, start: str, end: str, kind: EdgeKind = "then", label: str = "") -> None:
        if kind == "hole" or (start, end) not in self.edges:
            self.edges[start, end] = Edge(start, end, kind, label)

    def job(self, job: Job) -> None:
        """A job with its gates, and what it waits for."""
        if job.id in self.jobs or len(self.jobs) >= MAX_JOBS:
            return
        self.jobs[job.id] = job
        self.gates(job)
        workflow = self.ctx.project.workflow_of(job)
        siblings = {each.key.lower(): each for each in workflow.jobs}
        for need in job.needs:
            before = siblings.get(need.text.lower())
            if before:
                self.job(before)
                self.edge(before.id, job.id)

    def gates(self, job: Job) -> None:
        """A node for the gates of a job that stand alike."""
        if job.uses:
            return
        states: dict[NodeKind, dict[str, None]] = {}
        try:
            for _, gate in gates_in(self.ctx, job):
                standing = standing_of(self.ctx, gate)
                state: NodeKind = standing.known.state if standing.state == "known" else "unknown"
                states.setdefault(state, {}).setdefault(f"{gate.kind} {gate.tool}")
        except UnknownFactError as error:
            states.setdefault("unknown", {}).setdefault(error.reason)
        for kind, tools in states.items():
            shown = list(tools)
            more = [f"and {len(shown) - MAX_TOOLS} more"] if len(shown) > MAX_TOOLS else []
            node = Node(f"{job.id}!{kind}", kind, (*shown[:MAX_TOOLS], *more))
            self.node(job.path, node)
            self.edge(job.id, node.id, "holds")

    def event(self, entry: Entry) -> None:
        """What starts a workflow, with its branches."""
        start = _event_id(entry.root.path, str(entry.event))
        self.events.setdefault(start, {}).setdefault(str(entry.event))
        for job in on_the_way(self.ctx, entry):
            if job.workflow == entry.root.id and not job.needs:
                self.edge(start, job.id)

    def environment(self, job: Job) -> None:
        """Where it deploys to, and who must approve."""
        names = environments_of(self.ctx, job)
        found = names.known if names.state == "known" else ("only known when it runs",)
        approvals = approvals_of(self.ctx, job)
        approved = {a.name: a.approved for a in approvals.value or ()}
        for name in tuple(approved) or found or ("none",):
            says = _APPROVED[approved.get(name)]
            lines = (name, says) if found else ("none: nobody is asked",)
            node = Node(f"environment:{name}", "environment", lines)
            self.node("", node)
            self.edge(job.id, node.id)

    def beside(self, job: Job, kind: str, verdict: Verdict | None) -> None:
        """Gates that stand elsewhere, where the run has none of its own."""
        if verdict is None or verdict.state == "guarded" or not verdict.evidence:
            return
        after = {each.id for each in jobs_after(self.ctx, job)}
        places = {each.location for each in verdict.evidence}
        for gate in gate_jobs(self.ctx, kind):
            if gate.best.evidence[0].location in places and gate.job.id not in after:
                self.job(gate.job)
                label = "runs beside" if verdict.state == "open" else "not proven to be required"
                self.edge(gate.job.id, job.id, "beside", label)

    def calls(self) -> None:
        """From each job that calls a workflow to what begins in it."""
        for job in self.jobs.values():
            called = called_workflow(self.ctx, job)
            for inner in called.jobs if called else ():
                if inner.id in self.jobs and not inner.needs:
                    self.edge(job.id, inner.id, label="calls")

    def hole(self, trace: Trace, words: str) -> None:
        """Marks the run that comes past the gates, from its end back to its event.

        `words` stand where it leaves the gates behind; those of a switch where it turns them off.
        """
        told = {each.job.id: each for each in trace.jobs}
        here = trace.jobs[-1].job.id
        self.marked.add(here)
        steps: list[tuple[str, str]] = []
        while here not in {end for _, end in steps}:
            start = self._before(here, told, _event_id(trace.started.path, trace.event))
            if not start:
                break
            steps.append((start, here))
            here = start
        labels = [_label(told.get(start), told[end]) for start, end in steps]
        at = next((n for n, (start, _) in enumerate(steps) if _gone_by(told.get(start))), -1)
        if words != PAST:
            skips = [n for n, label in enumerate(labels) if label == _SKIPPED]
            at = skips[0] if skips else at
        for number, (start, end) in enumerate(steps):
            label = labels[number]
            if number == at % len(steps):
                label = f"{words}: {label}" if label else words
            self.edge(start, end, "hole", label)

    def _before(self, here: str, told: dict[str, TracedJob], event: str) -> str:
        """Where the marked run comes from: a job that did not pass, before any other."""
        starts = [start for start, end in self.edges if end == here]
        bad = [start for start in starts if _gone_by(told.get(start))]
        good = [start for start in starts if start in told or start == event]
        return next(iter((*bad, *good)), "")

    def finished(self) -> Picture:
        """The picture, jobs in their workflows."""
        self.calls()
        for start, names in self.events.items():
            self.node("", Node(start, "event", (_all_of(list(names)), _file_of(start))))
        for trace, label in self.holes:
            self.hole(trace, label)
        for job in self.jobs.values():
            kind: NodeKind = "deploys" if job.id in self.deploying else "job"
            title = job.name.text if job.name else job.key
            lines = (job.key,) if title == job.key else (job.key, title)
            word = self.words.get(job.id)
            lines = (*lines, word) if word else lines
            self.node(job.path, Node(job.id, kind, lines, job.id in self.marked))
        paths = [path for path in self.nodes if path]
        workflows = {workflow.path: workflow for workflow in self.ctx.project.workflows}
        left_out = sum(len(workflows[path].jobs) for path in paths) - len(self.jobs)
        loose = self.nodes.get("", [])
        if left_out > 0:
            text = f"off the way, in the same workflows: {left_out} more"
            loose = [*loose, Node("left-out", "note", (text,))]
        groups = [Group("", tuple(loose)), *(Group(p, tuple(self.nodes[p])) for p in paths)]
        if not self.jobs:
            nothing = Node("nothing", "note", ("nothing here deploys to production",))
            groups = [Group("", (nothing,))]
        edges = [edge for edge in self.edges.values() if {edge.start, edge.end} <= self.drawn]
        return Picture(tuple(groups), tuple(_needed(edges)))


def _event_id(path: str, event: str) -> str:
    return f"event:{path}:{event.partition(' ')[0]}"


def _file_of(event_id: str) -> str:
    return event_id.rpartition(":")[0].rpartition("/")[2]


def _all_of(names: list[str]) -> str:
    """`push to main, develop`."""
    if names[0].startswith("workflow_dispatch on ") and names[1:]:
        return "workflow_dispatch on any branch or tag"
    short = [names[0], *(name.rpartition(" ")[2] for name in names[1:MAX_REFS])]
    more = f" and {len(names) - MAX_REFS} more" if len(names) > MAX_REFS else ""
    return f"{', '.join(dict.fromkeys(short))}{more}"


def _gone_by(job: TracedJob | None) -> bool:
    """Whether a run went on behind a job that did not pass."""
    return job is not None and job.ends and (job.result != "success" or job.passed_by)


def _label(start: TracedJob | None, end: TracedJob) -> str:
    """How a run goes from one job to the next."""
    if start is None or not _gone_by(start):
        return _SKIPPED if end.ends and end.result == "skipped" else ""
    if start.passed_by:
        return "failed, and counts as a success"
    if end.ends and end.result == "skipped":
        return f"{start.result}, so it is skipped"
    went = {"failure": "failed", "skipped": "skipped", "cancelled": "cancelled"}
    return f"{went.get(start.result, start.result)}, and it runs all the same"


def _needed(edges: list[Edge]) -> Iterator[Edge]:
    """Without plain edges to what is reached over others as well."""
    after: dict[str, set[str]] = {}
    for edge in edges:
        if edge.kind in ("then", "hole"):
            after.setdefault(edge.start, set()).add(edge.end)
    for edge in edges:
        if edge.kind != "then" or _to_a_place(edge) or not _over_others(after, edge):
            yield edge


def _to_a_place(edge: Edge) -> bool:
    """Whether it says where a job deploys to, which no other job says for it."""
    return edge.end.startswith("environment:")


def _over_others(after: dict[str, set[str]], edge: Edge) -> bool:
    pending = list(after[edge.start] - {edge.end})
    seen = {edge.start, *pending}
    while pending:
        new = after.get(pending.pop(), set()) - seen
        if edge.end in new:
            return True
        seen |= new
        pending += new
    return False
