"""References of a step to what does not exist: ids, outputs, needs, variables of `env`."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.scripts import script_of
from iact_guard.model.authored import Authored
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Job, Step
from iact_guard.syntax.expression import (
    ExpressionError,
    Index,
    Literal,
    Name,
    Node,
    nodes_in,
    parse,
    parts,
)

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dangling:
    """A reference that is empty whenever it runs."""

    text: str
    """`steps.backup.outputs.snapshot`."""
    reason: str
    location: Location


def dangling_in(ctx: Context, job: Job, step: Step) -> Iterator[Dangling]:
    """What a step of a job refers to and nothing defines, in the order of its texts."""
    for text in _texts(step):
        for path, location in _references(text, whole=text is step.condition):
            if reason := _reason(ctx, job, step, path):
                yield Dangling(".".join(path), reason, location)


def _texts(step: Step) -> Iterator[Authored]:
    if step.condition:
        yield step.condition
    if step.run:
        yield step.run
    for pair in (*step.with_, *step.env):
        yield pair.value


def _references(text: Authored, *, whole: bool) -> Iterator[tuple[Path, Location]]:
    """The paths of all expressions; an `if` is one as a `whole`, also without braces."""
    pieces = [part for part in parts(text.text) if part.is_expression]
    found = [(part.text, text.first_line(part.start, part.end)) for part in pieces]
    if whole and not found:
        found = [(text.text, text.first_line(0, len(text.text)))]
    for expression, location in found:
        try:
            node = parse(expression)
        except ExpressionError:
            continue
        inner = {id(each.base) for each in nodes_in(node) if isinstance(each, Index)}
        for each in nodes_in(node):
            if isinstance(each, Index) and id(each) not in inner and (path := _path(each)):
                yield path, location


def _path(node: Node) -> Path | None:
    """`steps.ID.outputs.NAME` as its parts, as far as they are written out."""
    keys: list[str] = []
    while isinstance(node, Index):
        if not isinstance(node.key, Literal) or not isinstance(node.key.value, str):
            return None
        keys.append(node.key.value)
        node = node.base
    return (node.name, *reversed(keys)) if isinstance(node, Name) else None


def _reason(ctx: Context, job: Job, step: Step, path: Path) -> str:
    match path:
        case ("steps", key, *rest):
            output = rest[1] if rest[:1] == ["outputs"] and rest[1:] else ""
            return _of_step(ctx, job, step.index, key, output)
        case ("needs", key, *rest):
            return _of_need(ctx, job, key, rest[1] if rest[:1] == ["outputs"] and rest[1:] else "")
        case ("env", name):
            return _of_env(ctx, job, step, name)
    return ""


def _of_step(ctx: Context, job: Job, index: int, key: str, output: str) -> str:
    """Why a step that is asked for by its id, before another one, is empty."""
    named = [each for each in job.steps if each.key and each.key.text.lower() == key.lower()]
    if not named:
        return f"no step of {job.key} has the id {key}"
    found = named[0]
    if found.index >= index:
        return f"the step {key} does not stand before it"
    script = script_of(ctx, found.id)
    if not output or found.run is None or script is None or not script.reader.understood:
        return ""
    text = script.source.text
    writes = "GITHUB_OUTPUT" in text or "set-output" in text
    # A script or program that it runs may write to the file as well.
    if not writes and not _may_write_elsewhere(ctx, found):
        return f"the step {key} sets no outputs"
    if writes and output.lower() not in text.lower() and not _may_write_elsewhere(ctx, found):
        return f"the step {key} sets no output {output}"
    return ""


def _may_write_elsewhere(ctx: Context, step: Step) -> bool:
    from iact_guard.analyze.shell.followed import all_commands_of

    plain = {"echo", "printf", "aws", "kubectl", "helm", "gcloud", "az", "jq", "date", "cat", "cf",
             "grep", "sed", "awk", "cut", "tr", "head", "tail", "git", "export", "curl", "sleep",
             "docker", "set", "[", "test", "pg_dump", "gzip", "exit", "true", ":", "cd", "tee",
             "terraform", "heroku", "sort", "mkdir", "ls"}  # fmt: skip
    return any(each.tool not in plain for each in all_commands_of(ctx, step.id))


def _of_need(ctx: Context, job: Job, key: str, output: str) -> str:
    if key.lower() not in {need.text.lower() for need in job.needs}:
        return f"{key} is not among the needs of {job.key}"
    workflow = ctx.project.workflow_of(job)
    other = next((each for each in workflow.jobs if each.key.lower() == key.lower()), None)
    if other is None or other.uses or not output or other.matrix is not None:
        return ""
    declared = next((p for p in other.outputs if p.key.text.lower() == output.lower()), None)
    if declared is None:
        return f"the job {key} has no output {output}"
    for path, _ in _references(declared.value, whole=False):
        match path:
            case ("steps", step, "outputs", name):
                if reason := _of_step(ctx, other, len(other.steps), step, name):
                    return f"the output {output} of {key} is empty, as {reason}"
    return ""


def _of_env(ctx: Context, job: Job, step: Step, name: str) -> str:
    workflow = ctx.project.workflow_of(job)
    if any(pair.key.text == name for pair in (*workflow.env, *job.env, *step.env)):
        return ""
    for before in job.steps[: step.index]:
        if before.uses and not before.uses.text.startswith("actions/"):
            return ""  # it may set variables for later steps
        script = script_of(ctx, before.id)
        if script and ("GITHUB_ENV" in script.source.text or not script.reader.understood):
            return ""
        if script and _may_write_elsewhere(ctx, before):
            return ""
    runners = name.startswith(("GITHUB_", "RUNNER_", "ACTIONS_")) or name in ("CI", "HOME", "PATH")
    return "" if runners else f"env.{name} is set nowhere"
