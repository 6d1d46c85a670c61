"""What runs the code of a stranger in a job, and what asks for permission before."""

from collections.abc import Iterator
from itertools import pairwise

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.followed import all_commands_of, followed_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.performed import Performed, work_of
from iact_guard.analyze.workflow.rights.foreign import Fetch
from iact_guard.analyze.workflow.rights.strangers import reaches_of
from iact_guard.data.tables import table
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Job

_TAKES_FOLDERS = frozenset({"docker", "pip", "pytest", "py.test", "mocha", "jest"})
"""Programs that run what lies in a folder which they are given."""
_INTERPRETERS = frozenset({"bash", "sh", "python", "node", "ruby", "perl", "php"})
_FOLDERS = frozenset({"-C", "--prefix", "--cwd", "--directory", "--dir", "--project", "-f",
                      "--manifest-path"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """Something that runs the code, or may."""

    certain: bool
    what: str
    evidence: Evidence


def runs_of(ctx: Context, job: Job, fetch: Fetch) -> Iterator[Run]:
    """What runs in the folder after the code got there, what is certain to run it first."""
    perhaps: list[Run] = []
    for run in _runs(ctx, job, fetch):
        if run.certain:
            yield run
        else:
            perhaps.append(run)
    yield from perhaps


def _runs(ctx: Context, job: Job, fetch: Fetch) -> Iterator[Run]:
    reaches = reaches_of(ctx, job).known
    for index, performed in enumerate(work_of(ctx, job).known.steps):
        if index < fetch.index or fetch.event not in reaches[index]:
            continue
        if index > fetch.index and performed.step.uses:
            yield from _by_action(performed.step.uses, performed, fetch)
        commands = all_commands_of(ctx, performed.step.id)
        if index == fetch.index and fetch.command:
            ids = [command.id for command in commands]
            commands = commands[ids.index(fetch.command.id) + 1 :]
        folders = followed_of(ctx, performed.step).known.folders
        for command in commands:
            yield from _by_command(command, folders.get(command.id), fetch)


def _by_action(uses: Authored, performed: Performed, fetch: Fetch) -> Iterator[Run]:
    use = parse_use(uses)
    name = use.name.lower()
    names = table("foreign_code")["runs"]
    inside = use.name.removeprefix("./").startswith(fetch.folder.removeprefix("./"))
    if use.kind == "local":
        if inside:
            what = "this action lies in the code that was checked out"
            yield Run(True, use.text, Evidence(uses.location, what))
        return
    mentions = any(fetch.folder in pair.value.text for pair in performed.step.with_)
    if name in names["actions"].split():
        if not fetch.folder or mentions:
            what = "this action runs what lies in the folder"
            yield Run(True, use.name, Evidence(uses.location, what))
    elif name not in names["inert_actions"].split() and (not fetch.folder or mentions):
        what = "what this action runs is not known"
        yield Run(False, use.name, Evidence(uses.location, what))


def _by_command(command: Command, folder: str | None, fetch: Fetch) -> Iterator[Run]:
    verdict = _executes(command)
    if verdict is False or not _in_folder(command, folder, fetch.folder):
        return
    if verdict and _certainly_there(command, folder, fetch.folder):
        what = "this runs what lies in the folder"
        yield Run(True, command.tool, Evidence(command.location, what))
    else:
        what = f"whether {command.tool or 'this command'} runs it is not known"
        yield Run(False, command.tool, Evidence(command.location, what))


def _in_folder(command: Command, folder: str | None, wanted: str) -> bool:
    wanted = wanted.removeprefix("./").rstrip("/")
    if not wanted or "$" in wanted or folder is None:
        return True
    return f"{folder}/".startswith(f"{wanted}/") or wanted in command.text


def _certainly_there(command: Command, folder: str | None, wanted: str) -> bool:
    """Whether what is run lies in the code, and not just what it is given to read."""
    wanted = wanted.removeprefix("./").rstrip("/")
    if not wanted or f"{folder}/".startswith(f"{wanted}/"):
        return True
    if command.tool in _TAKES_FOLDERS or wanted in (command.argv[0] or ""):
        return True
    first = next((word for word in command.words if not word.startswith("-")), "")
    if command.tool in _INTERPRETERS and first.removeprefix("./").startswith(f"{wanted}/"):
        return True
    pairs = pairwise(command.words)
    return any(option in _FOLDERS and wanted in value for option, value in pairs)


def _executes(command: Command) -> bool | None:
    """Whether a command runs files of its folder; None where that is not known."""
    names = table("foreign_code")["runs"]
    tool, words = command.tool, command.words
    program = command.argv[0] or ""
    if tool in names["inert"].split():
        return False
    if any(word in names["global"] for word in words):
        return False
    if program.startswith((".", "$GITHUB_WORKSPACE")) and len(program) > 1:
        return True
    if "/" in program and not program.startswith("/"):
        return True
    if tool in ("source", "."):
        return True
    if tool in names["words"].split():
        return True
    only = names["only"].get(tool)
    if only is None:
        return None
    if only:
        return any(word in only for word in words)
    if tool in _INTERPRETERS:
        return _runs_a_file(words)
    return None


def _runs_a_file(words: tuple[str, ...]) -> bool | None:
    first = next((word for word in words if word not in ("-e", "-x", "-u", "-ex")), "")
    if first.startswith("-"):
        return first == "-m"
    return bool(first) or None


def checks_permission(ctx: Context, job: Job, fetch: Fetch) -> Evidence | None:
    """Something before it that asks whether the one who acts may do so."""
    names = table("foreign_code")["permission"]
    for performed in work_of(ctx, job).known.steps[: fetch.index]:
        step = performed.step
        if step.uses and parse_use(step.uses).name.lower() in names["actions"].split():
            return Evidence(step.uses.location, "it asks for the permission of the one who acts")
        texts = (step.run, *(pair.value for pair in step.with_))
        for text in texts:
            if text and any(each in text.text for each in names["texts"]):
                return Evidence(text.location, "it asks for the permission of the one who acts")
    return None
