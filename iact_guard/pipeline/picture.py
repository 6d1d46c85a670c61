"""The way to production of a project as a picture, redacted."""

from collections.abc import Iterable

from iact_guard.aggregate.redaction import redacted_picture
from iact_guard.analyze.context import Context
from iact_guard.model.errors import crash_place
from iact_guard.model.location import Location
from iact_guard.model.picture import Picture
from iact_guard.model.policy import Policy
from iact_guard.model.source import Problem
from iact_guard.pipeline.secrets import learn_secrets


def has_picture(policy: Policy) -> bool:
    """Whether a policy judges the whole way to production, gates and all."""
    return "kinds" in policy.params and policy.entity == "job" and policy.across


def drawn(ctx: Context, policy: Policy, files: frozenset[str] | None) -> Picture:
    """The ways to the jobs (of `files`) that deploy, with the gates of the policy's kinds."""
    from iact_guard.analyze.links.production.picture import picture_of

    learn_secrets(ctx)
    jobs = [job for job in ctx.project.entities("job") if files is None or job.path in files]
    picture = picture_of(ctx, jobs, tuple(policy.params["kinds"]))
    return redacted_picture(picture, ctx.project.redactor)


def way_to_production(
    ctx: Context, policies: Iterable[Policy], files: frozenset[str] | None
) -> Picture | None:
    """The picture for a report; a crash costs the picture, and is noted as IG003."""
    policy = next(filter(has_picture, policies), None)
    try:
        return drawn(ctx, policy, files) if policy else None
    except Exception as error:  # noqa: BLE001  # its text may hold a secret
        reason = f"the way to production could not be drawn: {crash_place(error)}"
        ctx.project.note(Problem(Location("."), reason, rule="IG003"))
        return None
