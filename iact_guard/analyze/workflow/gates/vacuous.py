"""Gates that look at nothing: what they ask for or look at is not in the repository."""

import posixpath
from collections.abc import Iterator
from itertools import pairwise

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import (
    Followed,
    all_commands_of,
    followed_of,
    is_followed,
    script_with,
    words_of,
)
from iact_guard.analyze.shell.gates import row_of
from iact_guard.analyze.shell.matching import given
from iact_guard.analyze.shell.scripts import paths_of, script_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.gates.gate import Gate
from iact_guard.analyze.workflow.triggers.dead_filters import submodules_of
from iact_guard.data.tables import table
from iact_guard.globs import matching
from iact_guard.load.script import Script
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository
from iact_guard.model.workflow import Job, Step
from iact_guard.syntax import shell
from iact_guard.syntax.expression import (
    Call,
    Comparison,
    ExpressionError,
    Literal,
    Logical,
    Node,
    parse,
    parts,
)

_ASKS = frozenset({"-f", "-e", "-d", "-s", "-r", "-x"})
_TESTS = ("[", "test")


@dataclass(frozen=True, slots=True)
class Vacuous:
    """Whether a gate passes without looking at anything."""

    reason: str = ""
    """Empty where it looks at something, or may."""


@fact("gate.vacuous")
def vacuous_of(ctx: Context, gate: Gate) -> Fact[Vacuous]:
    """Whether a gate passes because what it is about is not there, with the place that tells.

    What something may put there while it runs is taken to be there.
    """
    if not _is_whole(ctx):
        return known(Vacuous())
    places = (*_of_condition(ctx, gate.step), *(_of_command(ctx, gate) if gate.command else ()))
    for place in places:
        return known(Vacuous(place.message), place.message, (place,))
    return known(Vacuous())


def _is_whole(ctx: Context) -> bool:
    """Whether more was given to look at than workflows: else nothing can be missed."""
    return _whole(ctx, Repository()).known


@fact("repository.holds_code")
def _whole(ctx: Context, repository: Repository) -> Fact[bool]:
    return known(any(not path.startswith(".github/") for path in ctx.project.discovery.files))


def _of_condition(ctx: Context, step: Step) -> Iterator[Evidence]:
    """`if: hashFiles('x') != ''` for an x that is not there."""
    condition = step.condition
    if condition is None or "hashfiles" not in condition.text.lower():
        return
    pieces = [part.text for part in parts(condition.text) if part.is_expression]
    try:
        node = parse(pieces[0] if pieces else condition.text)
    except ExpressionError:
        return
    operands = node.operands if isinstance(node, Logical) and node.operator == "&&" else (node,)
    for operand in operands:
        patterns = _hashed(operand)
        if patterns and all(_is_missing(ctx, step, pattern, glob=True) for pattern in patterns):
            names = ", ".join(patterns)
            yield Evidence(condition.location, f"{names} is not in the repository: it never runs")


def _hashed(node: Node) -> tuple[str, ...]:
    """The patterns of `hashFiles(...) != ''`."""
    if not isinstance(node, Comparison) or node.operator != "!=":
        return ()
    sides = (node.left, node.right)
    empty = any(isinstance(each, Literal) and each.value == "" for each in sides)
    call = next((each for each in sides if isinstance(each, Call)), None)
    if not empty or call is None or call.name.lower() != "hashfiles":
        return ()
    values = [each.value for each in call.arguments if isinstance(each, Literal)]
    return tuple(map(str, values)) if len(values) == len(call.arguments) else ()


def _of_command(ctx: Context, gate: Gate) -> Iterator[Evidence]:
    command = gate.command
    script = script_with(ctx, command) if command else None
    if command is None or script is None or script.tree is None or command.embedded:
        return
    followed = followed_of(ctx, gate.step).known
    folder = followed.folders.get(command.id)
    yield from _around(ctx, gate, command, script, folder)
    yield from _without_script(ctx, command, followed)
    yield from _selecting(ctx, gate, command, folder)


def _around(
    ctx: Context, gate: Gate, command: Command, script: Script, folder: str | None
) -> Iterator[Evidence]:
    """`if [ -f x ]; then gate; fi` and `[ -f x ] && gate` for an x that is not there."""
    path = paths_of(ctx, script).known.commands.get(command.start, ())
    for node, child in pairwise(path):
        asked: shell.Node | None = None
        if isinstance(node, shell.If):
            condition, body = node.branches[0]
            if child is body and len(condition.items) == 1:
                asked = condition.items[0].statement
        elif isinstance(node, shell.AndOr) and child is not node.items[0]:
            before = node.items[0]
            asked = before if node.operators[0] == "&&" else None
        name = _asked_for(asked) if asked else None
        if name is None or asked is None or folder is None:
            continue
        wanted = posixpath.normpath(posixpath.join(folder, name))
        if _is_missing(ctx, gate.step, wanted):
            place = script.source.first_line(asked.start, asked.end)
            yield Evidence(place, f"{wanted} is not in the repository: the gate never runs")


def _asked_for(node: shell.Node) -> str | None:
    """The path that a test asks for."""
    if isinstance(node, shell.Command):
        argv = node.argv
        words = argv[1:-1] if argv[:1] == ("[",) else argv[1:] if argv[:1] == ("test",) else ()
    elif isinstance(node, shell.Conditional):
        words = tuple(word.static for word in node.words[1:-1])
    else:
        return None
    return words[1] if len(words) == 2 and words[0] in _ASKS else None


def _without_script(ctx: Context, command: Command, followed: Followed) -> Iterator[Evidence]:
    """`npm run lint --if-present` where there is no such script."""
    hidden = any(each.command.id == command.id for each in followed.opaque)
    if given(command, "--if-present") is None or hidden or is_followed(ctx, command):
        return
    if command.tool in ("npm", "pnpm") and followed.folders.get(command.id) is not None:
        message = "package.json has no such script, and `--if-present` lets that pass"
        yield Evidence(command.location, message)


def _selecting(
    ctx: Context, gate: Gate, command: Command, folder: str | None
) -> Iterator[Evidence]:
    """Options and paths that leave nothing to look at."""
    row = row_of(ctx, command) or {}
    for option in row.get("none", ()):
        if given(command, option) is not None:
            what = option.replace("=", " ")
            yield Evidence(command.location, f"`{what}` selects nothing")
    lenient = any(given(command, option) is not None for option in row.get("empty", ()))
    if folder is None or not (lenient or row.get("blind")):
        return
    words = [word.static for word in words_of(ctx, command)[1:]]
    if None in words:
        return
    values = row.get("values", ())
    named = [
        word
        for last, word in zip(("", *words), words, strict=False)
        if word and word[:1] != "-" and last not in values and ("/" in word or "." in word)
    ]
    paths = [posixpath.normpath(posixpath.join(folder, word)) for word in named]
    if paths and all(_is_missing(ctx, gate.step, path, glob=True) for path in paths):
        yield Evidence(command.location, f"{', '.join(named)}: nothing of it is in the repository")
    elif lenient and not paths and "files" in row and not _has(ctx, folder, row["files"]):
        yield Evidence(command.location, "there are no tests, and an option lets that pass")


def _has(ctx: Context, folder: str, patterns: list[str]) -> bool:
    inside = [p for p in ctx.project.discovery.files if not folder or p.startswith(f"{folder}/")]
    return bool(matching(inside, patterns))


def _is_missing(ctx: Context, step: Step, path: str, *, glob: bool = False) -> bool:
    """Whether a path is not there, and nothing that runs before may have put it there."""
    if not path or path.startswith(("/", "~", "..")) or "$" in path:
        return False
    project = ctx.project
    if path == "." or project.exists(path) or path in project.discovery.excluded:
        return False
    globbed = glob and any(each in path for each in "*?[{")
    if globbed and ("{" in path or "[" in path or matching(project.discovery.files, [path])):
        return False
    name = posixpath.basename(path)
    folder = posixpath.dirname(path)
    if not _is_source(name) or (folder and "*" not in folder and not project.exists(folder)):
        return False
    if any(path.startswith(f"{each}/") for each in submodules_of(ctx, Repository()).known):
        return False
    return not _may_appear(ctx, step, name)


def _is_source(name: str) -> bool:
    """Whether a file of that name is written by people, and not built."""
    names = table("gates")["sources"]
    return name.endswith(tuple(names["endings"])) or name.lower() in names["names"]


def _may_appear(ctx: Context, step: Step, name: str) -> bool:
    """Whether a job brings files from elsewhere, or speaks of that one before it asks for it."""
    owner = ctx.project.by_id[step.parent]
    if not isinstance(owner, Job):
        return True  # an action works in the folder of whoever uses it
    steps = owner.steps[: step.index + 1]
    checkouts = 0
    for each in steps:
        if each.uses:
            use = parse_use(each.uses)
            if use.name.lower() == "actions/checkout":
                checkouts += 1
                if each.input("repository") or each.input("path") or each.input("ref"):
                    return True
            elif not use.name.lower().startswith(("actions/setup-", "actions/github-script")):
                return True
    texts = [text for each in steps for text in _texts(ctx, each)]
    return not checkouts or sum(text.text.count(name) for text in texts) > 1


def _texts(ctx: Context, step: Step) -> Iterator[Authored]:
    script = script_of(ctx, step.id)
    if script:
        yield script.source
    yield from (pair.value for pair in (*step.with_, *step.env))
    for command in all_commands_of(ctx, step.id):
        inner = script_with(ctx, command)
        if inner and inner.step == step.id and inner is not script:
            yield inner.source
