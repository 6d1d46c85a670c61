"""What nox, invoke, poe, pdm, hatch and taskipy run: sessions and tasks of the repository."""

import posixpath
import shlex
from collections.abc import Iterable

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.texts import (
    MAX_LINES,
    MAX_READ,
    Called,
    Text,
    with_arguments,
    words_behind,
)
from iact_guard.load import python_sessions, python_tasks
from iact_guard.load.python_sessions import Session, Sessions
from iact_guard.load.python_tasks import Task
from iact_guard.load.script import Shell
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.location import Evidence
from iact_guard.model.source import Kind
from iact_guard.model.text_file import TextFile
from iact_guard.syntax import shell

_CHOOSING = frozenset({"-s", "--session", "--sessions", "-e"})
_NOX_NOTHING = frozenset({"-l", "--list", "--version", "--help", "--install-only"})
_NOX_ODD = frozenset({"-f", "--noxfile", "-k", "--keywords", "-t", "--tags", "-p", "--pythons"})
_SHELL = Shell("sh")
_MAX_TASKS = 50


@fact("file.python_sessions")
def sessions_in(ctx: Context, file: TextFile) -> Fact[Sessions]:
    """A file as sessions of nox or tasks of invoke."""
    try:
        text = ctx.project.text(file.path)
        if len(text.text) > MAX_READ:
            return unknown(f"{file.path} has more than {MAX_READ} characters")
        return known(python_sessions.load(text))
    except UnreadableError as error:
        return unknown(f"{file.path} cannot be read: {error.reason}")


def run_by_nox(ctx: Context, command: Command, folder: str | None) -> Called | None:
    """What the sessions that a call of nox chooses run."""
    split = command.argv.index("--") if "--" in command.argv else len(command.argv)
    words = command.beginnings[1:split]
    if _NOX_NOTHING & set(words):
        return Called(" ".join(("nox", *words)), reason="it runs nothing")
    names: list[str] = []
    choosing = False
    for word in words:
        option, _, value = word.partition("=")
        if word[:1] == "-":
            choosing = option in _CHOOSING
            names += [value] if choosing and value else []
            names += [word[2:]] if word[:2] in ("-s", "-e") and len(word) > 2 else []
        elif choosing:
            names.append(word)
    what = " ".join(("nox", *(("-s", *names) if names else ())))
    if folder is None or any(not name or "(" in name for name in names) or _NOX_ODD & set(words):
        return Called(what, reason="which sessions it runs is only known when it runs")
    path = posixpath.join(folder, "noxfile.py")
    if path not in ctx.project.discovery.files:
        return Called(what, reason=f"there is no noxfile.py in {folder or 'the root'}")
    read = sessions_in(ctx, TextFile(f"file:{path}", path, Kind.OTHER))
    if read.state != "known":
        return Called(what, reason=read.reason)
    every = {each.name: each for each in read.known.sessions}
    wanted = names or read.known.chosen or tuple(every)
    return _called(what, path, folder, every, wanted, words_behind(command))


def run_by_invoke(ctx: Context, command: Command, folder: str | None) -> Called | None:
    """What the tasks that a call of invoke names run."""
    names = [word.replace("-", "_") for word in command.beginnings[1:] if word[:1] != "-"]
    what = " ".join((command.tool, *command.beginnings[1:2]))
    path = posixpath.join(folder, "tasks.py") if folder is not None else ""
    if path not in ctx.project.discovery.files:
        return Called(what, reason=f"what {command.tool} runs is not read")
    read = sessions_in(ctx, TextFile(f"file:{path}", path, Kind.OTHER))
    if read.state != "known":
        return Called(what, reason=read.reason)
    every = {each.name.replace("-", "_"): each for each in read.known.sessions}
    return _called(what, path, folder or "", every, [n for n in names if n in every], ())


def _called(
    what: str,
    path: str,
    folder: str,
    every: dict[str, Session],
    wanted: Iterable[str],
    arguments: tuple[str | None, ...],
) -> Called:
    texts: list[Text] = []
    reason, seen = "", set[str]()
    pending = [*wanted][::-1]
    if not pending:
        return Called(what, reason=f"{path} has no session or task for it")
    while pending and len(texts) <= MAX_LINES:
        name = pending.pop()
        # A version stands behind the name of a session: `tests-3.12`.
        session = every.get(name) or every.get(name.rpartition("-")[0])
        if session is None or session.name in seen:
            reason = reason or ("" if session else f"{path} has no session `{name}`")
            continue
        missing = [need for need in session.needs if need in every and need not in seen]
        if missing and len(pending) < MAX_LINES:
            pending += [name, *missing[::-1]]
            every = {**every, name: Session(name, session.lines, (), session.unclear)}
            continue
        seen.add(session.name)
        reason = reason or (f"{name}: {session.unclear}" if session.unclear else "")
        texts += _texts(path, folder, session, arguments)
    return Called(what, tuple(texts[:MAX_LINES]), reason, 1 + len(texts))


def _texts(
    path: str, folder: str, session: Session, arguments: tuple[str | None, ...]
) -> Iterable[Text]:
    for index, line in enumerate(session.lines):
        text = line.source.text or " ".join(
            "${_}" if word is None else shlex.quote(word) for word in line.words
        )
        source = _fixed(text, line.source)
        if line.takes_arguments:
            source = with_arguments(source, arguments)
        link = Evidence(line.source.location, f"`{session.name}` of {path} runs this")
        name = f"{path}#{session.name}/{index}"
        yield Text(name, source, shell.parse(source.text), _SHELL, link, folder, line.tolerated)


def _fixed(text: str, at: Authored) -> Authored:
    """A text that stands at one place as a whole."""
    return Authored(text, at.location)


def run_by_task(ctx: Context, command: Command, folder: str | None) -> Called | None:
    """What a task of poe, pdm, hatch or taskipy runs; None where its name is no task."""
    words = list(command.beginnings[1:])
    while words and words[0][:1] == "-":
        words.pop(0)
    if command.tool not in ("poe", "task", "taskipy"):
        if words[:1] != ["run"]:
            return None
        words.pop(0)
    while words and words[0][:1] == "-":
        words.pop(0)
    if not words or folder is None:
        return None
    path = posixpath.join(folder, "Pipfile" if command.tool == "pipenv" else "pyproject.toml")
    if path not in ctx.project.discovery.files:
        return None
    tasks = _tasks_in(ctx, path, command.tool)
    if words[0] not in tasks:
        return None
    what = f"{command.tool} {words[0]}"
    at = len(command.argv) - len(words) + 1
    arguments = tuple(word for word in command.argv[at:] if word != "--")
    texts: list[Text] = []
    reason = _expand(tasks, words[0], path, folder, texts, arguments, set())
    return Called(what, tuple(texts[:MAX_LINES]), reason, 1 + len(texts))


def _expand(
    tasks: dict[str, Task],
    name: str,
    path: str,
    folder: str,
    texts: list[Text],
    arguments: tuple[str | None, ...],
    seen: set[str],
) -> str:
    """Add the lines of a task, those of tasks that it names included; why not all are known."""
    task = tasks[name]
    seen.add(name)
    if len(seen) > _MAX_TASKS:
        return f"it runs more than {_MAX_TASKS} tasks"
    reason = task.unclear
    for index, step in enumerate(task.steps):
        word = step.source.text.split()[0] if step.source.text.split() else ""
        other = word if word in tasks and word != name else ""
        if other in seen:
            continue
        if other and len(texts) <= MAX_LINES:
            reason = _expand(tasks, other, path, folder, texts, (), seen) or reason
            continue
        last = index + 1 == len(task.steps)
        text = step.source.text.replace("{args}", "").replace("{args:", "").rstrip("}")
        source = _fixed(text, step.source)
        source = with_arguments(source, arguments) if last else source
        link = Evidence(step.source.location, f"the task `{name}` of {path} runs this")
        tree = shell.parse(source.text)
        texts.append(Text(f"{path}#{name}/{index}", source, tree, _SHELL, link, folder))
    return reason


def _tasks_in(ctx: Context, path: str, tool: str) -> dict[str, Task]:
    file = TextFile(f"file:{path}#{tool}", path, Kind.OTHER)
    read = _task_file(ctx, file)
    return {each.name: each for each in read.known} if read.state == "known" else {}


@fact("file.python_tasks")
def _task_file(ctx: Context, file: TextFile) -> Fact[tuple[Task, ...]]:
    try:
        text = ctx.project.text(file.path)
    except UnreadableError:
        return unknown(f"{file.path} cannot be read")
    if len(text.text) > MAX_READ:
        return unknown(f"{file.path} has more than {MAX_READ} characters")
    return known(python_tasks.load(text, file.id.rpartition("#")[2]))
