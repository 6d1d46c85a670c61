"""Where a step or command works: production, another place, or it is not said."""

import re
from collections.abc import Iterable
from itertools import chain

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import all_commands_of, outer_of, script_with
from iact_guard.analyze.shell.followed import words_of as shell_words
from iact_guard.analyze.shell.matching import runs
from iact_guard.analyze.shell.scripts import script_of
from iact_guard.analyze.stages import Stage, patterns_of, stages_in
from iact_guard.analyze.workflow.deploy.migrating import migrating
from iact_guard.analyze.workflow.performed import Performed, callers_of, commands_in
from iact_guard.analyze.workflow.told import assigned_in, texts_of, told_contexts_of
from iact_guard.analyze.workflow.values import by_hand, possible, with_env
from iact_guard.data.tables import table
from iact_guard.model.authored import Authored, Pair
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job, Workflow
from iact_guard.syntax import shell
from iact_guard.syntax.expression import Contexts, parts

_TARGETS = ("environment", "env", "stage", "cluster", "namespace", "host", "server", "app", "space",
            "workspace", "target", "project", "account", "role", "database", "url")  # fmt: skip

_LOCAL = regex(r"\b(?:localhost|127\.0\.0\.1)\b")
_ASKED = regex(r"==\s*['\"](?:refs/heads/)?([\w./-]+)['\"]")
_PULL_REQUEST = regex(
    r"(?<![a-z])(?:pr|pull[ _-]?request)s?[ _-]?(?:env(?:ironment)?s?|previews?|apps?)(?![a-z])"
    r"|(?<![a-z])review[ _-]?apps?(?![a-z])",
    re.IGNORECASE,
)
_MAIN = frozenset({"main", "master"})
_GIVEN = regex(r"(?:secrets|vars)\.(\w+)")
_COMPOSE = frozenset({"compose", "docker-compose"})
_ELSEWHERE = frozenset({"ssh", "sshpass", "kubectl", "cf", "heroku", "flyctl", "fly"})
_FOR_LOGS = "--ci"
"""Says who reads the output, and names no place."""
_PROPOSED = frozenset({"pull_request", "merge_group"})
_MAKES_DATABASES = frozenset({"createdb", "initdb", "pg_ctl", "pg_ctlcluster", "pg_createcluster"})


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that names a place."""

    stages: frozenset[Stage]
    evidence: Evidence


@fact("job.environments")
def environments_of(ctx: Context, job: Job) -> Fact[tuple[str, ...]]:
    """The names that a job's `environment` can have; unknown where only a run can tell."""
    if job.environment is None:
        return known((), "the job names no environment")
    name = job.environment.name
    told = possible(name, told_contexts_of(ctx, job).known)
    values = tuple(each for each in told if each) if told else None
    if values is None:
        return unknown(
            "the environment is only known when it runs",
            (Evidence(name.location, "the environment"),),
        )
    return known(values, evidence=(Evidence(name.location, f"one of {', '.join(values)}"),))


def stages_of(ctx: Context, job: Job, performed: Performed, command: Command | None) -> Sign | None:
    """What the nearest name says: the command's own, then the step's, the job's, the workflow's.

    A title says what somebody had in mind; it counts where no value names a place.
    """
    migrates = command is not None and migrating(ctx, performed, command) is not None
    if command and migrates and (made := _made_here(ctx, job, command)):
        message = "it migrates a database that is made here"
        return Sign(frozenset({"other"}), Evidence(made.location, message))
    if (elsewhere := _environment(ctx, job)) and elsewhere.stages == {"other"}:
        return elsewhere
    if elsewhere is None and (place := _of_pull_request(ctx, job, performed, command)):
        return Sign(frozenset({"other"}), Evidence(place, "it is the place of a pull request"))
    contexts = with_env(told_contexts_of(ctx, job).known, performed.step)
    titled = not (migrates and _only_checks(ctx, job))
    levels = (
        _of_command(ctx, performed, command, contexts, migrates=migrates) if command else (),
        _of_selection(ctx, job, command, contexts) if command else (),
        _of_step(ctx, performed, contexts, here=migrates),
        _of_titles(ctx, performed, contexts) if titled else (),
        _of_job(ctx, job, contexts, here=migrates),
        _of_job_titles(ctx, job, contexts) if titled else (),
        _of_workflow(ctx, ctx.project.workflow_of(job), contexts) if titled else (),
        _of_branches(ctx, job),
    )
    for level in levels:
        signs = [sign for sign in level if sign.stages]
        if signs:
            production = [sign for sign in signs if "production" in sign.stages]
            best = (production or signs)[0]
            everything = frozenset(stage for sign in signs for stage in sign.stages)
            return Sign(everything, best.evidence)
    return None


def _only_checks(ctx: Context, job: Job) -> bool:
    """Whether it runs for proposed changes alone: what it migrates then is a place to try that."""
    triggers = ctx.project.workflow_of(job).triggers
    return bool(triggers) and all(each.event in _PROPOSED for each in triggers)


def _environment(ctx: Context, job: Job) -> Sign | None:
    """What the job's environment says, where each name that it can have says something."""
    names = environments_of(ctx, job)
    if job.environment is None or names.state != "known" or not names.known:
        return None
    found = [stages_in(name, patterns_of(ctx)) for name in names.known]
    evidence = Evidence(job.environment.name.location, "the job's environment says so")
    return Sign(frozenset().union(*found), evidence) if all(found) else None


def _of_pull_request(
    ctx: Context, job: Job, performed: Performed, command: Command | None
) -> Location | None:
    """What is named for a place that lives as long as a pull request, whatever it copies."""
    workflow = ctx.project.workflow_of(job)
    texts = [(workflow.path.rpartition("/")[2], workflow.location), (job.key, job.location)]
    names = (workflow.name, job.name, performed.step.name)
    texts += [(name.text, name.location) for name in names if name]
    everything = all_commands_of(ctx, command.step) if command and command.outer else ()
    outer = {each.id for each in outer_of(command, everything)} if command else set()
    texts += [(each.argv[0] or "", each.location) for each in everything if each.id in outer]
    return next((place for text, place in texts if _PULL_REQUEST.search(text)), None)


def _of_selection(ctx: Context, job: Job, command: Command, contexts: Contexts) -> Iterable[Sign]:
    """The cluster, project or space that was selected last before a command of its kind."""
    every = table("deployments")["selects"]
    wanted = next((row for row in every if command.tool in row["tools"]), None)
    last: tuple[Sign, ...] = ()
    for _, each in commands_in(ctx, job) if wanted else ():
        if each.id == command.id:
            break
        if wanted and any(runs(each, words) for words in wanted["commands"]):
            says = "it was selected before"
            signs = [_sign(ctx, text, each.location, says)
                     for options in _choices(ctx, each, contexts) for text in options]  # fmt: skip
            last = tuple(signs)
    yield from last


def _made_here(ctx: Context, job: Job, command: Command) -> Command | None:
    """What starts the containers of a migration in the job itself, on a machine that goes away."""
    everything = all_commands_of(ctx, command.step)
    outer = outer_of(command, everything)
    starts = bool(_COMPOSE & {command.tool, *command.words[:1]})
    script = script_of(ctx, command.step)
    elsewhere = any(each.tool in _ELSEWHERE for each in outer) or bool(script and script.remote)
    if elsewhere or any("self-hosted" in each.text for each in job.runs_on):
        return None
    if starts:
        return command  # with what it depends on
    if not any(_COMPOSE & {each.tool, *each.words[:1]} for each in outer):
        return None
    for _, before in commands_in(ctx, job):
        if before.id == command.id:
            return None
        if "up" in before.words and _COMPOSE & {before.tool, *before.words[:1]}:
            return before
    return None


def words_of(
    ctx: Context, job: Job, performed: Performed, command: Command
) -> Iterable[frozenset[Stage]]:
    """What the words of a command say, variables and expressions replaced as far as known."""
    contexts = with_env(told_contexts_of(ctx, job).known, performed.step)
    for options in _words(ctx, command, contexts):
        for word in options:
            yield stages_in(word, patterns_of(ctx))


def _sign(ctx: Context, text: str, place: Location, says: str, *, title: bool = False) -> Sign:
    return Sign(stages_in(text, patterns_of(ctx), title=title), Evidence(place, says))


def _resolved(
    ctx: Context, text: Authored, contexts: Contexts, says: str, *, title: bool = False
) -> Sign:
    """What a text with expressions can say."""
    values = possible(text, contexts)
    if values is None and "inputs" in text.text:
        values = possible(text, by_hand(ctx, text.location.path, contexts))
    if values is None:
        values = (" ".join(p.text for p in parts(text.text) if not p.is_expression),)
    stages = (stages_in(value, patterns_of(ctx), title=title) for value in values)
    return Sign(frozenset().union(*stages), Evidence(text.location, says))


def _of_command(
    ctx: Context, performed: Performed, command: Command, contexts: Contexts, *, migrates: bool
) -> Iterable[Sign]:
    for options in _choices(ctx, command, contexts):
        signs = [_sign(ctx, each, command.location, "the command says so") for each in options]
        if len(signs) > 1 and not all(sign.stages for sign in signs):
            signs = [sign for sign in signs if "production" in sign.stages]  # or a nameless place
        yield from signs
    yield from _roots(ctx, performed, command)
    everything = all_commands_of(ctx, performed.step.id)
    outer = {each.id for each in outer_of(command, everything)}
    for before in everything:
        if before.id == command.id:
            break
        if before.tool in ("cd", "pushd") and before.words:
            yield _sign(ctx, before.words[0], before.location, "it works in this folder")
        elif before.tool in ("terraform", "tofu") and "workspace" in before.words:
            yield _sign(ctx, before.words[-1], before.location, "it selects this workspace")
        elif before.tool == "kubectl" and "use-context" in before.words:
            yield _sign(ctx, before.words[-1], before.location, "it selects this cluster")
        elif migrates and before.tool in _MAKES_DATABASES:
            message = "it migrates a database that is made here"
            yield Sign(frozenset({"other"}), Evidence(before.location, message))
        elif before.id in outer:
            for word in chain.from_iterable(_words(ctx, before, contexts)):
                yield _sign(ctx, word, before.location, "the command that runs it says so")


def _choices(ctx: Context, command: Command, contexts: Contexts) -> Iterable[tuple[str, ...]]:
    """For each word of a command the names that it can be; sentences and scripts are none."""
    for texts in _words(ctx, command, contexts):
        names = []
        for text in texts:
            name, equals, value = text.partition("=")
            if " " not in text.strip():
                names.append(value if equals and not name.startswith("-") else text)
        if names:
            yield tuple(names)


def _words(ctx: Context, command: Command, contexts: Contexts) -> Iterable[tuple[str, ...]]:
    """For each word of a command what it can be, as far as that is told."""
    yield from ((word,) for word in command.words if word and word != _FOR_LOGS)
    script = script_with(ctx, command)
    given = assigned_in(ctx, script).known if script else {}
    for word in shell_words(ctx, command):
        if word.static is None:
            texts = texts_of(word.parts, contexts, given)
            yield from (texts,) if texts else ((each,) for each in _expanded(word, contexts))


def _expanded(word: shell.Word, contexts: Contexts) -> Iterable[str]:
    """What can be said of a word that is only known when it runs."""
    yield word.literal
    environment = contexts.get("env")
    for part in word.parts:
        if isinstance(part, shell.Placeholder):
            values = possible(f"${{{{{part.expression}}}}}", contexts)
            yield from _names_of(part.expression) if values is None else values
        elif isinstance(part, shell.Variable) and isinstance(environment, dict):
            yield part.name
            if part.name in environment:
                yield from possible(f"${{{{ env.{part.name} }}}}", contexts) or ()


def _names_of(expression: str) -> tuple[str, ...]:
    """`PROD_HOST` of `secrets.PROD_HOST`: who chose the name said where it belongs."""
    match = _GIVEN.fullmatch(expression.strip())
    return (match[1],) if match else ()


def _roots(ctx: Context, performed: Performed, command: Command) -> Iterable[Sign]:
    """Folders that the configuration gives to an environment."""
    folder = performed.step.working_directory or performed.job.working_directory
    named = [word.partition("=")[2] or word for word in command.words]
    named += [folder.text] if folder else []
    for name, setting in ctx.project.config.environments.items():
        for root in setting.roots:
            if any(_below(each, root) for each in named):
                stage: Stage = "production" if name == "production" else "other"
                message = f"the configuration gives {root} to {name}"
                yield Sign(frozenset({stage}), Evidence(command.location, message))


def _below(path: str, root: str) -> bool:
    path, root = path.removeprefix("./").rstrip("/"), root.rstrip("/")
    return path == root or path.startswith(f"{root}/")


def _of_step(
    ctx: Context, performed: Performed, contexts: Contexts, *, here: bool
) -> Iterable[Sign]:
    step = performed.step
    if step.working_directory:
        folder = step.working_directory
        yield _resolved(ctx, folder, contexts, "it works in this folder")
    if step.uses:
        script = script_of(ctx, step.id)
        given = tuple(p for p in step.with_ if script is None or p.value != script.source)
        yield from _pairs(ctx, given, contexts, everything=True)
    yield from _pairs(ctx, step.env, contexts, here=here)
    outer = performed.outer if performed.outer is not step else None
    if outer:
        yield from _pairs(ctx, outer.with_, contexts, everything=True)


def _of_titles(ctx: Context, performed: Performed, contexts: Contexts) -> Iterable[Sign]:
    step = performed.step
    for each in (step, performed.outer if performed.outer is not step else None):
        if each and each.name:
            yield _resolved(ctx, each.name, contexts, "the step's name says so", title=True)


def _pairs(
    ctx: Context,
    pairs: tuple[Pair, ...],
    contexts: Contexts,
    *,
    everything: bool = False,
    here: bool = True,
) -> Iterable[Sign]:
    """What inputs and variables say; `here`, also those that name the machine itself."""
    for pair in pairs:
        key = pair.key.text.lower()
        if not here and _LOCAL.search(pair.value.text):
            continue
        aims = any(target in key for target in _TARGETS)
        if everything or aims:
            says = f"`{pair.key.text}` says so"
            yield _resolved(ctx, pair.value, contexts, says)
        if aims:
            for part in parts(pair.value.text):
                for name in _names_of(part.text) if part.is_expression else ():
                    yield _sign(ctx, name, pair.value.location, f"`{name}` says so")


def _of_job(ctx: Context, job: Job, contexts: Contexts, *, here: bool) -> Iterable[Sign]:
    if job.environment:
        name = job.environment.name
        yield _resolved(ctx, name, contexts, "the job's environment says so")
    if job.working_directory:
        yield _resolved(ctx, job.working_directory, contexts, "it works in this folder")
    yield from _pairs(ctx, job.env, contexts, here=here)
    if job.uses:
        yield from _pairs(ctx, job.with_, contexts, everything=True)


def _of_job_titles(ctx: Context, job: Job, contexts: Contexts) -> Iterable[Sign]:
    if job.name:
        yield _resolved(ctx, job.name, contexts, "the job's name says so", title=True)
    yield _sign(ctx, job.key, job.location, "the job's name says so", title=True)


def _of_workflow(ctx: Context, workflow: Workflow, contexts: Contexts) -> Iterable[Sign]:
    if workflow.name:
        name = workflow.name
        yield _sign(ctx, name.text, name.location, "the workflow's name says so", title=True)
    file = workflow.path.rpartition("/")[2]
    yield _sign(ctx, file, workflow.location, "the workflow's file name says so", title=True)
    yield from _pairs(ctx, workflow.env, contexts)
    for caller in callers_of(ctx, workflow):
        yield _sign(ctx, caller.key, caller.location, "the job that calls it says so", title=True)


def _of_branches(ctx: Context, job: Job) -> Iterable[Sign]:
    """What the branches say: main is production's where the others are named for other places."""
    condition = job.condition.text if job.condition else ""
    asked = _ASKED.findall(condition)
    for trigger in ctx.project.workflow_of(job).triggers:
        named = [(each.text, each.location) for each in (*(trigger.branches or ()),
                                                         *(trigger.tags or ()))]  # fmt: skip
        if trigger.event == "push" and asked:
            named = [(name, where) for name, where in named if name in asked] or named
        says = "the branch that starts it says so"
        signs = [_sign(ctx, name, where, says) for name, where in named]
        yield from signs
        main = next((where for name, where in named if name in _MAIN), None)
        if main and trigger.event == "push" and any(sign.stages == {"other"} for sign in signs):
            message = "what main brings goes here, beside a branch for another place"
            yield Sign(frozenset({"production"}), Evidence(main, message))
