"""Switches that turn gates off on the way to production, each told once."""

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.links.production.reachable import verdict_of
from iact_guard.analyze.links.production.shipping import shipped_by
from iact_guard.analyze.links.production.skipped import Skip, skips_of
from iact_guard.analyze.links.production.verdict import Switched
from iact_guard.analyze.links.production.way import Way
from iact_guard.model.fact import Fact, known, not_applicable
from iact_guard.model.location import Location
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job


@fact("way.switches")
def switches_of(ctx: Context, way: Way) -> Fact[tuple[Switched, ...]]:
    """The switches before a job, without those that an earlier job tells of."""
    verdict = verdict_of(ctx, way)
    if verdict.state == "not-applicable":
        return not_applicable(verdict.reason)
    if verdict.state != "known":
        return known(())
    first = _first_ways(ctx, way.kind)
    return known(
        tuple(s for s in verdict.known.switches if first.get(s.place.location) == way.job.id)
    )


def _first_ways(ctx: Context, kind: str) -> dict[Location, str]:
    found: dict[Location, str] = {}
    for job in ctx.project.entities("job"):
        if job.uses is None and shipped_by(ctx, job).known:
            verdict = verdict_of(ctx, Way(job, kind))
            if verdict.state == "known":
                for switch in verdict.known.switches:
                    found.setdefault(switch.place.location, job.id)
    return found


def skips_told_of(ctx: Context, job: Job, kinds: tuple[str, ...]) -> tuple[Skip, ...]:
    """The switches before a job that skip a gate of any kind, but for those of `switches_of`.

    `kinds` are those whose switches are told already.
    """
    told = {s.name for kind in kinds for s in switches_of(ctx, Way(job, kind)).value or ()}
    every = _skips(ctx, Repository()).known
    return tuple(s for s in every.get(job.id, ()) if s.switch.name not in told)


@fact("repository.skips")
def _skips(ctx: Context, repository: Repository) -> Fact[dict[str, tuple[Skip, ...]]]:
    found: dict[str, tuple[Skip, ...]] = {}
    seen: set[Location] = set()
    for job in ctx.project.entities("job"):
        shipped = shipped_by(ctx, job) if job.uses is None else None
        if shipped and shipped.value:
            skips = [s for s in skips_of(ctx, job) if s.switch.place.location not in seen]
            seen |= {skip.switch.place.location for skip in skips}
            found[job.id] = tuple(skips)
    return known(found)
