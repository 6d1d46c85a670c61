"""Which commands are gates: their failure is meant to stop a change."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.matching import matching
from iact_guard.data.tables import Row, rows, table
from iact_guard.load.wrappers import tool_of
from iact_guard.model.command import Command
from iact_guard.model.regex import regex

_WORDS = regex(r"[a-z]+[0-9]*[a-z]*")
_PYTHON = regex(r"(py|pypy|python)[\d.]*")
_SCRIPTS = (".sh", ".bash", ".py")
_CONTAINERS = frozenset({"docker", "podman"})
_GRADLE = frozenset({"gradle", "gradlew"})
_MAVEN = frozenset({"mvn", "mvnw"})
_ENVIRONMENTS = frozenset({"tox", "nox"})
_CHOOSING = frozenset({"-e", "--env", "-s", "--session", "--sessions"})


def gate_of(ctx: Context, command: Command) -> str | None:
    """The kind of gate that a command is: by the configuration, by the table, by its name."""
    row = row_of(ctx, command)
    return str(row["kind"]) if row else None


def row_of(ctx: Context, command: Command) -> Row | None:
    """What is known of a command as a gate; `named` where only the name of what it runs tells."""
    for gate in ctx.project.config.gates:
        if gate.tool == command.argv[0] or tool_of(gate.tool) == command.tool:
            return {"kind": gate.kind}
    row = matching(as_program(command), rows("gates", "gate"))
    if row:
        return row
    kind = _kind_by_name(command)
    return {"kind": kind, "named": True} if kind else None


def as_program(command: Command) -> Command:
    """`docker run IMAGE ...` as a call of the program that the image starts, any other as it is.

    The tasks of Gradle without their projects: `:app:test` as `test`; the goals of Maven by the
    short name of their plugin: `com.github.spotbugs:spotbugs-maven-plugin:check`.
    """
    if command.tool in _GRADLE:
        begun = tuple(w if w[:1] == "-" else w.rpartition(":")[2] for w in command.beginnings)
        return replace(command, beginnings=begun)
    if command.tool in _MAVEN:
        return replace(command, beginnings=tuple(map(_goal, command.beginnings)))
    if command.tool not in _CONTAINERS or command.words[:1] != ("run",):
        return command
    images = table("gates")["images"]
    for index, word in enumerate(command.beginnings):
        name = word.rpartition("/")[2].partition(":")[0].partition("@")[0]
        if index > 1 and "/" in word and word[:1] not in "-.$/" and name in images:
            program = images[name]
            argv = (program, *command.argv[index + 1 :])
            begun = (program, *command.beginnings[index + 1 :])
            return replace(command, argv=argv, beginnings=begun, tool=program)
    return command


def _goal(word: str) -> str:
    """`spotbugs:check` of a goal that is written with the group, and perhaps the version."""
    parts = word.split(":")
    if word[:1] == "-" or len(parts) < 3:
        return word
    plugin = parts[1].removeprefix("maven-").removesuffix("-plugin").removesuffix("-maven")
    return f"{plugin}:{parts[-1]}"


def _kind_by_name(command: Command) -> str | None:
    """The kind that a target, a script or an environment is named for."""
    if command.tool in _ENVIRONMENTS:
        return _of_environments(command)
    runner = table("gates")["runner"].get(command.tool)
    if runner is None:
        stem = command.tool.rpartition(".")[0]
        script = command.tool.endswith(_SCRIPTS) and stem in table("gates")["names"]["files"]
        return "test" if script else None
    words = _behind_options(_with_targets(command.words, runner), runner.get("values", ()))
    if command.tool == "yarn" and words[:1] == ["workspace"]:
        words = words[2:]
    before = runner.get("after", ())
    named = words[1:] if words[0:1] and words[0] in before else words
    if named is words and words and words[0] not in runner.get("direct", words):
        return None
    if named[:1] == ["t"]:
        return "test"  # as npm has it
    kinds = (_kind_of(name) for name in named[: None if command.tool == "make" else 1])
    return next((kind for kind in kinds if kind), None)


def _with_targets(words: tuple[str, ...], runner: Row) -> tuple[str, ...]:
    """The words with the names that options hold as words of their own: `--target=test`."""
    found: list[str] = []
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name in runner.get("targets", ()):
            found += value.split(",")
        else:
            found.append(word)
    return tuple(found)


def _behind_options(words: tuple[str, ...], values: Sequence[str]) -> list[str]:
    """The words that are no options, no values of options, no assignments, and known."""
    pairs = zip(("", *words), words, strict=False)
    return [
        word
        for last, word in pairs
        if word and word[0] not in "-$" and "=" not in word and last not in values
    ]


def _of_environments(command: Command) -> str | None:
    words = command.words
    if {"--version", "--notest", "--list", "-l", "list", "--help", "config"} & set(words):
        return None
    found = [
        word
        for last, word in zip(("", *words), words, strict=False)
        if word and (last in _CHOOSING or (word[:2] == "-e" and len(word) > 2))
    ]
    if not found:
        return "test"
    return next((kind for name in found if (kind := _kind_of(name.removeprefix("-e")))), None)


@cache
def _kind_of(name: str) -> str | None:
    """`lint-js` is a lint, `unit-tests` are tests, `test-setup` and `build-test-image` are none."""
    names = table("gates")["names"]
    words = _WORDS.findall(name.lower())
    if _PYTHON.match(name):
        return "test"
    if not words or not frozenset(words).isdisjoint(names["other"]):
        return None
    formats = not frozenset(words).isdisjoint(names["format"])
    if formats and not frozenset(words).isdisjoint(names["checks"]):
        return "format"
    kinds = ("lint", "types", "coverage", "sast", "dependencies", "test")
    ends = (words[0], words[-1])
    return next((k for k in kinds if any(word in names[k] for word in ends)), None)
