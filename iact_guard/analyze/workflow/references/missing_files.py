"""Scripts, actions and workflows of the repository that are used and are not in it."""

import posixpath
from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.failure import failure_of
from iact_guard.analyze.shell.followed import followed_of
from iact_guard.analyze.shell.package_scripts import missing_script
from iact_guard.analyze.shell.scripts import commands_of, script_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.performed import called_workflow, used_action
from iact_guard.analyze.workflow.references.missing_places import missing_places
from iact_guard.analyze.workflow.references.references import Broken
from iact_guard.analyze.workflow.references.workspace import (
    fetches,
    holds_others,
    in_submodule,
    is_quiet,
    runs_away,
)
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Action, Job, Step

_EXTENSIONS = (".sh", ".bash", ".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".pl", ".php")
_INTERPRETERS = frozenset({
    "bash", "sh", "dash", "zsh", "python", "python3", "node", "ruby", "perl", "php", "source", ".",
    "ts-node", "tsx", "bun", "deno",
})  # fmt: skip
_GENERATED = frozenset({"manage.py", "setup.py"})
"""What tools make when a project is begun: where it is not, the project is not."""
_DEPTH = 5
"""Of actions that use actions."""
_TEST_DATA = frozenset(
    {"test", "tests", "test-data", "testdata", "test_data", "fixtures", "__tests__"}
)


@fact("job.missing_files")
def missing_in_job(ctx: Context, job: Job) -> Fact[tuple[Broken, ...]]:
    """What a job uses or runs and the repository lacks."""
    if not _is_whole(ctx):
        return known(())
    found = list(_workflow(ctx, job))
    brought = others = holds_others(job)
    seen: set[str] = set()
    for step in job.steps:
        if not others:
            found += _package_scripts(ctx, step, seen)
            others = step.run is not None and _edits_package(step.run.text)
        if not brought:
            found += _action(ctx, step)
            found += _scripts(ctx, job, step, seen)
        brought = brought or _brings(ctx, step)
    return known((*found, *missing_places(ctx, job)))


@fact("action.missing_files")
def missing_in_action(ctx: Context, action: Action) -> Fact[tuple[Broken, ...]]:
    """Actions of the repository that a composite action uses and that are not there."""
    whole = _is_whole(ctx)
    found = [broken for step in action.steps if whole for broken in _action(ctx, step)]
    return known(tuple(found))


def is_test_data(action: Action) -> bool:
    """Whether an action lies among the data of tests."""
    folders = action.path.lower().split("/")[:-1]
    return bool(_TEST_DATA & set(folders)) and not action.path.startswith(".github/")


def _is_whole(ctx: Context) -> bool:
    """Whether more than workflows and actions was given to look at."""
    (repository,) = ctx.project.entities("repository")
    return _whole(ctx, repository).known


@fact("repository.is_whole")
def _whole(ctx: Context, repository: Repository) -> Fact[bool]:
    return known(any(not path.startswith(".github/") for path in ctx.project.discovery.files))


def _workflow(ctx: Context, job: Job) -> Iterator[Broken]:
    if job.uses is None or parse_use(job.uses).kind != "local":
        return
    if called_workflow(ctx, job) is None and not _there(ctx, job.uses):
        effect = "GitHub refuses the whole workflow"
        why = "there is no such workflow in the repository"
        yield Broken(job.uses.text, job.uses.location, why, effect=effect)


def _action(ctx: Context, step: Step) -> Iterator[Broken]:
    if step.uses is None or parse_use(step.uses).kind != "local" or "${{" in step.uses.text:
        return
    if used_action(ctx, step.uses) is None and not _there(ctx, step.uses):
        why = "there is no action in that folder of the repository"
        yield Broken(step.uses.text, step.uses.location, why, effect="the step fails")


def _there(ctx: Context, uses: Authored) -> bool:
    """Whether something is there that is no action for us: a Dockerfile, what could not be read."""
    path = posixpath.normpath(uses.text.strip().removeprefix("$/").partition("@")[0])
    if path.startswith(".."):
        return True
    inside = "" if path == "." else path
    names = ("action.yml", "action.yaml", "Dockerfile")
    places = (path, *(posixpath.join(inside, name) for name in names))
    return any(place in ctx.project.discovery.files for place in places) or in_submodule(ctx, path)


def _scripts(ctx: Context, job: Job, step: Step, seen: set[str]) -> Iterator[Broken]:
    script = script_of(ctx, step.id)
    if script is None or script.remote or step.run is None or job.container:
        return
    folders = followed_of(ctx, step).known.folders
    own = commands_of(ctx, step.id)
    around = {command.id: command for command in own}
    brought = False
    for command in own:
        path = None if brought else _path(command, around)
        folder = folders.get(command.id)
        brought = brought or fetches(command)
        if path is None or folder is None or path in seen:
            continue
        place = posixpath.normpath(posixpath.join(folder, path))
        spoken_of = _named_before(job, step, command, posixpath.basename(place))
        if spoken_of or place.startswith(".."):
            continue
        misplaced = (
            folder
            and path == posixpath.normpath(path)
            and _is_misplaced(ctx, job, step, place, path)
        )
        if not misplaced and _exists(ctx, place, path):
            continue
        seen.add(path)
        why = f"the step works in `{folder}`; from the root the file is there" if misplaced else ""
        yield Broken(
            path, command.location, why or "there is no such file in the repository", effect="",
            evidence=(Evidence(command.location, f"`{place}` is used"),),
        )  # fmt: skip


def _package_scripts(ctx: Context, step: Step, seen: set[str]) -> Iterator[Broken]:
    """`npm run NAME` where the `package.json` has no such script."""
    script = script_of(ctx, step.id)
    if script is None or script.remote or step.run is None or "npm" not in step.run.text:
        return
    if _edits_package(step.run.text):
        return
    folders = followed_of(ctx, step).known.folders
    own = commands_of(ctx, step.id)
    around = {command.id: command for command in own}
    for command in own:
        folder = folders.get(command.id)
        if folder is None or command.embedded or runs_away(command, around):
            continue
        missing = missing_script(ctx, command, folder)
        if missing is None or f"{missing[1]}#{missing[0]}" in seen:
            continue
        name, path = missing
        seen.add(f"{path}#{name}")
        why = f"`{path}` has no script of that name"
        failure = failure_of(ctx, command)
        fails = failure.state == "known" and failure.known.verdict == "fails"
        effect = "the step fails" if fails else ""
        yield Broken(f"{command.tool} run {name}", command.location, why, effect=effect)


def _edits_package(script: str) -> bool:
    """Whether a script may change what `package.json` holds."""
    return any(sign in script for sign in ("package.json", "npm pkg", "npm init", "create"))


def _path(command: Command, around: dict[str, Command]) -> str | None:
    """The script of the repository that a command is; None for any other command."""
    word = command.argv[1] if command.tool in ("source", ".") and command.argv[1:] else None
    path = word or (command.argv[0] if command.argv else None)
    if path is None or path.startswith(("/", "~", "-")) or not path.endswith(_EXTENSIONS):
        return None
    if posixpath.basename(path) in _GENERATED:
        return None
    if command.outer and (command.embedded or runs_away(command, around)):
        return None
    run = around.get(command.outer)
    return path if "/" in path or word or (run and run.tool in _INTERPRETERS) else None


def _is_misplaced(ctx: Context, job: Job, step: Step, place: str, path: str) -> bool:
    """Whether a script lies where its path leads from the root, and not where the step works.

    Only where the step's folder is written out, and the repository is checked out as it is.
    """
    project = ctx.project
    if not project.exists(path) or project.exists(place) or in_submodule(ctx, place):
        return False
    if any(each.tool in ("cd", "pushd", "ln", "cp", "mv") for each in commands_of(ctx, step.id)):
        return False
    checkouts = [each for each in job.steps if each.uses and "checkout" in each.uses.text]
    return all(each.input("path") is None for each in checkouts)


def _exists(ctx: Context, place: str, path: str) -> bool:
    """Whether it is there, or may be: built, in a submodule, or in a folder we took for another."""
    project = ctx.project
    if project.exists(place) or in_submodule(ctx, place):
        return True
    tail = posixpath.normpath(path)
    while tail.startswith("../"):
        tail = tail.removeprefix("../")
    if any(found.endswith(f"/{tail}") or found == tail for found in _named(ctx, tail)):
        return True
    # Into a folder that the repository does not have something else may have put it.
    folder = posixpath.dirname(place)
    return bool(folder) and not project.exists(folder)


def _named(ctx: Context, path: str) -> tuple[str, ...]:
    (repository,) = ctx.project.entities("repository")
    return _by_name(ctx, repository).known.get(posixpath.basename(path), ())


@fact("repository.files_by_name")
def _by_name(ctx: Context, repository: Repository) -> Fact[dict[str, tuple[str, ...]]]:
    found: dict[str, list[str]] = {}
    discovery = ctx.project.discovery
    for path in (*discovery.files, *discovery.excluded):
        if path.endswith(_EXTENSIONS):
            found.setdefault(path.rpartition("/")[2], []).append(path)
    return known({name: tuple(paths) for name, paths in found.items()})


def _named_before(job: Job, step: Step, command: Command, name: str) -> bool:
    """Whether the job speaks of a file before it runs it: it may write it, or ask for it."""
    texts = [each.run.text for each in job.steps[: step.index] if each.run]
    texts += [pair.value.text for each in job.steps[: step.index] for pair in each.with_]
    return any(
        name in text for text in (*texts, (step.run.text if step.run else "")[: command.start])
    )


def _brings(ctx: Context, step: Step, depth: int = 0) -> bool:
    """Whether a step may put files into the workspace."""
    if step.uses:
        action = used_action(ctx, step.uses)
        if action is not None and action.using == "composite":
            inner = action.steps
            return depth > _DEPTH or any(_brings(ctx, each, depth + 1) for each in inner)
        return not is_quiet(step.uses.text)
    return any(map(fetches, commands_of(ctx, step.id)))
