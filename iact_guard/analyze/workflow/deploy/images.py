"""Images that are deployed, and what made, scanned or tried them before."""

import re
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import islice, pairwise

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import links_to, origin_of, script_with, words_of
from iact_guard.analyze.shell.matching import matching, runs
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.around import Moment, index_of, moments_before, moments_of
from iact_guard.analyze.workflow.deploy.deployments import Deployment
from iact_guard.analyze.workflow.deploy.release import releases_of
from iact_guard.data.tables import Row, rows, table
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job, Step
from iact_guard.syntax import shell
from iact_guard.syntax.expression import parts

MAX_MADE = 100
"""Builds, scans and tests before one deployment that are looked at."""
_IMAGE = regex(r"image", re.IGNORECASE)
_TAG_ALONE = regex(r"tag|digest", re.IGNORECASE)
_REFERENCE = regex(r"[\w.\-/:${}@ ]+")
_EXPRESSION = regex(r"\$\{\{.*?\}\}")
_INPUT = regex(r"\$\{\{(?:github\.event\.)?inputs\.([\w-]+)\}\}")
_SPACES = regex(r"\s+")
_OUTSIDE = ("inputs.", "github.event.", "client_payload", "steps.", "needs.", "vars.", "matrix.")


@dataclass(frozen=True, slots=True)
class Image:
    """An image that a job deploys to production."""

    name: str
    """With expressions in it as written; empty where only a run can tell."""
    given: bool
    """It comes from outside: an input, the event, another job."""
    location: Location
    deployment: Deployment
    evidence: tuple[Evidence, ...]
    usual: str = ""
    """The tag where the input that names it says nothing."""
    renamed: bool = False
    """The job gives an image that it pulled the name that production runs."""


@dataclass(frozen=True, slots=True)
class Made:
    """What builds, scans or tries an image."""

    what: str
    kind: str
    """`built`, `scanned`, `tested`, `named`."""
    names: tuple[str, ...]
    """The images; none where they are not known."""
    location: Location
    job: Job


@fact("job.deployed_images")
def deployed_images_of(ctx: Context, job: Job) -> Fact[tuple[Image, ...]]:
    """The images that a job deploys to production, as far as it names them."""
    return known(tuple(_images(ctx, job)))


def made_before(ctx: Context, job: Job, image: Image) -> tuple[Made, ...]:
    """What builds, scans or tries images before a deployment, in its chain."""
    index = index_of(ctx, job, image.deployment.performed, image.deployment.command)
    moments = moments_before(ctx, job, index)
    made = (made for each in moments if (made := _made(ctx, each)))
    kept = (each for each in made if not (image.renamed and each.kind == "named"))
    return tuple(islice(kept, MAX_MADE))


@fact("repository.images_built")
def built_anywhere(ctx: Context, repository: Repository) -> Fact[tuple[Made, ...]]:
    """What builds images in any job of the repository."""
    return known(tuple(each for each in _all_made(ctx, repository).known if each.kind == "built"))


@fact("repository.images_made")
def _all_made(ctx: Context, repository: Repository) -> Fact[tuple[Made, ...]]:
    """What builds or names images in any job of the repository."""
    moments = (
        moment
        for job in ctx.project.entities("job")
        if job.uses is None
        for moment in moments_of(ctx, job).known
    )
    made = (m for each in moments if (m := _made(ctx, each)) and m.kind in ("built", "named"))
    return known(tuple(islice(made, MAX_MADE)))


def pushed_as(ctx: Context, repository: str) -> bool | None:
    """Whether something in the repository makes an image of that last name.

    None where nothing is made, or a name is only known when it runs.
    """
    made = _all_made(ctx, Repository()).known
    names = [name for each in made for name in each.names]
    if not made or any(not each.names for each in made):
        return None
    wanted = _split(repository)[0].rpartition("/")[2]
    patterns = [_EXPRESSION.sub("*", _split(name)[0]).rpartition("/")[2] for name in names]
    if any(not pattern.strip("*") or "$" in pattern for pattern in patterns):
        return None
    return any(fnmatchcase(wanted, pattern) for pattern in patterns)


def may_be(image: str, names: tuple[str, ...]) -> bool:
    """Whether one of the names can be this image: equal, or not wholly known."""
    if not image or not names:
        return True
    return any(_same(image, name) for name in names)


def _same(one: str, other: str) -> bool:
    if one == other or _is_open(one) or _is_open(other):
        return True
    (repository, tag), (other_repository, other_tag) = _split(one), _split(other)
    if repository.rpartition("/")[2] != other_repository.rpartition("/")[2]:
        return False
    return tag == other_tag or not tag or not other_tag


def _is_open(name: str) -> bool:
    """Whether a part of it is only known when it runs: all but the commit of this run."""
    rest = name.replace("${{github.sha}}", "").replace("${{github.repository}}", "")
    return "$" in rest or not rest


def _split(name: str) -> tuple[str, str]:
    repository, colon, tag = name.partition("@")[0].rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (name.partition("@")[0], "")


def _images(ctx: Context, job: Job) -> Iterator[Image]:
    for release in releases_of(ctx, job).known:
        command = release.command
        if command is None:
            yield from _of_action(ctx, job, release)
            continue
        row = matching(command, rows("images", "deployed"))
        if row is None:
            continue
        for text in _named(ctx, command, row):
            name = resolved(ctx, job, release.performed.step, command, text)
            image = _image(name, text, origin_of(ctx, command).location, release)
            yield replace(image, usual=_usual(ctx, job, release.performed.step, command, text))
    yield from _promoted(ctx, job)


def _promoted(ctx: Context, job: Job) -> Iterator[Image]:
    """Images that a job pulls by a tag that somebody gives, renames for production and pushes."""
    releases = releases_of(ctx, job).known
    moments = moments_of(ctx, job).known if releases else ()
    pushed = {text for each in moments if each.command and runs(each.command, "docker push")
              for text in _texts(ctx, each.command)}  # fmt: skip
    for moment in moments:
        command, performed = moment.command, moment.performed
        if command is None or not runs(command, "docker tag"):
            continue
        *_, source, renamed = _texts(ctx, command)
        usual = _usual(ctx, job, performed.step, command, source)
        if usual and renamed in pushed:
            name = f"{_VARIABLE.sub(_as_written, source).rpartition(':')[0]}:{usual}"
            place = origin_of(ctx, command).location
            yield Image(name, True, place, releases[-1], releases[-1].evidence, usual, renamed=True)
            return


def _as_written(variable: re.Match[str]) -> str:
    return f"${variable[1]}"


def _usual(ctx: Context, job: Job, step: Step, command: Command, text: str) -> str:
    """The tag that moves on, `latest`, of an image whose tag an input names: its default."""
    found = _INPUT.fullmatch(resolved(ctx, job, step, command, text.rpartition(":")[2]))
    if found is None:
        return ""
    triggers = ctx.project.workflow_of(job).triggers
    inputs = [each for trigger in triggers for each in trigger.inputs if each.name == found[1]]
    defaults = {each.default.text if each.default else "" for each in inputs}
    only = next(iter(defaults)) if len(defaults) == 1 else ""
    return only if only in table("images")["moving"] else ""


def _of_action(ctx: Context, job: Job, release: Deployment) -> Iterator[Image]:
    """By its own input, or by the step that renders its task definition."""
    inputs = table("images")["deployed_actions"]
    for moment in moments_of(ctx, job).known:
        step = moment.performed.step
        if moment.command is None and step.uses:
            name = parse_use(step.uses).name.lower()
            own = moment.performed is release.performed
            renders = name.endswith("render-task-definition") and "ecs" in release.what
            given = step.input(inputs[name]) if name in inputs and (own or renders) else None
            for line in given.text.split() if given and "${{" not in given.text else ():
                yield _image(line, line, step.uses.location, release)
            if given and "${{" in given.text:
                text = _SPACES.sub("", given.text)
                yield _image(_expanded(ctx, job, step, text), text, step.uses.location, release)
        if moment.performed is release.performed:
            return


def _image(name: str, text: str, place: Location, release: Deployment) -> Image:
    given = not name or any(word in name or word in text for word in _OUTSIDE)
    return Image(name, given, place, release, release.evidence)


def _named(ctx: Context, command: Command, row: Row) -> Iterator[str]:
    """The images among the words of a command, as written."""
    texts = _texts(ctx, command)
    if row.get("pairs"):
        for text in texts:
            name, given, value = text.partition("=")
            if given and not name.startswith("-") and value:
                yield value
    for option in row.get("options", ()):
        for text, after in pairwise((*texts, "")):
            if text == option and after:
                yield after
            elif text.startswith(f"{option}=") and option.startswith("--"):
                yield text.partition("=")[2]
    if row.get("variables"):
        for text in texts:
            name, given, value = text.removeprefix("-var=").partition("=")
            image = _IMAGE.search(name) and not _TAG_ALONE.search(name)
            if given and value and image and not name.startswith("-"):
                yield value


def _texts(ctx: Context, command: Command) -> list[str]:
    """The words of a command, expressions and variables in them as written."""
    words = words_of(ctx, command)
    if not words:
        return [word or "" for word in command.argv]
    return [_text(word) for word in words]


def _text(word: shell.Word) -> str:
    pieces: list[str] = []
    for part in word.parts:
        if isinstance(part, shell.Literal):
            pieces.append(part.text)
        elif isinstance(part, shell.Placeholder):
            pieces.append(f"${{{{{part.expression.strip()}}}}}")
        elif isinstance(part, shell.Variable) and not part.operator:
            pieces.append(f"${part.name}$")
        else:
            pieces.append("$?$")
    return "".join(pieces)


_VARIABLE = regex(r"\$(\w+|\?)\$")


def images_in(ctx: Context, job: Job, step: Step, command: Command) -> Iterator[str]:
    """The images that a deploying command names, as far as they are known."""
    row = matching(command, rows("images", "deployed"))
    if row:
        names = (resolved(ctx, job, step, command, text) for text in _named(ctx, command, row))
        yield from (name for name in names if name)


def resolved(ctx: Context, job: Job, step: Step, command: Command, text: str) -> str:
    """A text with the script's variables and `env` in it, expressions left; empty if unknown."""
    script = script_with(ctx, command)
    assigned: dict[str, str] = {}
    for node in shell.walk(script.tree.body) if script and script.tree else ():
        for each in node.assignments if isinstance(node, shell.Command) else ():
            known_text = _text(each.value[0]) if len(each.value) == 1 else "$?$"
            assigned[each.name] = "$?$" if each.name in assigned else known_text
    workflow = ctx.project.workflow_of(job)
    environment = {p.key.text: p.value.text for p in (*workflow.env, *job.env, *step.env)}
    for _ in range(3):
        text = _VARIABLE.sub(lambda m: _value(m[1], assigned, environment), text)
    return "" if _VARIABLE.search(text) else _expanded(ctx, job, step, text)


def _value(name: str, assigned: dict[str, str], environment: dict[str, str]) -> str:
    if name == "GITHUB_SHA":
        return "${{github.sha}}"
    return assigned.get(name) or environment.get(name) or "$?$"


def _expanded(ctx: Context, job: Job, step: Step, text: str) -> str:
    """A text with `env.NAME` replaced by what it is, other expressions without spaces."""
    workflow = ctx.project.workflow_of(job)
    environment = {p.key.text: p.value.text for p in (*workflow.env, *job.env, *step.env)}
    for _ in range(3):
        pieces: list[str] = []
        for part in parts(text):
            expression = part.text.strip()
            if part.is_expression and expression.startswith("env."):
                pieces.append(environment.get(expression.removeprefix("env."), "${{unset}}"))
            else:
                pieces.append(f"${{{{{expression}}}}}" if part.is_expression else part.text)
        text = "".join(pieces)
    return _SPACES.sub("", text)


def _made(ctx: Context, moment: Moment) -> Made | None:
    command, performed = moment.command, moment.performed
    if command is None:
        return _made_by_action(ctx, moment)
    row = matching(command, rows("images", "made"))
    if row is None:
        return None
    job, step = performed.job, performed.step
    names: list[str] = []
    texts = _texts(ctx, command)
    if row["kind"] == "named":
        names = texts[-1:]
    elif row.get("image"):
        names = [text for text in texts[1:] if not text.startswith("-")][-1:]
    else:
        options = row.get("options", ())
        names = [after for text, after in pairwise((*texts, "")) if text in options and after]
        names += [t.partition("=")[2] for t in texts if t.partition("=")[0] in options and "=" in t]
    full = [resolved(ctx, job, step, command, name) for name in names]
    place = origin_of(ctx, command).location
    return Made(row["words"], row["kind"], tuple(full) if all(full) else (), place, moment.job)


def _made_by_action(ctx: Context, moment: Moment) -> Made | None:
    step, job = moment.performed.step, moment.performed.job
    if step.uses is None:
        return None
    use = parse_use(step.uses)
    row = table("images")["made_actions"].get(use.name.lower())
    if row is None:
        return None
    given = step.input(row["input"]) if "input" in row else None
    lines = [line for line in re.split(r"[\n,]", given.text) if line.strip()] if given else []
    names = [_expanded(ctx, job, step, line.strip()) for line in lines]
    return Made(use.name, row["kind"], tuple(names), step.uses.location, moment.job)


def way_to_image(ctx: Context, image: Image) -> tuple[Evidence, ...]:
    """How the job comes to the deployment of an image."""
    command = image.deployment.command
    return (*image.evidence, *(links_to(ctx, command) if command else ()))
