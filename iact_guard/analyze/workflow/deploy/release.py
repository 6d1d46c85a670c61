"""Applications that a job brings to production, and where traffic comes to them."""

import re

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import words_of
from iact_guard.analyze.shell.matching import matching
from iact_guard.analyze.workflow.after_failure import only_after_failure
from iact_guard.analyze.workflow.around import Moment, index_of, later_jobs, moments_of
from iact_guard.analyze.workflow.deploy.deployments import Deployment
from iact_guard.analyze.workflow.deploy.manifests import brings_workloads
from iact_guard.analyze.workflow.deploy.production import production_deployments_of
from iact_guard.analyze.workflow.deploy.recovery import asks_for_job_failure, goes_back
from iact_guard.data.tables import rows
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job
from iact_guard.syntax import shell

_VERSION = regex(r"image|tag|version|sha|release", re.IGNORECASE)
_WORD = regex(r"[a-z0-9]+")
_SWITCHES = frozenset({"switch", "swap", "cutover", "promote", "flip", "shift"})
_OF_TRAFFIC = frozenset({"traffic", "blue", "green", "slot", "slots", "bluegreen", "live"})


@fact("job.releases")
def releases_of(ctx: Context, job: Job) -> Fact[tuple[Deployment, ...]]:
    """The deployments to production that bring a new version of an application, in order."""
    named = goes_back(job.key, job.name, ctx.project.workflow_of(job).name)
    if named or asks_for_job_failure(job.condition):
        return known(())
    found = production_deployments_of(ctx, job).known
    return known(tuple(each for each in found if _is_new(each) and brings_application(ctx, each)))


def _is_new(deployment: Deployment) -> bool:
    """Not the version before, which was tested when it came."""
    step = deployment.performed.step
    back = goes_back(step.name, step.key)
    return not back and not only_after_failure(deployment.performed.conditions)


def brings_application(ctx: Context, deployment: Deployment) -> bool:
    """Whether it brings a version of an application, and not what one runs on."""
    command = deployment.command
    if deployment.does == "migrates" or (command and only_scales(command)):
        return False
    if command and command.tool in ("kubectl", "oc") and not brings_workloads(ctx, command):
        return False
    if not deployment.infrastructure:
        return True
    if command is None:
        return False
    step = deployment.performed.step
    pairs = (*step.env, *deployment.performed.job.env)
    if any(p.key.text.startswith("TF_VAR_") and _VERSION.search(p.key.text) for p in pairs):
        return True
    return any(_names_version(word) for word in words_of(ctx, command))


def only_scales(command: Command) -> bool:
    """Whether it changes how much runs, and not what."""
    return matching(command, rows("probes", "scale")) is not None


def _names_version(word: shell.Word) -> bool:
    """`-var=backend_image=...`, `image_tag=${{ github.sha }}`."""
    name, given, _ = word.literal.removeprefix("-var=").partition("=")
    return bool(given) and not name.startswith("-") and bool(_VERSION.search(name))


def goes_live(ctx: Context, job: Job, deployment: Deployment) -> tuple[Job, int]:
    """The job, and which of its moments, where traffic comes to what was deployed."""
    start = index_of(ctx, job, deployment.performed, deployment.command)
    for each in reversed((job, *later_jobs(ctx, job).known)):
        moments = moments_of(ctx, each).known
        first = start if each is job else -1
        for index in range(len(moments) - 1, first, -1):
            moment = moments[index]
            if switches(moment) and not only_after_failure(moment.performed.conditions):
                return each, index
    return job, start


def switches(moment: Moment) -> bool:
    """Whether it moves traffic to another version."""
    command = moment.command
    if command is None:
        return False
    if matching(command, rows("probes", "switch")):
        return True
    words = set(_WORD.findall(command.tool.lower())) if "/" in (command.argv[0] or "") else set()
    return bool(words & _SWITCHES) and bool(words & _OF_TRAFFIC)
