"""Commands that migrate a database: by themselves, or by a task that they start for it."""

from collections.abc import Iterable

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.followed import all_commands_of, is_followed, script_with
from iact_guard.analyze.shell.matching import matching
from iact_guard.analyze.shell.scripts import paths_of
from iact_guard.analyze.workflow.performed import Performed, commands_in
from iact_guard.analyze.workflow.values import possible
from iact_guard.data.tables import Row, rows, table
from iact_guard.model.command import Command
from iact_guard.model.regex import regex
from iact_guard.syntax import shell
from iact_guard.syntax.expression import Open

_CAMEL = regex(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = regex(r"[a-z]+")
_PATHS = regex(r"\S*/")
_ENV = regex(r"\$\{\{\s*env\.(\w+)\s*\}\}|\$\{?(\w+)\}?")


def migrating(ctx: Context, performed: Performed, command: Command) -> Row | None:
    """How the table knows a command that migrates, or starts a task named for that."""
    found = matching(command, rows("databases", "migrate"))
    if found:
        return found
    task = matching(command, rows("databases", "task"))
    if task is None or is_followed(ctx, command):
        return None
    inner = _inner(ctx, command)
    if inner:  # what it runs is seen, and judged by itself where the table knows it
        return task if _says(each.argv[0] or "" for each in inner) else None
    return task if _is_for_migrating(ctx, performed, command, task) else None


def runs_migration(ctx: Context, command: Command) -> bool:
    """Whether a command that is seen behind another one migrates: `heroku run ... migrate`."""
    known = rows("databases", "migrate")
    return any(matching(each, known) for each in _inner(ctx, command))


def _inner(ctx: Context, command: Command) -> list[Command]:
    """The commands that it runs, of any depth."""
    around = {command.id}
    found = []
    for each in all_commands_of(ctx, command.step):
        if each.outer in around:
            around.add(each.id)
            found.append(each)
    return found


def _is_for_migrating(ctx: Context, performed: Performed, command: Command, row: Row) -> bool:
    """What the command's own words say, then the step's title, then that of a job with one task."""
    said = _says((*_words_of(performed, command, row), *_read_by(ctx, command)))
    step = performed.step
    titles = (step.name.text if step.name else "", step.key.text if step.key else "")
    if said is None and not row.get("own"):
        said = _says(titles)
    if said is None and not row.get("own"):
        job = performed.job
        said = _says((job.key, job.name.text if job.name else "")) and _is_only_task(ctx, performed)
    return bool(said)


def _words_of(performed: Performed, command: Command, row: Row) -> Iterable[str]:
    """The words behind the program's own, variables replaced by what `env` says; no folders."""
    own = frozenset(row["words"].split())
    text = " ".join(word for word in command.text.split() if word not in own)
    yield _PATHS.sub(" ", text)
    pairs = (*performed.job.env, *performed.step.env)
    given = {pair.key.text: pair.value.text for pair in pairs}
    for match in _ENV.finditer(text):
        value = given.get(match[1] or match[2])
        if value:
            yield " ".join(possible(value, {"env": Open()}) or ())


def _read_by(ctx: Context, command: Command) -> Iterable[str]:
    """What the commands before it in its pipeline are given, where it reads that; no folders."""
    script = script_with(ctx, command) if "-" in command.words else None
    path = paths_of(ctx, script).known.commands.get(command.start, ()) if script else ()
    for pipeline in (node for node in path if isinstance(node, shell.Pipeline)):
        for each in pipeline.commands[:-1]:
            words = each.argv[1:] if isinstance(each, shell.Command) else ()
            yield from (_PATHS.sub(" ", word) for word in words if word)


def _is_only_task(ctx: Context, performed: Performed) -> bool:
    """Whether the job starts one task alone, so that its name is the task's."""
    tasks = rows("databases", "task")
    found = [row for _, each in commands_in(ctx, performed.job) if (row := matching(each, tasks))]
    return sum(not row.get("own") for row in found) == 1


def _says(texts: Iterable[str]) -> bool | None:
    """Whether texts speak of migrating; None where they say nothing of it."""
    words = frozenset(_WORD.findall(_CAMEL.sub(" ", " ".join(texts)).lower()))
    about = table("databases")["migrating"]
    if not words.isdisjoint(about["not"]):
        return False
    return True if not words.isdisjoint(about["says"]) else None
