"""What the failure of a command does to its step: followed from the command outwards.

It tells what the text makes certain, and says `unknown` for the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import all_commands_of, script_with, way_to
from iact_guard.analyze.shell.options import Options, Path, options_at
from iact_guard.analyze.shell.scripts import paths_of
from iact_guard.load.script import Script
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.location import Evidence
from iact_guard.syntax import shell

MAX_REST = 200
"""Statements behind a command that are looked through for what reads its status."""
Verdict = Literal["fails", "swallowed", "conditional"]
Cause = Literal["script", "pipeline", "remote"]
"""What decides: the script's lists, branches and options; a pipeline; another machine's shell."""
_HARMLESS = frozenset({"true", ":", "echo", "printf"})
_QUESTIONS = ("[", "test", "grep", "egrep", "diff", "cmp", "command", "which", "type", "read")


@dataclass(frozen=True, slots=True)
class Failure:
    """What a command's failure does to its step."""

    verdict: Verdict
    cause: Cause = "script"


@fact("command.failure")
def failure_of(ctx: Context, command: Command) -> Fact[Failure]:
    """Whether the step fails where the command does; unknown where it cannot be told."""
    own = _in_its_text(ctx, command)
    way = way_to(ctx, command)
    if way is None or own.state != "known" or own.known.verdict == "swallowed":
        return own
    if way.tolerated:
        message = "what runs it goes on when it fails"
        return known(Failure("swallowed"), message, (Evidence(way.links[-1].location, message),))
    outer = failure_of(ctx, way.caller)
    if outer.state != "known" or own.known.verdict == "fails" or outer.known.verdict == "swallowed":
        return outer
    return own


def _in_its_text(ctx: Context, command: Command) -> Fact[Failure]:
    """Whether the script that a command stands in fails where the command does."""
    script = script_with(ctx, command)
    if script is None or script.tree is None:
        return unknown(script.reason if script else "the step has no script")
    if command.embedded and not _alone(ctx, command):
        return unknown("another shell runs it, among other commands")
    if script.tree.unparsed:
        return unknown(f"the script cannot be understood: {script.tree.unparsed.reason}")
    paths = paths_of(ctx, script).known
    return _Outwards(script, paths.commands[command.start], paths.sets).follow()


def prevents(ctx: Context, first: Command, second: Command) -> bool | None:
    """Whether the failure of one command keeps a later one of the same step from running."""
    around = {_text_of(ctx, each): each for each in _outwards(ctx, second)}
    for each in _outwards(ctx, first):
        after = around.get(_text_of(ctx, each))
        if after and after.id == each.id:
            return True  # both stand in what it runs, and it stops at the first failure
        script = script_with(ctx, each)
        if script is None or script.tree is None:
            return None
        path = paths_of(ctx, script).known.commands.get(each.start, ())
        if after and not each.embedded and _chained(path, each.start, after.start):
            return True
        verdict = _in_its_text(ctx, each)
        if verdict.state != "known" or verdict.known.verdict == "conditional":
            return None
        way = way_to(ctx, each)
        if after or verdict.known.verdict == "swallowed":
            return verdict.known.verdict == "fails"
        if way and way.tolerated:
            return False
    return None


def _outwards(ctx: Context, command: Command) -> Iterator[Command]:
    """A command, and those of the texts around that lead to it."""
    yield command
    while way := way_to(ctx, command):
        command = way.caller
        yield command


def _text_of(ctx: Context, command: Command) -> str:
    script = script_with(ctx, command)
    return script.id if script else ""


def _alone(ctx: Context, command: Command) -> bool:
    """Whether it is the only command of the text that another shell reads."""
    siblings = [c for c in all_commands_of(ctx, command.step) if c.outer == command.outer]
    return len(siblings) == 1


def _chained(path: Path, first: int, second: int) -> bool:
    """`first && ... && second`."""
    for node in path:
        if isinstance(node, shell.AndOr):
            one, two = _index(node, first), _index(node, second)
            if one is not None and two is not None and one < two:
                direct = isinstance(node.items[one], shell.Command)
                return direct and set(node.operators[one:two]) == {"&&"}
    return False


def _index(node: shell.AndOr, start: int) -> int | None:
    return next((i for i, item in enumerate(node.items) if item.start <= start < item.end), None)


@dataclass(slots=True)
class _Outwards:
    """The failing status on its way from the command to the end of the script."""

    script: Script
    path: Path
    sets: tuple[Path, ...]
    exempt: bool = False
    """It is a status that `-e` does not look at."""
    conditional: bool = False

    def follow(self) -> Fact[Failure]:
        options = options_at(self.script.reader, self.path, self.sets)
        for depth in range(len(self.path) - 2, -1, -1):
            node, child = self.path[depth], self.path[depth + 1]
            ended = self.through(node, child, options, depth)
            if ended:
                return ended
        return self.verdict("fails", self.path[-1], "its failure is the script's")

    def through(
        self, node: shell.Node, child: shell.Node, options: Options, depth: int
    ) -> Fact[Failure] | None:
        """What a node makes of its child's failure; None where it passes it on."""
        match node:
            case shell.Pipeline():
                return self.pipeline(node, child, options, depth)
            case shell.AndOr():
                return self.list(node, child)
            case shell.Item(background=True):
                return self.verdict("swallowed", node.statement, "nobody waits for it")
            case shell.Block():
                return self.block(node, child, options, depth)
            case shell.If():
                return self.branch(node, child)
            case shell.While() if child is node.condition:
                return unknown("it is the condition of a loop")
            case shell.While() | shell.For() | shell.Case() | shell.Arm():
                self.conditional |= _may_skip(node, child)
            case shell.Function():
                return unknown(f"it hangs on where the function {node.name} is called")
            case shell.Substitution():
                return self.substitution(node, depth)
            case shell.Heredoc() | shell.Coproc():
                return self.verdict("swallowed", self.path[-1], "its status goes nowhere")
        return None

    def pipeline(
        self, node: shell.Pipeline, child: shell.Node, options: Options, depth: int
    ) -> Fact[Failure] | None:
        if node.negated and len(node.commands) == 1 and self.is_condition(depth):
            return None
        if node.negated:
            return unknown("`!` turns its status around")
        if child is node.commands[-1]:
            return None
        if options.pipefail is None:
            return unknown("it cannot be told whether pipefail is set")
        if options.pipefail:
            return None
        last = node.commands[-1]
        message = "only this end of the pipeline decides: no pipefail"
        return self.verdict("swallowed", last, message, "pipeline")

    def list(self, node: shell.AndOr, child: shell.Node) -> Fact[Failure] | None:
        index = next(i for i, item in enumerate(node.items) if item is child)
        handlers = [i for i in range(index, len(node.operators)) if node.operators[i] == "||"]
        if handlers:
            handler = node.items[handlers[0] + 1]
            kind = ends(handler)
            if kind == "exits":
                return self.verdict("fails", handler, "its failure ends the script here")
            if kind == "harmless" and len(handlers) == 1 and handlers[0] + 2 == len(node.items):
                return self.verdict("swallowed", handler, "its failure is replaced by this")
            return unknown("another command follows its failure")
        if any(_decides(item) for item in node.items[index + 1 :]):
            return unknown("it decides whether commands run that the outcome hangs on")
        self.conditional |= _may_skip(node, child)
        self.exempt |= index + 1 < len(node.items)
        return None

    def block(
        self, node: shell.Block, child: shell.Node, options: Options, depth: int
    ) -> Fact[Failure] | None:
        substituted = any(isinstance(n, shell.Substitution) for n in self.path[:depth])
        if not self.exempt and not substituted and not self.tested(depth):
            if options.errexit is None:
                return unknown("it cannot be told whether `-e` is set")
            if options.errexit:
                if self.in_subshell(depth):
                    return None
                return self.stopped(depth)
        if child is node.items[-1]:
            return None
        if substituted and self.script.reader.name != "bash":
            return unknown("shells differ in whether `-e` holds in a substitution")
        index = next(i for i, item in enumerate(node.items) if item is child)
        rest = node.items[index + 1 :]
        if len(rest) > MAX_REST or any(_decides(item) for item in rest):
            return unknown("what follows decides the outcome")
        following = node.items[index + 1].statement
        return self.verdict("swallowed", following, "the script goes on here")

    def stopped(self, depth: int) -> Fact[Failure]:
        """`-e` ends the script, if the command runs at all."""
        for node, child in zip(self.path[:depth], self.path[1:], strict=False):
            if isinstance(node, shell.Function):
                return unknown(f"it hangs on where the function {node.name} is called")
            self.conditional |= _may_skip(node, child)
        return self.verdict("fails", self.path[-1], "`-e` ends the script here")

    def tested(self, depth: int) -> bool:
        """Whether what stands around is a condition, where `-e` is off."""
        for outer in range(depth - 1, -1, -1):
            node, child = self.path[outer], self.path[outer + 1]
            if isinstance(node, shell.AndOr) and child is not node.items[-1]:
                return True
            if isinstance(node, shell.Pipeline) and node.negated:
                return True
            if isinstance(node, shell.While) and child is node.condition:
                return True
            if isinstance(node, shell.If) and any(child is c for c, _ in node.branches):
                return True
        return False

    def is_condition(self, depth: int) -> bool:
        """Whether a node is the whole condition of an `if`."""
        if depth < 3:
            return False
        branch, block = self.path[depth - 3], self.path[depth - 2]
        return isinstance(branch, shell.If) and any(block is c for c, _ in branch.branches)

    def in_subshell(self, depth: int) -> bool:
        pieces = (shell.Subshell, shell.Pipeline, shell.Substitution)
        return any(isinstance(node, pieces) for node in self.path[:depth])

    def branch(self, node: shell.If, child: shell.Node) -> Fact[Failure] | None:
        if not any(child is condition for condition, _ in node.branches):
            self.conditional = True
            return None
        if len(node.branches) > 1 or not isinstance(child, shell.Block) or len(child.items) != 1:
            return unknown("it is part of a condition")
        tested = child.items[0].statement
        if tested is self.path[-1]:
            if _decides(node.branches[0][1]):
                return unknown("what follows `then` decides the outcome")
            if node.otherwise is None:
                return self.verdict("swallowed", node, "its failure only skips what follows `then`")
            taken = node.otherwise
        elif isinstance(tested, shell.Pipeline) and tested.commands == (self.path[-1],):
            taken = node.branches[0][1]
        else:
            return unknown("it is part of a condition")
        return self.handled(taken)

    def handled(self, block: shell.Block) -> Fact[Failure]:
        kinds = [ends(item.statement) for item in block.items]
        if kinds and kinds[-1] == "exits":
            return self.verdict("fails", block, "its failure leads here, and to `exit`")
        if all(kind == "harmless" for kind in kinds):
            return self.verdict("swallowed", block, "its failure leads here only")
        return unknown("its failure leads to other commands")

    def substitution(self, node: shell.Substitution, depth: int) -> Fact[Failure] | None:
        command = next(
            (n for n in reversed(self.path[:depth]) if isinstance(n, shell.Command)), None
        )
        if command is None or node.kind in ("<", ">"):
            return self.verdict("swallowed", self.path[-1], "its status goes nowhere")
        if command.words:
            return self.verdict("swallowed", command, "this command's status counts instead")
        if command.assignments and node is not _last_substitution(command):
            return self.verdict("swallowed", command, "a later substitution's status counts")
        return None

    def verdict(
        self, verdict: Verdict, node: shell.Node, message: str, cause: Cause = "script"
    ) -> Fact[Failure]:
        start = node.start
        place = self.script.source.first_line(start, max(node.end, start + 1))
        decided: Verdict = "conditional" if self.conditional and verdict == "fails" else verdict
        return known(Failure(decided, cause), message, (Evidence(place, message),))


def ends(statement: shell.Statement) -> Literal["exits", "harmless", "other"]:
    """What a handler of failures does: end the script with a failure, nothing, something else."""
    match statement:
        case shell.Command(words=words) if words:
            argv = statement.argv
            if argv[0] == "exit" and len(argv) > 1 and argv[1] != "0":
                return "exits" if argv[1] is None or argv[1].isdigit() else "other"
            if argv == ("false",) or argv == ("exit",):
                return "exits" if argv == ("false",) else "other"
            return "harmless" if argv[0] in _HARMLESS and _only_prints(statement) else "other"
        case shell.Group(body=body):
            kinds = [ends(item.statement) for item in body.items]
            if kinds[-1:] == ["exits"]:
                return "exits"
            return "harmless" if all(kind == "harmless" for kind in kinds) else "other"
    return "other"


def _may_skip(node: shell.Node, child: shell.Node) -> bool:
    """Whether a run may pass by the child without failing."""
    match node:
        case shell.If():
            return child is not node.branches[0][0]
        case shell.While():
            return child is not node.condition
        case shell.For():
            return not node.words or (child is node.body and not any(w.static for w in node.words))
        case shell.ForArithmetic() | shell.Case():
            return True
        case shell.AndOr():
            before = node.items[: next(i for i, each in enumerate(node.items) if each is child)]
            return "||" in node.operators[: len(before)] or any(map(_is_question, before))
    return False


def _is_question(statement: shell.Statement) -> bool:
    """A test or a query, which may go either way."""
    match statement:
        case shell.Command():
            return bool(statement.argv) and statement.argv[0] in _QUESTIONS
        case shell.Pipeline(commands=commands, negated=negated):
            return negated or _is_question(commands[-1])
    return isinstance(statement, shell.Conditional | shell.ArithmeticCommand)


def _only_prints(command: shell.Command) -> bool:
    """Whether it leaves nothing behind that a later command may look at."""
    if any(isinstance(inner, shell.Substitution) for inner in shell.walk(command)):
        return False
    targets = (redirect for redirect in command.redirects if redirect.operator != ">&")
    return all(r.target and (r.target.static or "").startswith("/dev/") for r in targets)


def _last_substitution(command: shell.Command) -> shell.Node | None:
    found = [n for n in shell.walk(command) if isinstance(n, shell.Substitution)]
    outer = [n for n in found if not any(o.start < n.start and n.end < o.end for o in found)]
    return outer[-1] if outer else None


def _decides(node: shell.Node) -> bool:
    """Whether it may end the script, reads a status, or sets what a later test may read."""
    for inner in shell.walk(node):
        if isinstance(inner, shell.Variable) and inner.name in ("?", "PIPESTATUS"):
            return True
        if isinstance(inner, shell.Command):
            if not inner.words or inner.argv[0] in ("exit", "return", "exec", "wait", "trap"):
                return True
            if any(redirect.operator in (">", ">>") for redirect in inner.redirects):
                return True
    return False
