"""Folders that steps work in, and files and folders that actions are given, that are not there."""

import posixpath
from collections.abc import Iterator
from itertools import pairwise

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.followed import followed_of, words_of
from iact_guard.analyze.shell.gates import row_of
from iact_guard.analyze.shell.scripts import commands_of, script_of
from iact_guard.analyze.workflow.performed import callers_of
from iact_guard.analyze.workflow.references.needed_files import (
    is_script,
    missing_fixtures,
    needed_files,
)
from iact_guard.analyze.workflow.references.references import Broken
from iact_guard.analyze.workflow.references.workspace import (
    brings,
    fetches,
    holds_other_commits,
    holds_others,
    in_submodule,
    is_made,
    is_spoken_of,
    runs_away,
)
from iact_guard.analyze.workflow.run.legs import axis_of
from iact_guard.analyze.workflow.values import contexts_of, possible, with_env
from iact_guard.data.tables import table
from iact_guard.globs import matching
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job, Step
from iact_guard.syntax import shell
from iact_guard.syntax.expression import Open, Unknown

_ROOTS = ("${{ github.workspace }}/", "$GITHUB_WORKSPACE/", "${GITHUB_WORKSPACE}/")
_CHANGES = frozenset({"cd", "pushd"})
_GLOBS = frozenset("*?[{")
_ENDING = regex(r"^[\w.-]+\.(txt|in|ya?ml|json|toml|cfg|ini|conf|tfvars|hcl|[cm]?[jt]s)$")
_MANAGERS = frozenset({"npm", "pnpm", "yarn"})
_OF_A_PACKAGE = frozenset({"ci", "run", "run-script", "test"})
_ELSEWHERE = ("--prefix", "-C", "--dir", "--cwd", "-w", "--workspace", "-r", "--filter", "-F", "-g")
_SUBCOMMANDS = frozenset({"check", "format", "lint", "fix", "run", "parse"})
_CHOSEN = ("matrix", "inputs", "hashfiles")
"""What an `if` may ask to choose among folders."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A path that a step needs."""

    text: str
    path: str
    """From the root of the repository."""
    location: Location
    cause: str = ""
    """What several of one text with an expression have in common."""
    kind: str = "folder"
    before: str = ""
    """What the step's script does before it."""
    effect: str = ""


def missing_places(ctx: Context, job: Job) -> Iterator[Broken]:
    """What the steps of a job need, one a place, until something may have put it there."""
    if holds_others(job) or holds_other_commits(job) or job.container or _is_lent(ctx, job):
        return
    texts: list[str] = []
    told: set[str] = set()
    for step in job.steps:
        for asked in _asked_by(ctx, job, step):
            lacking = _lacking(ctx, asked.path)
            if not lacking:
                continue
            if asked.path not in told and _may_be_there(ctx, asked, lacking, texts):
                continue
            told.add(asked.path)
            yield Broken(
                asked.text, asked.location, f"there is no such {asked.kind} in the repository",
                effect=asked.effect, cause=f"place/{asked.kind}/{asked.cause or lacking}",
            )  # fmt: skip
        if brings(ctx, step):
            return
        texts += [each.text for each in (step.run, *(p.value for p in step.with_)) if each]


def _may_be_there(ctx: Context, asked: _Asked, lacking: str, texts: list[str]) -> bool:
    """Whether a script before it may have made what the repository lacks."""
    if asked.cause and any(asked.cause in text for text in texts):
        return True  # a step before it may have asked whether it is there
    if is_made(ctx, asked.path, ignored=asked.kind == "folder"):
        return True
    return is_spoken_of(ctx, (*texts, asked.before), lacking)


def _is_lent(ctx: Context, job: Job) -> bool:
    """Whether workflows of other repositories may call it: then it works on their files."""
    workflow = ctx.project.workflow_of(job)
    called = any(trigger.event == "workflow_call" for trigger in workflow.triggers)
    return called and not callers_of(ctx, workflow)


def _lacking(ctx: Context, path: str) -> str:
    """The outermost part of a path that is not in the repository; empty where all is there."""
    if in_submodule(ctx, path) or ctx.project.exists(path):
        return ""
    excluded = ctx.project.discovery.excluded
    if any(each == path or each.startswith(f"{path}/") for each in excluded):
        return ""
    parts = path.split("/")
    starts = ("/".join(parts[:length]) for length in range(1, len(parts) + 1))
    return next((each for each in starts if not ctx.project.exists(each)), path)


def _asked_by(ctx: Context, job: Job, step: Step) -> Iterator[_Asked]:
    if step.uses:
        yield from _given(ctx, job, step)
    elif step.run:
        yield from _working_directory(ctx, job, step)
        yield from _in_script(ctx, job, step)


def _working_directory(ctx: Context, job: Job, step: Step) -> Iterator[_Asked]:
    workflow = ctx.project.workflow_of(job)
    chosen = step.working_directory or job.working_directory or workflow.working_directory
    if chosen:
        yield from _each(ctx, job, step, chosen)


def _given(ctx: Context, job: Job, step: Step) -> Iterator[_Asked]:
    """Paths among the inputs of an action."""
    name = step.uses.text.strip().partition("@")[0].lower() if step.uses else ""
    context = step.input("context")
    if context and ("{{defaultContext}}" in context.text or "://" in context.text):
        return  # the other inputs are paths within it
    if name == "docker/build-push-action" and step.input("file") is None:
        folder = _normal(context.text) if context else ""
        alone = context is None or context.text.strip() in (".", "./") or bool(folder)
        if alone and (not folder or ctx.project.exists(folder)):
            place = step.uses.location if step.uses and context is None else None
            path = posixpath.join(folder, "Dockerfile")
            where = place or (context.location if context else step.location)
            yield _Asked(path, path, where, "", "file")
    for wanted in table("workspace")["inputs"].get(name, ()):
        given = step.input(wanted)
        if given and "\n" not in given.text.strip() and "," not in given.text:
            yield from _each(ctx, job, step, given, "file or folder")


def _each(
    ctx: Context,
    job: Job,
    step: Step,
    given: Authored,
    kind: str = "folder",
    folder: str | None = None,
) -> Iterator[_Asked]:
    """All that a text can be, as paths; none where a condition may choose among them."""
    text = given.text.strip()
    for root in _ROOTS:
        text = text.removeprefix(root)
    asked = " ".join(c.text.lower() for c in (job.condition, step.condition) if c)
    varies = "${{" in text
    if "hashfiles" in asked or (varies and any(word in asked for word in _CHOSEN)):
        return
    if text.count("matrix.") > 1:  # `exclude` may leave out what does not go together
        return
    contexts = {**contexts_of(ctx, job).known, "matrix": _matrix(job)}
    values = possible(text, with_env(contexts, step)) if varies else (text,)
    place = given.first_line(0, max(len(given.text.rstrip()), 1))
    for value in values or ():
        path = _normal(posixpath.join(folder or "", value)) if _normal(value, up=True) else ""
        if path and not _matches(ctx, path):
            effect = "" if folder is not None or step.condition else "the step fails"
            yield _Asked(value, path, place, text if varies else "", kind, effect=effect)


def _matrix(job: Job) -> Open:
    """Each axis, those of `include` among them; unknown where a row does not set it."""
    names = {pair.key.text for row in (job.matrix or (), *job.matrix_rows) for pair in row}
    axes = {name: axis_of(job, name.lower()) for name in names}
    return Open(
        {
            name: Unknown(values) if values and None not in values else Unknown()
            for name, values in axes.items()
        }
    )


def _normal(value: str, *, up: bool = False) -> str:
    """A path within the repository, or one that leads `up`; empty for any other, and the root."""
    text = value.strip()
    if not text or text.startswith(("/", "~", "-")) or "$" in text or "://" in text:
        return ""
    if any(char in text for char in "\\:#{}|<>`'\" ,"):
        return ""
    path = posixpath.normpath(text)
    return "" if path == "." or (path.startswith("..") and not up) else path


def _matches(ctx: Context, path: str) -> bool:
    return bool(_GLOBS & set(path) and matching(ctx.project.discovery.files, [path]))


def _in_script(ctx: Context, job: Job, step: Step) -> Iterator[_Asked]:
    """What the commands of a step's own script enter and are given by options."""
    script = script_of(ctx, step.id)
    if script is None or script.remote or script.tree is None:
        return
    folders = followed_of(ctx, step).known.folders
    text = script.source.text
    own = commands_of(ctx, step.id)
    around = {command.id: command for command in own}
    moved = False
    for command in own:
        folder = folders.get(command.id)
        before = text[: command.start]
        if fetches(command):
            return
        if command.embedded or runs_away(command, around):
            continue
        for value in _computed(ctx, command, text):
            if not _somewhere(ctx, name := value.rpartition("/")[2]):
                yield _Asked(value, name, command.location, "", "file or folder", before)
        chosen = _chosen(command, folder)
        if folder is None or chosen is None:
            continue
        if chosen != folder:
            yield _Asked(chosen, chosen, command.location, "", "folder", before)
            folder = chosen
        for value in (*_options(command), *_looked_at(ctx, command)):
            path = _normal(posixpath.join(folder, value)) if _normal(value, up=True) else ""
            # In which folder a script is after it has left one may be more than we see.
            if path and not (moved and _somewhere(ctx, value)) and not _matches(ctx, path):
                yield _Asked(value, path, command.location, "", "file or folder", before)
        for value in () if moved and folder == "" else needed_files(command):
            path = _normal(posixpath.join(folder, value)) if _normal(value, up=True) else ""
            lost = not ctx.project.exists(posixpath.dirname(path)) or not is_script(value)
            if path and lost and not _somewhere(ctx, value):
                yield _Asked(value, path, command.location, "", "file", before)
        for value in missing_fixtures(ctx, command):
            path = _normal(posixpath.join(folder, value)) if _normal(value, up=True) else ""
            if path:
                yield _Asked(value, path, command.location, "", "fixture", before)
        if not moved and _needs_package(ctx, command, folder):
            path = posixpath.join(folder, "package.json")
            yield _Asked(path, path, command.location, "", "file", before)
        for given in _given_by_option(ctx, command, text) if not moved else ():
            yield from _each(ctx, job, step, given, "file or folder", folder)
        if command.tool in _CHANGES and command.words:
            if not (moved and _somewhere(ctx, command.words[0])):
                yield from _entered(command, folder, text)
            moved = True


def _needs_package(ctx: Context, command: Command, folder: str) -> bool:
    """Whether a call of npm or the like runs a script of a `package.json` that is nowhere above.

    Options may name another folder.
    """
    if command.tool not in _MANAGERS or None in command.argv:
        return False
    first = command.words[0] if command.words else ""
    if first not in _OF_A_PACKAGE or any(word.startswith(_ELSEWHERE) for word in command.words):
        return False
    return not any(ctx.project.exists(posixpath.join(each, "package.json")) for each in _up(folder))


def _up(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def _chosen(command: Command, folder: str | None) -> str | None:
    """Where a command works that is told so: `-chdir=FOLDER`; None where that is not known."""
    if command.tool not in ("terraform", "tofu") or folder is None:
        return folder
    told = next((word for word in command.beginnings if word.startswith("-chdir=")), None)
    if told is None:
        return folder
    if told not in command.words:
        return None  # a part of it is only known when it runs
    return posixpath.normpath(posixpath.join(folder, told.removeprefix("-chdir=")))


def _entered(command: Command, folder: str, text: str) -> Iterator[_Asked]:
    """`cd FOLDER`, where nothing else follows if it fails."""
    target = command.words[0]
    rest = text[command.start :].partition("\n")[0]
    if command.outer or not target or _GLOBS & set(target):
        return
    if "||" in rest and "exit" not in rest:
        return
    path = _normal(posixpath.join(folder, target)) if _normal(target, up=True) else ""
    if path:
        before = text[: command.start]
        yield _Asked(target, path, command.location, "", "folder", before)


def _options(command: Command) -> Iterator[str]:
    """The values of options that name files and folders."""
    options = table("file_options")["options"].get(command.tool, ())
    for before, word in pairwise(command.argv) if options else ():
        name, _, joined = (word or "").partition("=")
        value = word if before in options else joined if name in options and joined else None
        if value and "=" not in value and ("/" in value or _ENDING.search(value)):
            yield value


def _looked_at(ctx: Context, command: Command) -> Iterator[str]:
    """The paths that a gate is given as plain words, where it fails without them."""
    words = table("code")["words"]
    row = row_of(ctx, command) if command.tool in words["paths"].split() else None
    if row is None or row.get("blind"):
        return
    flags = words["flags"].split()
    for before, word in pairwise(command.argv):
        option = before is None or before.startswith("-")
        behind = option and (before not in flags or "/" not in (word or ""))
        if word and not behind and word[0] != "-" and word not in _SUBCOMMANDS:
            yield word.partition("::")[0]


def _given_by_option(ctx: Context, command: Command, text: str) -> Iterator[Authored]:
    """The values of such options that are one `${{ }}`, or hold one."""
    for written, word in _optional_words(ctx, command, text):
        parts = word.parts
        if any(isinstance(part, shell.Placeholder) for part in parts) and all(
            isinstance(part, shell.Placeholder | shell.Literal) for part in parts
        ):
            yield Authored(written, command.location)


def _optional_words(ctx: Context, command: Command, text: str) -> Iterator[tuple[str, shell.Word]]:
    """The values of such options that are only known when they run, as written."""
    options = table("file_options")["options"].get(command.tool, ())
    exact = words_of(ctx, command) if options and None in command.argv else ()
    for before, word in pairwise(exact):
        written = text[word.start : word.end].replace('"', "").replace("'", "")
        name, _, joined = written.partition("=")
        value = written if before.static in options else joined if name in options else ""
        if word.static is None and value and "=" not in value:
            yield value, word


def _computed(ctx: Context, command: Command, text: str) -> Iterator[str]:
    """The values of such options that are known by their file's name only, as written."""
    for value, _ in _optional_words(ctx, command, text):
        folder, _, last = value.rpartition("/")
        if "$" in folder and _normal(folder.partition("/")[0]) and _ENDING.search(last):
            yield value


def _somewhere(ctx: Context, path: str) -> bool:
    """Whether a path ends anywhere in the repository as this one does."""
    tail = posixpath.normpath(path)
    while tail.startswith("../"):
        tail = tail.removeprefix("../")
    files = ctx.project.discovery.files
    return any(f"/{tail}/" in f"/{path}/" for path in files)
