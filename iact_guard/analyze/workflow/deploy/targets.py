"""Where the tests behind a deployment look: at what was deployed, or somewhere else."""

import re
from collections.abc import Iterator
from itertools import pairwise, starmap

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.followed import script_with, way_to, words_of
from iact_guard.analyze.shell.scripts import paths_of
from iact_guard.analyze.stages import patterns_of, stages_in
from iact_guard.analyze.workflow.around import earlier_jobs, index_of, later_jobs, moments_of
from iact_guard.analyze.workflow.deploy.addresses import contexts_at, texts_in, told_words
from iact_guard.analyze.workflow.deploy.deployments import Deployment, deployments_of
from iact_guard.analyze.workflow.deploy.probes import Probe, probes_among
from iact_guard.analyze.workflow.deploy.routes.lacking import Asked, alike_if_lacking
from iact_guard.analyze.workflow.deploy.staging import environments_of
from iact_guard.analyze.workflow.values import possible
from iact_guard.data.tables import table
from iact_guard.model.command import Command
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Input, Job
from iact_guard.syntax import shell

_HOST = regex(r"https?://(?:[^/@\s]*@)?([^/\s\"'?#]*)", re.IGNORECASE)
_BARE = regex(r"(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?(?:/.*)?|localhost(?::\d+)?(?:/.*)?")
_URL = regex(r"https?://([^/\s\"']+)(/[^\s\"']*)", re.IGNORECASE)
_FILES = frozenset({"json", "html", "js", "yml", "yaml", "txt", "sh", "py", "xml", "log", "pem"})
_WORD = regex(r"[a-z]+[0-9]*")
_ANY = frozenset({"production", "other"})
_CHOOSES = regex(r"\b(?:inputs|github|env|vars|needs|matrix|steps)\b")
_ADDRESS = ("url", "host", "base", "target", "endpoint")


@dataclass(frozen=True, slots=True)
class Missed:
    """A test that looks at another place than the one deployed to."""

    probe: Probe
    deployment: Deployment
    host: str
    reason: str
    """Why it is another place; for a route the ones that look alike."""
    evidence: tuple[Evidence, ...]


def missed_targets(ctx: Context, job: Job) -> Iterator[Missed]:
    """The tests behind the deployments of a job that look elsewhere."""
    for deployment, probe in _tested(ctx, job):
        hosts = list(hosts_of(ctx, probe))
        if not hosts:
            continue
        reasons = {_reason(ctx, job, deployment, probe, host) for host in hosts}
        if "" not in reasons:
            host, reason = hosts[0], _reason(ctx, job, deployment, probe, hosts[0])
            yield Missed(probe, deployment, host, reason, deployment.evidence)
        elif (chosen := _chosen(ctx, job, deployment)) and _is_fixed(ctx, job, deployment, probe):
            reason = f"whichever of {', '.join(chosen.options)} was chosen"
            chooses = Evidence(chosen.location, f"`{chosen.name}` chooses the place")
            yield Missed(probe, deployment, hosts[0], reason, (*deployment.evidence, chooses))


def missed_routes(ctx: Context, job: Job) -> Iterator[Missed]:
    """The tests behind a deployment that ask for a route which the application lacks."""
    for deployment, probe in _tested(ctx, job):
        asked = list(_asked(ctx, probe))
        if len(asked) != 1:
            continue
        alike = alike_if_lacking(ctx, asked[0])
        if alike is not None:
            said = [Evidence(each.location, f"it has /{each.pattern}") for each in alike]
            names = ", ".join(f"/{each.pattern}" for each in alike)
            yield Missed(probe, deployment, asked[0].path, names, (*deployment.evidence, *said))


def _asked(ctx: Context, probe: Probe) -> Iterator[Asked]:
    """The paths that a test asks for, also behind an address that only a run knows."""
    command = probe.moment.command if probe.moment else None
    if command is None or probe.moment is None or not (probe.row and probe.row.get("target")):
        return
    contexts = contexts_at(ctx, probe.moment.performed)
    found = [match for text in texts_in(ctx, command, contexts) for match in _URL.finditer(text)]
    yield from (Asked(match[2], match[1], is_known=True) for match in found)
    if found or way_to(ctx, command):
        return  # a script may be given any address
    for word in words_of(ctx, command):
        first, *rest = word.parts or (None,)
        if isinstance(first, shell.Variable) and not first.operator:
            name = first.name
        elif isinstance(first, shell.Placeholder):
            name = first.expression
        else:
            continue
        path = "".join(part.text if isinstance(part, shell.Literal) else "$" for part in rest)
        if path.startswith("/"):
            yield Asked(path, name.strip(), is_known=False)


def _tested(ctx: Context, job: Job) -> Iterator[tuple[Deployment, Probe]]:
    """Each test with the deployment that stands nearest before it."""
    deployments = [d for d in deployments_of(ctx, job).known if d.does == "deploys to"]
    places = [(index_of(ctx, job, d.performed, d.command), d) for d in deployments]
    places.sort(key=lambda each: each[0])
    moments = moments_of(ctx, job).known
    for number, (index, deployment) in enumerate(places):
        end = places[number + 1][0] if number + 1 < len(places) else len(moments)
        for probe in probes_among(ctx, moments[index + 1 : end]):
            yield deployment, probe
    if not places or len({d.stages for d in deployments}) != 1:
        return
    for later in later_jobs(ctx, job).known:
        if _nearest_is(ctx, job, later):
            for probe in probes_among(ctx, moments_of(ctx, later).known):
                yield deployments[-1], probe


def _nearest_is(ctx: Context, job: Job, later: Job) -> bool:
    """Whether no other deployment comes between, or beside it."""
    if deployments_of(ctx, later).known:
        return False
    for each in earlier_jobs(ctx, later).known:
        if each.id != job.id and deployments_of(ctx, each).known:
            before = any(one.id == each.id for one in earlier_jobs(ctx, job).known)
            if not before:
                return False
    return True


def _reason(ctx: Context, job: Job, deployment: Deployment, probe: Probe, host: str) -> str:
    """Why a host is not where it was deployed to; empty where it may be."""
    words = table("probes")
    name = host.partition(":")[0] if not host.startswith("[") else host
    if name in words["own"]:
        return "the machine that asks" if _is_remote(ctx, job, deployment, probe) else ""
    said = frozenset(_WORD.findall(name.rpartition(".")[0].lower() or name.lower()))
    elsewhere = bool(said & frozenset(words["elsewhere"]))
    production = "production" in stages_in(name.rpartition(".")[0] or name, patterns_of(ctx))
    if deployment.stages == {"production"} and elsewhere and not production:
        return "not production"
    if deployment.stages == {"other"} and production and not elsewhere:
        return "production"
    return ""


def _chosen(ctx: Context, job: Job, deployment: Deployment) -> Input | None:
    """The input by which somebody chooses among production and other places to deploy to."""
    names = environments_of(ctx, job)
    if deployment.stages != _ANY or (names.state == "known" and len(names.known) == 1):
        return None
    asked = " ".join(_conditions(deployment, job))
    for trigger in ctx.project.workflow_of(job).triggers:
        for each in trigger.inputs if trigger.event == "workflow_dispatch" else ():
            stages = [stages_in(option, patterns_of(ctx)) for option in each.options]
            if all(stages) and frozenset().union(*stages) == _ANY and each.name not in asked:
                return each
    return None


def _conditions(deployment: Deployment, job: Job) -> set[str]:
    return {each.text for each in (*deployment.performed.conditions, job.condition) if each}


def _is_fixed(ctx: Context, job: Job, deployment: Deployment, probe: Probe) -> bool:
    """Whether a request for one host is the same, and made, wherever it was deployed to."""
    moment = probe.moment
    command = moment.command if moment else None
    hosts = {host.partition(":")[0] for host in hosts_of(ctx, probe)}
    if moment is None or command is None or way_to(ctx, command) or len(hosts) != 1:
        return False
    if probe.job.path != job.path:
        return False  # whoever calls the deployment chose for it
    told = told_words(ctx, command, contexts_at(ctx, moment.performed))
    varies = any(texts is None or len(texts) > 1 for texts in told)
    if varies or hosts & set(table("probes")["own"]):
        return False
    shared = _conditions(deployment, job)
    own = (*moment.performed.conditions, probe.job.condition)
    if any(each and each.text not in shared and _CHOOSES.search(each.text) for each in own):
        return False
    script = script_with(ctx, command)
    path = paths_of(ctx, script).known.commands.get(command.start, ()) if script else ()
    return bool(path) and not any(starmap(_is_an_alternative, pairwise(path)))


def _is_an_alternative(node: shell.Node, inner: shell.Node) -> bool:
    """Whether a part of a statement runs only where the rest of it says so."""
    match node:
        case shell.Case() | shell.Function():
            return True
        case shell.If():
            return all(inner is not condition for condition, _ in node.branches[:1])
        case shell.AndOr():
            return inner is not node.items[0]
    return False


def _is_remote(ctx: Context, job: Job, deployment: Deployment, probe: Probe) -> bool:
    """Whether nothing of what was deployed can be on the machine that asks."""
    command = deployment.command
    asks = probe.moment.command if probe.moment else None
    if command is None or command.tool not in table("probes")["remote"]:
        return False
    if asks is None or asks.outer or asks.embedded or probe.job.services:
        return False
    if any("self-hosted" in each.text for each in (*job.runs_on, *probe.job.runs_on)):
        return False
    forwards = frozenset(table("probes")["forwards"])
    for moment in moments_of(ctx, probe.job).known:
        each = moment.command
        if each and (forwards & set(each.words) or _in_background(ctx, each)):
            return False
    return True


def _in_background(ctx: Context, command: Command) -> bool:
    script = script_with(ctx, command)
    text = script.source.text if script else ""
    return bool(re.search(r"[^&>]&\s*(?:\n|$)", text))


def hosts_of(ctx: Context, probe: Probe) -> Iterator[str]:
    """The hosts that a test names, as far as they are known; names of variables for the rest."""
    moment = probe.moment
    if moment is None:
        return
    step = moment.performed.step
    contexts = contexts_at(ctx, moment.performed)
    bare = bool(probe.row and probe.row.get("target"))
    found: list[str] = []
    if moment.command:
        found += texts_in(ctx, moment.command, contexts)
    elif probe.row and (given := step.input(probe.row.get("target", ""))):
        found += possible(given, contexts) or ()
    hosts = [host for text in found for host in _hosts_in(text, bare=bare)]
    if not hosts:
        for pair in (*step.env, *moment.performed.job.env):
            if any(word in pair.key.text.lower() for word in _ADDRESS):
                values = possible(pair.value, contexts) or ()
                hosts += [host for text in values for host in _hosts_in(text, bare=False)]
    yield from hosts


def _hosts_in(text: str, *, bare: bool) -> Iterator[str]:
    matches = _HOST.findall(text)
    if bare and not matches and _BARE.fullmatch(text.strip()):
        host = text.strip().partition("/")[0]
        matches = [] if host.rpartition(".")[2] in _FILES else [host]
    yield from (host for host in matches if host)
