"""WF211: production runs an image that nobody in its chain built, scanned or tried."""

from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.images import (
    Image,
    Made,
    built_anywhere,
    deployed_images_of,
    made_before,
    may_be,
    way_to_image,
)
from iact_guard.model.location import Evidence
from iact_guard.model.policy import Answer, Fail, NotApplicable, Unknown
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job


def check(ctx: Context, job: Job, params: dict[str, Any]) -> Iterator[Answer]:
    """One finding a job: its first image of which nothing is known."""
    if job.uses:
        yield NotApplicable("the jobs of the called workflow are judged")
        return
    images = deployed_images_of(ctx, job).known
    if not images:
        yield NotApplicable("the job names no image that it deploys to production")
        return
    for image in images:
        answer = _judged(ctx, job, image, tuple(params["require"]))
        if answer:
            yield answer
            return


def _judged(ctx: Context, job: Job, image: Image, required: tuple[str, ...]) -> Answer | None:
    made = made_before(ctx, job, image)
    fitting = [each for each in made if may_be(image.name, each.names)]
    missing = [kind for kind in required if not any(each.kind == kind for each in fitting)]
    again = next((m for m in fitting if m.kind == "built" and m.job.id == job.id), None)
    scans = [each for each in fitting if each.kind == "scanned"]
    if fitting and not missing:
        if again and "scanned" in required and all(each.job.id != job.id for each in scans):
            message = f"{job.key} builds {_name(image)} again: what {scans[0].job.key} scanned is"
            return _fail(ctx, image, f"{message} not what is shipped", (again, scans[0]))
        return None
    if missing and fitting:
        return _fail(
            ctx, image, f"no job before it has {' or '.join(missing)} {_name(image)}", made
        )
    if image.usual and not made:
        message = (
            f"{job.key} deploys {_name(image)}, which an input names, by default {image.usual}: no"
            " job of its chain builds, scans or tests it"
        )
        return _fail(ctx, image, message, ())
    if made and not image.given:
        nearest = sorted(made, key=lambda each: not _others_of(image, each))
        first = nearest[0]
        other = next(iter((*_others_of(image, first), *first.names)), "another image")
        what = f"it deploys {image.name}, and {first.what} in {first.job.key} made {other}"
        return _fail(ctx, image, what, tuple(nearest[:3]))
    elsewhere = built_anywhere(ctx, Repository()).known
    beside = next((m for m in elsewhere if _is_beside(job, image, m)), None)
    if beside:
        message = (
            f"{job.key} deploys {_name(image)}, and does not wait for {beside.job.key}, which"
            " builds it for another run or at the same time"
        )
        return _fail(ctx, image, message, (beside,))
    if image.given or elsewhere:
        where = f"{elsewhere[0].job.key} of {elsewhere[0].job.path}" if elsewhere else "elsewhere"
        return Unknown(
            f"{job.key} deploys {_name(image)}, built in {where}: nothing in its chain says that"
            " it was built, scanned or tested; a need, or a workflow_run, would",
            image.location,
            way_to_image(ctx, image),
        )
    reason = f"{job.key} deploys {_name(image)} to production, and no job builds, scans or tests it"
    return _fail(ctx, image, reason, ())


def _is_beside(job: Job, image: Image, made: Made) -> bool:
    """Whether the image of this commit is built in the workflow, and not before the deployment."""
    own = "${{github.sha}}" in image.name and may_be(image.name, made.names)
    return own and not image.given and made.job.path == job.path and made.job.id != job.id


def _others_of(image: Image, made: Made) -> list[str]:
    """What was made under the image's name, with another tag."""
    wanted = _untagged(image.name)
    return [name for name in made.names if _untagged(name) == wanted]


def _untagged(name: str) -> str:
    repository, colon, tag = name.rpartition(":")
    return repository if colon and "/" not in tag else name


def _fail(ctx: Context, image: Image, message: str, made: tuple[Made, ...]) -> Fail:
    said = tuple(Evidence(each.location, f"{each.what}: {each.kind}") for each in made)
    return Fail(message, image.location, (*way_to_image(ctx, image), *said))


def _name(image: Image) -> str:
    return image.name or "an image that is only known when it runs"
