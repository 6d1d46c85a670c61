"""Gates of pull requests that somebody can switch off: a label, a word in a title."""

from collections.abc import Iterator
from itertools import islice

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.production.gated import GateJob
from iact_guard.analyze.links.production.search import Hole, Search, TooLargeError
from iact_guard.analyze.links.production.subjects import (
    gates_among,
    jobs_of_run,
    subject_of,
    worlds_of,
)
from iact_guard.analyze.links.production.way import Entry, every_entry
from iact_guard.analyze.workflow.run.result import Run
from iact_guard.model.workflow import Job

MAX_EVENTS = 6
_CHANGES = frozenset({"pull_request", "merge_group"})


def switched_off(
    ctx: Context, gates: tuple[GateJob, ...], kind: str
) -> Iterator[tuple[Hole, tuple[Job, ...]]]:
    """Runs for a change that are green because a switch skips every gate of their workflow.

    Nothing where gates stand in several workflows: the others may run all the same.
    """
    if len({gate.job.workflow for gate in gates}) != 1:
        return
    entries = [e for e in every_entry(ctx, gates[0].job) if e.event.name in _CHANGES]
    for entry in islice(entries, MAX_EVENTS):
        found = _hole(ctx, entry, kind)
        if found:
            yield found
            return


def _hole(ctx: Context, entry: Entry, kind: str) -> tuple[Hole, tuple[Job, ...]] | None:
    jobs = tuple(jobs_of_run(ctx, entry.root, None))
    gates = gates_among(ctx, jobs, kind)
    if not gates.sure:
        return None
    subject = subject_of(ctx, entry.root, entry.event, None, gates)
    worlds = worlds_of(jobs, gates, None, generous=True)[:1]
    try:
        for hole in Search(ctx, subject, _is_green).holes(worlds):
            # What is absent by default and added by hand; a label that asks for more is none.
            if hole.cause == "switch" and hole.value == "true":
                return hole, jobs
    except TooLargeError:
        return None
    return None


def _is_green(run: Run) -> bool:
    return all(job.outcome in ("success", "skipped") for job in run.jobs.values())
