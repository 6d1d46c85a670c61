"""The scripts of `run:` steps: the shell that reads each, its tree, its commands."""

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise, takewhile
from typing import Any

from iact_guard.data.tables import table
from iact_guard.load.passing import passing
from iact_guard.load.programs import programs, written_out
from iact_guard.load.wrappers import Inner, argv_of, inner_of, overrides_in, tool_of, wrapper_of
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Job, Step, Workflow
from iact_guard.syntax import shell

MAX_WRAPPED = 5
"""Wrappers within wrappers."""
MAX_TEXT = 300_000
"""Characters of script in one file that are understood: of its shortest scripts."""
_SHELLS = frozenset({"bash", "sh", "dash", "zsh", "ksh"})


@dataclass(frozen=True, slots=True)
class Shell:
    """What reads a script."""

    name: str
    """`bash`, `sh`, `pwsh`, `python`, ...; empty where it is only known when it runs."""
    errexit: bool = True
    pipefail: bool = False
    chosen: Authored | None = None
    """Where the author chose it; None for GitHub's default."""

    @property
    def understood(self) -> bool:
        """Whether it reads what we can read."""
        return self.name in _SHELLS


@dataclass(frozen=True, slots=True)
class Script:
    """The script of a step."""

    id: str
    """`script:<path>#<job>/<step>`."""
    path: str
    location: Location
    step: str
    """The entity id of its step."""
    source: Authored
    reader: Shell
    tree: shell.Script | None
    """None where another shell reads it, or it is too long."""
    reason: str = ""
    """Why there is no tree."""
    remote: bool = False
    """Another machine runs it."""


def scripts(steps: Iterable[tuple[Step, Job | None, Workflow | None]]) -> tuple[Script, ...]:
    """The script of each step that has one, in order: its `run`, or an input of its action.

    A step comes with its job and workflow; one of a composite action has neither.
    """
    written = []
    for step, job, workflow in steps:
        row = _script_input(step)
        text = step.run or (_given(step, row) if row else None)
        if text is not None:
            chosen = _reader(step, row) if row else shell_of(step, job, workflow)
            written.append((step, row, text, chosen))
    read: Counter[str] = Counter()
    beyond: set[str] = set()
    for step, _, text, _ in sorted(written, key=lambda each: len(each[2].text)):
        read[step.path] += len(text.text)
        if read[step.path] > MAX_TEXT:
            beyond.add(step.id)
    found = []
    for step, row, text, chosen in written:
        tree, reason = _tree(text.text, chosen, beyond=step.id in beyond)
        script = Script(
            id=f"script:{step.id.removeprefix('step:')}",
            path=step.path,
            location=text.location,
            step=step.id,
            source=text,
            reader=chosen,
            tree=tree,
            reason=reason,
            remote=row.get("remote", False),
        )
        found.append(script)
    return tuple(found)


def _reader(step: Step, row: dict[str, Any]) -> Shell:
    """The shell of an action's script; an input may make it stop at errors."""
    stop = step.input(row.get("stops", ""))
    return Shell("bash", row["errexit"] or bool(stop and stop.text.strip().lower() == "true"))


def _given(step: Step, row: dict[str, Any]) -> Authored | None:
    """The input that is a script, or arguments with their program before them."""
    for name, program in row.get("arguments", {}).items():
        given = step.input(name)
        if given and given.text.strip():
            return _behind(f"{program} ", given)
    return step.input(row["input"])


def _behind(prefix: str, text: Authored) -> Authored:
    """A text with another before it, which stands nowhere."""
    length = len(prefix)

    def locate(start: int, end: int) -> Location:
        return text.region(max(start - length, 0), max(end - length, 1))

    return Authored(prefix + text.text, text.location, locate)


def _script_input(step: Step) -> dict[str, Any]:
    """The row of an action that takes a script; empty for any other step."""
    if step.run or not step.uses:
        return {}
    name = step.uses.text.partition("@")[0].strip().lower()
    row: dict[str, Any] = table("script_inputs").get(name, {})
    return row


def commands(scripts: Iterable[Script]) -> tuple[Command, ...]:
    """The commands of scripts, each followed by those that it runs."""
    return tuple(
        command for script in scripts if script.tree for command in _Commands(script).all()
    )


def argvs(text: str) -> Iterator[tuple[str | None, ...]]:
    """The words of each command of a text, and of those that it runs: scripts of packages."""
    for node in shell.walk(shell.parse(text).body):
        argv = node.argv if isinstance(node, shell.Command) else ()
        for _ in range(MAX_WRAPPED):
            if not argv:
                break
            yield argv
            found = wrapper_of(argv)
            inner = inner_of(argv, *found) if found else None
            argv = argv[inner.index :] if inner else ()


def shell_of(step: Step, job: Job | None, workflow: Workflow | None) -> Shell:
    """The shell of a step: its own, or the default of its job or workflow, or GitHub's."""
    owners = (step.shell, job.shell if job else None, workflow.shell if workflow else None)
    chosen = next((text for text in owners if text), None)
    if chosen is None:
        runners = job.runs_on if job else ()
        windows = bool(runners) and all("windows" in runner.text for runner in runners)
        return Shell("pwsh" if windows else "bash")
    words = chosen.text.split()
    if not words or "${{" in chosen.text:
        return Shell("", chosen=chosen)
    name = tool_of(words[0])
    if len(words) == 1:
        return Shell(name, pipefail=name == "bash", chosen=chosen)
    return Shell(name, _has(words, "e", "errexit"), _has(words, "", "pipefail"), chosen)


def _has(words: list[str], letter: str, option: str) -> bool:
    """Whether a shell is started with an option, by its letter or behind `-o`."""
    flags = [word for word in words[1:] if word.startswith("-") and not word.startswith("--")]
    return option in words or (bool(letter) and any(letter in flag for flag in flags))


def _tree(text: str, chosen: Shell, *, beyond: bool) -> tuple[shell.Script | None, str]:
    if not chosen.understood:
        what = chosen.name or "a shell that is only known when it runs"
        return None, f"{what} reads the script"
    if beyond:
        return None, f"more than {MAX_TEXT} characters of script in one file"
    return shell.parse(text), ""


@dataclass(frozen=True, slots=True)
class _Context:
    """Where a command stands: within which other, and in whose text."""

    text: str
    offset: int | None
    """Of the text in the step's script; None where they do not correspond."""
    place: Location
    start: int
    outer: str = ""
    depth: int = 0
    at: tuple[int, ...] = ()
    """The beginnings of the simple commands that the text stands in, from the outermost inwards."""


class _Commands:
    """The commands of one script."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.seen: Counter[str] = Counter()
        self.passing = passing(script.tree) if script.tree else {}
        self.programs = programs(script.tree) if script.tree else {}

    def all(self) -> Iterator[Command]:
        tree = self.script.tree
        if tree:
            here = _Context(tree.text, 0, self.script.location, 0)
            yield from self.of_tree(tree, here)

    def of_tree(self, tree: shell.Script, context: _Context) -> Iterator[Command]:
        for node in shell.walk(tree.body):
            if isinstance(node, shell.Command) and node.words:
                yield from self.of_words(written_out(node, self.programs), 0, context)

    def of_words(self, node: shell.Command, index: int, context: _Context) -> Iterator[Command]:
        """The command that begins at a word, and what it runs."""
        command = self.command(node, index, context)
        argv = (command.tool or None, *argv_of(node, index + 1))
        passed = self.passing.get(argv[0] or "", 0) if not index else 0
        found = None if passed else wrapper_of(argv)
        inner = inner_of(argv, *found) if found else None
        if passed and passed < len(argv):
            inner = Inner(passed)
        if context.depth >= MAX_WRAPPED:
            reason = f"commands that run commands, more than {MAX_WRAPPED} deep"
            yield replace(command, unread=reason) if found else command
            return
        if not inner and not found:
            yield command
            return
        below = _Context(
            context.text, context.offset, command.location, command.start, command.id,
            context.depth + 1, context.at,
        )  # fmt: skip
        within = replace(below, at=(*context.at, node.start))
        texts: list[_Text] = []
        if inner and found and reads_input(node.words[index + inner.index].literal):
            documents = (redirect.heredoc for redirect in node.redirects if redirect.heredoc)
            texts += (self.embedded(document.parts, within) for document in documents)
        elif inner and found and _is_text(node.words[index + inner.index], inner):
            texts.append(self.embedded(node.words[index + inner.index].parts, within))
        elif found and not inner and found[0].overrides:
            texts += self.overridden(node, index, found[0].overrides, within)
        elif found and not inner and found[0].stdin:
            documents = (redirect.heredoc for redirect in node.redirects if redirect.heredoc)
            texts += (self.embedded(document.parts, within) for document in documents)
        unread = next((tree.unparsed.reason for tree, _ in texts if tree.unparsed), "")
        yield replace(command, unread=unread) if unread else command
        for tree, place in texts:
            yield from self.of_tree(tree, place)
        if inner and not texts:
            yield from self.of_words(node, index + inner.index, below)

    def overridden(
        self, node: shell.Command, index: int, option: str, context: _Context
    ) -> Iterator["_Text"]:
        """The commands that a JSON text gives to containers."""
        words = node.words[index:]
        values = (b for a, b in pairwise(words) if a.static == option)
        for text in (value.literal for value in values):
            for argv in overrides_in(text):
                below = replace(context, text=shlex.join(argv), offset=None)
                yield shell.parse(below.text), below

    def embedded(self, parts: tuple[shell.Part, ...], context: _Context) -> "_Text":
        """A text within a script that another shell reads: a word, a here document."""
        exact, end = context.offset is not None, None
        for part in parts:
            if isinstance(part, shell.Literal):
                exact &= len(part.text) == part.end - part.start
            exact &= end in (None, part.start)
            end = part.end
        offset = (context.offset or 0) + parts[0].start if exact and parts else None
        below = replace(context, text=embedded_text(context.text, parts), offset=offset)
        return shell.parse(below.text), below

    def command(self, node: shell.Command, index: int, context: _Context) -> Command:
        start = node.words[index].start if index else node.start
        text = context.text[start : node.end]
        argv = node.argv[index:]
        tool = _program(node.words[index])
        self.seen[tool] += 1
        ordinal = f"~{self.seen[tool]}" if self.seen[tool] > 1 else ""
        embedded = bool(context.outer) and context.text is not self.script.source.text
        return Command(
            id=f"command:{self.script.id.removeprefix('script:')}/{tool or '?'}{ordinal}",
            path=self.script.path,
            location=self.place(start, text, context),
            step=self.script.step,
            text=text,
            argv=argv,
            tool=tool,
            start=context.start if embedded else node.start,
            outer=context.outer,
            embedded=embedded,
            beginnings=tuple(_beginning(word) for word in node.words[index:]),
            at=(*context.at, node.start),
            assigns=() if index else _assigns(node),
        )

    def place(self, start: int, text: str, context: _Context) -> Location:
        """The first line of a text, in the file."""
        if context.offset is None:
            return context.place
        begin = context.offset + start
        return self.script.source.first_line(begin, begin + max(len(text), 1))


_Text = tuple[shell.Script, _Context]


def embedded_text(around: str, parts: Iterable[shell.Part]) -> str:
    """What another shell reads: a word or a here document of the text around it."""
    pieces = []
    for part in parts:
        raw = around[part.start : part.end]
        if isinstance(part, shell.Literal):
            pieces.append(part.text)
        elif isinstance(part, shell.Variable | shell.Placeholder):
            pieces.append(raw)
        else:  # what it runs was seen already: the outer shell runs it
            pieces.append("$" + "_" * (len(raw) - 1))
    return "".join(pieces)


def _program(word: shell.Word) -> str:
    """The program's name, also where only its folder or version is known when it runs."""
    if word.static is not None or not word.parts:
        return tool_of(word.static)
    first, last = word.parts[0], word.parts[-1]
    if isinstance(last, shell.Literal) and "/" in last.text:
        return tool_of(last.text)
    if len(word.parts) == 2 and isinstance(last, shell.Literal) and last.text[:1].isalpha():
        return tool_of(last.text)  # `${PREFIX}pytest`
    if isinstance(first, shell.Literal) and first.text in ("python", "pip"):
        return first.text
    return ""


def reads_input(text: str) -> bool:
    """`bash -s` as one word: the other machine's shell reads what follows."""
    name, *flags = text.split() or [""]
    return name in _SHELLS and bool(flags) and all(flag[:1] == "-" for flag in flags)


def _is_text(word: shell.Word, inner: Inner) -> bool:
    """Whether a shell reads the word that a wrapper runs, and not just starts it."""
    return inner.script or " " in word.literal.strip()


def _beginning(word: shell.Word) -> str:
    if word.static is not None:
        return word.static
    literal = takewhile(lambda part: isinstance(part, shell.Literal), word.parts)
    return "".join(part.text for part in literal if isinstance(part, shell.Literal))


def _assigns(node: shell.Command) -> tuple[tuple[str, str | None], ...]:
    return tuple(
        (each.name, each.value[0].static if each.value else "")
        for each in node.assignments
        if not each.array
    )
