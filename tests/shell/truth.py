"""What a shell really does with a script: once with the gate passing, once failing.

Everything else is a stub that succeeds; what may go either way (variables, files, the answers of
queries) is tried both ways, the same for both runs of a pair.
"""

import os
import random
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.failure import failure_of
from iact_guard.data.tables import rows
from iact_guard.load.wrappers import inner_of, wrapper_of
from iact_guard.project import Project
from iact_guard.syntax import shell
from iact_guard.tree import DictTree

GATE = "gate"
SHELLS = {
    "": "bash -e {0}",
    "bash": "bash --noprofile --norc -eo pipefail {0}",
    "sh": "sh -e {0}",
    "bash {0}": "bash {0}",
    "bash -eu {0}": "bash -eu {0}",
    "bash -euo pipefail {0}": "bash -euo pipefail {0}",
}
"""As a workflow names them, and what is run."""
TIMEOUT = 10
MAX_WORLDS = 12
MAX_SEARCHED = 80
_REAL = (
    *("bash", "sh", "dash", "timeout", "env", "xargs", "find", "nohup", "nice", "cat", "tee"),
    *("head", "tail", "sort", "tr", "wc", "cut", "sed", "basename", "dirname", "date", "mkdir"),
    *("touch", "rm", "ls", "cp", "mv", "seq", "printf", "mktemp", "stdbuf", "setsid", "rmdir"),
)
_RUNNERS = {
    "sudo": 'while [ "${1#-}" != "$1" ]; do shift; done; exec "$@"',
    "npx": 'while [ "${1#-}" != "$1" ]; do shift; done; exec "$@"',
    "poetry": 'shift; while [ "${1#-}" != "$1" ]; do shift; done; exec "$@"',
    "uv": 'shift; while [ "${1#-}" != "$1" ]; do shift; done; exec "$@"',
    "pipenv": 'shift; exec "$@"',
    "python": '[ "$1" = -m ] && shift && exec "$@"; exit 0',
    "ssh": (
        'while :; do case "$1" in -o|-i|-p) shift 2;; -*) shift;; *) break;; esac; done; shift; '
        'if [ $# = 0 ]; then exec bash -s; fi; exec bash -c "$*"'
    ),
    "docker": (
        'while [ $# -gt 0 ]; do case "$1" in gate|bash|sh) exec "$@";; esac; shift; done; exit 0'
    ),
    "retry": 'exec "$@"',
}
_COMMAND_FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
_PLACEHOLDER = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_NAMES = re.compile(r"[A-Za-z_]\w*")
_PLAIN = re.compile(r"[A-Za-z0-9_./-]{0,24}")


@dataclass(frozen=True)
class Truth:
    """What the pairs of runs showed."""

    failed: int
    swallowed: int

    @property
    def verdict(self) -> str:
        """`none` where the step never passed, even with the gate passing."""
        if not self.failed and not self.swallowed:
            return "none"
        if not self.swallowed:
            return "fails"
        return "conditional" if self.failed else "swallowed"


@dataclass
class World:
    """One answer to everything that the script does not tell."""

    variables: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    placeholders: dict[str, str] = field(default_factory=dict)
    code: int = 1
    speaks: bool = False
    """The other programs print something."""


def verdict_of(script: str, chosen: str) -> str:
    """Our verdict for the gate of a script."""
    indented = "\n".join(f"          {line}".rstrip() for line in script.split("\n"))
    own = f"        shell: {chosen}\n" if chosen else ""
    text = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n{indented}\n{own}"
    project = Project(DictTree({".github/workflows/ci.yml": text}))
    context = Context(project)
    found = [each for each in project.entities("command") if each.tool == GATE]
    if not found:
        return "no gate"
    fact = failure_of(context, found[-1])
    assert not project.problems, [problem.reason for problem in project.problems]
    return fact.known.verdict if fact.state == "known" else "unknown"


class Judge:
    """Runs scripts in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = folder / "bin"
        self.base.mkdir(parents=True)
        for name in _REAL:
            path = shutil.which(name)
            if path:
                (self.base / name).symlink_to(path)
        for name, body in _RUNNERS.items():
            self.program(name, body)
        for name, path in (("yes", "true"), ("no", "false"), ("says", "echo")):
            (folder / name).symlink_to(shutil.which(path) or f"/bin/{path}")
        self.program("gate-stub", 'read -r status < "${0%/*}/status"; exit "$status"')
        self.gate = self.base / "gate-stub"
        self.count = 0

    def program(self, name: str, body: str) -> None:
        """A program of ours."""
        path = self.base / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def truth(self, script: str, chosen: str, *, thorough: bool = False) -> Truth:
        """What every pair of runs shows; `thorough` looks on until both kinds were seen."""
        failed = swallowed = 0
        stubs = self.stubs(script)
        for world in worlds(script, MAX_SEARCHED if thorough else MAX_WORLDS):
            if failed and swallowed:
                break
            if self.run(script, chosen, world, 0, stubs) == 0:
                status = self.run(script, chosen, world, world.code, stubs)
                failed += status not in (None, 0)
                swallowed += status == 0
        shutil.rmtree(stubs)
        return Truth(failed, swallowed)

    def stubs(self, script: str) -> Path:
        """Folders with a stub for every program: one where they are silent, one where not."""
        self.count += 1
        folder = self.folder / f"stubs{self.count}"
        for kind in ("yes", "says"):
            (folder / kind).mkdir(parents=True)
            for name in programs(script):
                looked_for = re.search(rf"\b(command -v|type|hash) {re.escape(name)}\b", script)
                if not looked_for and not (self.base / name).exists():
                    (folder / kind / name).symlink_to(self.folder / kind)
        return folder

    def run(self, script: str, chosen: str, world: World, status: int, stubs: Path) -> int | None:
        """The script's status; None where it does not end."""
        self.count += 1
        here = self.folder / f"run{self.count}"
        own, work = here / "answers", here / "work"
        own.mkdir(parents=True)
        work.mkdir()
        (own / GATE).symlink_to(self.gate)
        (own / "status").write_text(f"{status}\n")
        common = stubs / ("says" if world.speaks else "yes")
        for name, answer in world.answers.items():
            if (self.base / name).exists():
                continue
            if (common / name).exists() and answer:
                (own / name).symlink_to(self.folder / "no")
            elif not (common / name).exists() and not answer:
                (own / name).symlink_to(self.folder / "yes")
        for name, kind in world.files.items():
            path = work / name
            if kind == "dir":
                path.mkdir(parents=True, exist_ok=True)
            elif kind == "file":
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("x\n")
                path.chmod(0o755)
        text = _PLACEHOLDER.sub(lambda match: world.placeholders.get(match[1], ""), script)
        (here / "script").write_text(text + "\n")
        argv = SHELLS[chosen].replace("{0}", str(here / "script")).split()
        argv[0] = str(self.base / argv[0])
        environment = {
            "PATH": f"{own}:{common}:{self.base}",
            "HOME": str(work),
            **{name: str(here / name) for name in _COMMAND_FILES},
            **world.variables,
        }
        process = subprocess.Popen(
            argv, cwd=work, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            return process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None
        finally:
            shutil.rmtree(here, ignore_errors=True)


def programs(script: str) -> set[str]:
    """Every program that a script may call, those in its texts included."""
    found = set(re.findall(r"[A-Za-z_][\w.-]*", script))
    return {name for name in found if len(name) < 40} - {GATE}


def worlds(script: str, limit: int = MAX_WORLDS) -> Iterator[World]:
    """Answers to what the script does not tell: all of them, or a sample."""
    tree = shell.parse(script)
    variables, files, queries, literals = _open_ends(tree)
    if "((" in script or "-gt" in script:
        literals.update(str(int(number) + 1) for number in re.findall(r"\b\d{1,2}\b", script))
    codes = [1, *{2, 99, *_compared(script)}] if "?" in script or "wait" in script else [1]
    axes: list[list[tuple[str, str, str | int]]] = [[("code", "", code) for code in codes]]
    speaks = "$(" in script or "`" in script or "read" in script or "xargs" in script
    if speaks and "PIPESTATUS" not in script:
        axes.append([("speaks", "", False), ("speaks", "", True)])
    places = sorted({match[1] for match in _PLACEHOLDER.finditer(script)})
    texts = ["", "x", *sorted(literals | {"0", "1"})[:9]]
    counted = {
        name for sum in re.findall(r"\(\(([^()]*)\)", script) for name in _NAMES.findall(sum)
    }
    for name in sorted(variables):
        numbers = [text for text in texts if not text or text.isdigit()]
        fitting = numbers if name in counted else texts
        axes.append([("variable", name, text) for text in fitting])
    axes += [[("place", name, text) for text in _texts_for(name, texts)] for name in places]
    axes += [
        [("file", name, kind) for kind in (("dir",) if want == "always" else ("", want))]
        for name, want in sorted(files.items())
    ]
    axes += [[("answer", name, code) for code in (0, 1)] for name in sorted(queries)]
    total = 1
    for axis in axes:
        total *= len(axis)
    if total <= limit:
        yield from (_world(combination) for combination in product(*axes))
        return
    chooser = random.Random(script)  # the same sample every time
    yield _world([axis[0] for axis in axes])
    yield _world([axis[-1] for axis in axes])
    for _ in range(limit - 2):
        yield _world([chooser.choice(axis) for axis in axes])


def _compared(script: str) -> list[int]:
    """The statuses that a script speaks of."""
    found = {int(number) for number in re.findall(r"(?<![\w.])\d{1,3}(?![\w.])", script)}
    return sorted(found & set(range(1, 256)))[:4]


def _texts_for(expression: str, texts: list[str]) -> list[str]:
    literal = re.fullmatch(r"'([^']*)'|(true|false|\d+)", expression)
    return [literal[1] or literal[2] or ""] if literal else texts


def _world(combination: object) -> World:
    world = World()
    for kind, name, answer in combination:  # type: ignore[attr-defined]
        match kind:
            case "code":
                world.code = answer
            case "speaks":
                world.speaks = answer
            case "variable" if answer != "":
                world.variables[name] = answer
            case "place":
                world.placeholders[name] = answer
            case "file" if answer:
                world.files[name] = answer
            case "answer":
                world.answers[name] = answer
    return world


def _open_ends(
    tree: shell.Script,
) -> tuple[set[str], dict[str, str], set[str], set[str]]:
    """Variables, files, queries, and the texts that variables are compared with."""
    variables: set[str] = set()
    files: dict[str, str] = {}
    queries: set[str] = set()
    literals: set[str] = set()
    queried = set(rows("queries", "query"))
    pending = [tree]
    while pending:
        for node in shell.walk(pending.pop().body):
            match node:
                case shell.Variable(name=name) if name.isidentifier():
                    variables.add(name)
                case shell.Command() if node.words:
                    words = [word.static or "" for word in node.words]
                    if words[0] in ("[", "test"):
                        _tested(words[1:], files, literals)
                    if words[0] in ("cd", "pushd") and _PLAIN.fullmatch(words[-1]):
                        files.setdefault(words[-1], "always")
                    if words[0] in ("command", "type", "hash") and len(words) > 1:
                        queries.add(words[-1])
                    elif words[0] in queried or (words[0] == "git" and "diff" in words):
                        queries.add(words[0])
                    pending += _inner(node)
                case shell.Conditional(words=found):
                    _tested([word.static or "" for word in found], files, literals)
                case shell.Case(arms=arms):
                    for arm in arms:
                        literals.update((p.static or "").replace("*", "a") for p in arm.patterns)
                case shell.If(branches=branches):
                    queries.update(name for each, _ in branches for name in _asked(each))
                case shell.While(condition=condition):
                    queries.update(_asked(condition))
                case shell.AndOr() if "||" in node.operators:
                    first = node.operators.index("||") + 1
                    if GATE in tree.text[node.items[first].start : node.end]:
                        queries.update(_asked(node))
    for found in re.findall(r"\(\(([^()]*)\)", tree.text):
        variables.update(_NAMES.findall(found))
    variables -= {name for name in variables if _own(name, tree.text)}
    variables -= {"PATH", "HOME", "PIPESTATUS", "RANDOM", "OPTARG", "LINENO", "SECONDS"}
    variables -= set(_COMMAND_FILES)
    return variables, files, queries - {GATE}, {t for t in literals if _PLAIN.fullmatch(t)}


def _own(name: str, text: str) -> bool:
    """Whether a script sets a variable itself, and does not look at the environment's first."""
    if name.islower():
        sets = rf"\b{name}(\[[^]]*\])?\+?=|\b(for|read|let) [^\n;]*\b{name}\b"
        return bool(re.search(sets, text))
    first = re.search(rf"\b{name}\b", text)
    line = text[first.start() :].partition("\n")[0] if first else ""
    return bool(re.match(rf"{name}\+?=", line)) and len(re.findall(rf"\b{name}\b", line)) == 1


def _inner(node: shell.Command) -> Iterator[shell.Script]:
    """The texts that another shell reads."""
    found = wrapper_of(node.argv)
    inner = inner_of(node.argv, *found) if found else None
    if inner and (inner.script or " " in node.words[inner.index].literal):
        yield shell.parse(node.words[inner.index].literal)
    for redirect in node.redirects:
        if redirect.heredoc and found:
            yield shell.parse("".join(getattr(p, "text", "") for p in redirect.heredoc.parts))


def _asked(node: shell.Node) -> Iterator[str]:
    for inner in shell.walk(node):
        if isinstance(inner, shell.Command) and inner.words:
            name = inner.argv[0] or ""
            if name not in ("[", "test", "true", "false", "echo", ":", "!", GATE, *_RUNNERS):
                yield name


def _tested(words: list[str], files: dict[str, str], literals: set[str]) -> None:
    for index, word in enumerate(words[:-1]):
        following = words[index + 1]
        if word in ("-f", "-e", "-s", "-x", "-r", "-w") and _PLAIN.fullmatch(following):
            files.setdefault(following, "file")
        elif word == "-d" and _PLAIN.fullmatch(following):
            files[following] = "dir"
        elif word in ("=", "==", "!=", "-eq", "-ne", "-gt", "-lt", "-ge", "-le"):
            literals.update((following.replace("*", "a"), *(words[index - 1 : index])))
    files.pop("", None)
