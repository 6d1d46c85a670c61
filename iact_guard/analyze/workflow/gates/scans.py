"""Scans of dependencies and images, and the events on which each of them runs."""

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.gates.job_gates import gates_in
from iact_guard.analyze.workflow.performed import work_of
from iact_guard.analyze.workflow.rights.strangers import ANY_EVENT, reach_of
from iact_guard.data.tables import table
from iact_guard.model.authored import Authored
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan in a job."""

    kind: str
    """`dependencies`, `container`."""
    tool: str
    location: Location
    events: frozenset[str]
    """On which it runs; `*` where other repositories may call it."""

    @property
    def scheduled(self) -> bool | None:
        """Whether it runs without a change; None where others may call it on a schedule."""
        if "schedule" in self.events:
            return True
        return None if ANY_EVENT in self.events else False


@fact("repository.scans")
def scans_of(ctx: Context, repository: Repository) -> Fact[tuple[Scan, ...]]:
    """Every scan of dependencies and images, in the order of the files."""
    found: list[Scan] = []
    for job in ctx.project.entities("job"):
        found += _by_gates(ctx, job)
        found += _by_others(ctx, job)
    return known(tuple(found))


def _by_gates(ctx: Context, job: Job) -> list[Scan]:
    kinds, changes = table("scans")["kinds"], table("scans")["changes"]
    return [
        Scan(gate.kind, gate.tool, gate.location, frozenset(reach_of(ctx, job, way.conditions)))
        for way, gate in gates_in(ctx, job)
        if gate.kind in kinds and gate.tool not in changes and not gate.upload and job.uses is None
    ]


def _by_others(ctx: Context, job: Job) -> list[Scan]:
    """Actions and workflows that scan and are no gates: they report only."""
    uses: list[tuple[Authored, frozenset[str]]] = []
    if job.uses:
        uses.append((job.uses, frozenset(reach_of(ctx, job))))
    else:
        for way in work_of(ctx, job).known.steps:
            if way.step.uses:
                events = frozenset(reach_of(ctx, job, way.conditions))
                uses.append((way.step.uses, events))
    rows = table("scans")["reports"]
    names = [(parse_use(text), text, events) for text, events in uses]
    return [
        Scan(kind, use.name, text.location, events)
        for use, text, events in names
        for start, kind in rows.items()
        if use.name.lower().startswith(start)
    ]


def watched_by(ctx: Context, kind: str) -> str:
    """A file that speaks for somebody who looks at advisories without a workflow; or nothing."""
    files = ctx.project.discovery.files
    return next((path for path in table("scans")["watched"].get(kind, ()) if path in files), "")
