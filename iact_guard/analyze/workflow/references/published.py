"""Files that a step reads to publish them, and whether a step before it writes them."""

import posixpath
import re
from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import followed_of, normal, script_with
from iact_guard.analyze.shell.scripts import paths_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.performed import Performed, work_of
from iact_guard.data.tables import table
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job
from iact_guard.syntax import shell

_READS = regex(r"""readFile(?:Sync)?\(\s*(['"`])([^'"`$*]+)\1""")
_LOOKS = regex(r"existsSync\(|accessSync\(|\bcatch\b")
_SHOWS = frozenset({"cat"})
_ONLY_READ = frozenset({"cat", "head", "tail", "grep", "wc", "less", "test", "[", "jq", "rm",
                        "diff", "ls", "stat", "sha256sum"})  # fmt: skip
_COPIES = frozenset({"tee", "cp", "mv", "touch", "curl", "aws", "gsutil", "gcloud", "az"})
"""They write what they are given."""
_RUNNERS = frozenset({"GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STEP_SUMMARY", "GITHUB_PATH"})


@dataclass(frozen=True, slots=True)
class Published:
    """A file that a step reads, and nothing before it writes."""

    path: str
    location: Location
    instead: tuple[Evidence, ...] = ()
    """Where a file of that name is written in another folder."""


@dataclass(frozen=True, slots=True)
class _Read:
    path: str
    location: Location
    index: int
    """Of the step among those that the job performs."""


@fact("job.unwritten_files")
def unwritten_of(ctx: Context, job: Job) -> Fact[tuple[Published, ...]]:
    """The files that a job publishes although nothing writes them, where that is certain."""
    steps = work_of(ctx, job).known.steps
    if work_of(ctx, job).known.opaque:
        return known(())
    reads = (r for index, each in enumerate(steps) for r in _reads(ctx, each, index))
    judged = (_judge(ctx, job, read, steps) for read in reads)
    return known(tuple(each for each in judged if each))


def _reads(ctx: Context, performed: Performed, index: int) -> Iterator[_Read]:
    step = performed.step
    if step.uses:
        name = parse_use(step.uses).name.lower()
        script = step.input("script") if name == "actions/github-script" else None
        if script and not _LOOKS.search(script.text):
            for match in filter(_names_file, _READS.finditer(script.text)):
                yield _Read(match[2], script.first_line(match.start(2), match.end(2)), index)
        for key in table("comments")["inputs"].get(name, ()):
            given = step.input(key)
            if given and _is_plain(given.text.strip()):
                place = given.first_line(0, max(len(given.text), 1))
                yield _Read(given.text.strip(), place, index)
    for command in followed_of(ctx, step).known.commands:
        folder = followed_of(ctx, step).known.folders.get(command.id)
        for path in _read_by(command):
            if folder is not None and _is_plain(path):
                yield _Read(posixpath.join(folder, path), command.location, index)


def _names_file(match: re.Match[str]) -> bool:
    return _is_plain(match[2])


def _read_by(command: Command) -> Iterator[str]:
    if command.tool == "gh":
        options = table("comments")["commands"]["options"]
        for option, value in zip(command.words, command.words[1:], strict=False):
            if option in options:
                yield value
    elif command.tool in _SHOWS:
        yield from (word for word in command.words if "plan" in posixpath.basename(word).lower())


def _is_plain(path: str) -> bool:
    """Whether a path is one file's, within the workspace, that is written out."""
    return bool(path) and path[0] not in "/~-" and not any(char in path for char in "$*?[{\n ")


def _judge(ctx: Context, job: Job, read: _Read, steps: tuple[Performed, ...]) -> Published | None:
    path = normal(read.path) or ""
    if not path or path.startswith("..") or ctx.project.exists(path):
        return None
    name = posixpath.basename(path)
    if _is_named(name, _values(ctx, job)):
        return None
    instead: list[Evidence] = []
    for index, performed in enumerate(steps[: read.index + 1]):
        own = index == read.index
        if not _leaves_alone(performed, name, own=own):
            return None
        found = followed_of(ctx, performed.step).known
        if found.opaque or (not found.commands and performed.step.run):
            return None
        for command in found.commands:
            if command.location == read.location:
                break
            writes = _written(ctx, command, name, found.folders.get(command.id))
            if writes is None or path in writes:
                return None
            instead += [Evidence(command.location, f"this writes {each}") for each in writes]
    return Published(read.path, read.location, tuple(instead[:3]))


def _values(ctx: Context, job: Job) -> tuple[Authored, ...]:
    pairs = (*ctx.project.workflow_of(job).env, *job.env)
    return tuple(pair.value for pair in pairs)


def _is_named(name: str, texts: tuple[Authored, ...]) -> bool:
    pattern = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])")
    return any(pattern.search(text.text) for text in texts)


def _leaves_alone(performed: Performed, name: str, *, own: bool) -> bool:
    """Whether a step's action and variables have nothing to do with a file."""
    step = performed.step
    if _is_named(name, tuple(pair.value for pair in step.env)):
        return False
    if own or not step.uses:
        return True
    use = parse_use(step.uses)
    if use.kind == "local":
        return True  # its steps are among the others
    known_actions = table("comments")["named"]["actions"].split()
    reads = table("comments")["inputs"].get(use.name.lower(), ())
    texts = tuple(p.value for p in step.with_ if p.key.text.lower() not in (*reads, "script"))
    if use.name.lower() == "actions/github-script":
        script = step.input("script")
        return script is None or "writeFile" not in script.text
    return (use.name.lower() in known_actions or bool(reads)) and not _is_named(name, texts)


def _written(
    ctx: Context, command: Command, name: str, folder: str | None
) -> tuple[str, ...] | None:
    """The paths of that name which a command writes; None where it may write any."""
    if command.tool not in table("comments")["named"]["programs"].split():
        return None
    targets = tuple(_targets(ctx, command))
    if "*" in targets:
        return None
    found = [each for each in targets if posixpath.basename(each) == name]
    if command.tool not in _ONLY_READ:
        words = [word.rpartition("=")[2] for word in command.beginnings[1:]]
        found += [word for word in words if posixpath.basename(word) == name]
    if found and (folder is None or any(word.startswith("-chdir") for word in command.beginnings)):
        return None
    if command.tool in _COPIES and None in command.argv:
        return None
    return tuple(normal(posixpath.join(folder or "", each)) or each for each in found)


def _targets(ctx: Context, command: Command) -> Iterator[str]:
    """What the output of a command is redirected to; `*` for what only a run can tell."""
    script = script_with(ctx, command)
    path = paths_of(ctx, script).known.commands.get(command.start) if script else None
    for node in path or ():
        if isinstance(node, shell.Command | shell.Redirected):
            for redirect in node.redirects:
                if ">" in redirect.operator and redirect.target:
                    yield from _target(redirect.target)


def _target(word: shell.Word) -> Iterator[str]:
    named = {part.name for part in word.parts if isinstance(part, shell.Variable)}
    if word.static is not None:
        yield word.static
    elif not named & _RUNNERS:
        yield "*"
