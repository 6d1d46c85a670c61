"""A short script, played through with the values that a run gives it.

For scripts that judge the results of other jobs. What it cannot tell it does not guess.
"""

from collections.abc import Callable
from dataclasses import field
from functools import lru_cache

from iact_guard.analyze.workflow.run.expansion import Expansion
from iact_guard.analyze.workflow.run.programs import Text, UnclearError, program, tested
from iact_guard.model.records import dataclass
from iact_guard.syntax import shell
from iact_guard.syntax.shell.nodes import Assignment

MAX_STEPS = 5_000
MAX_DEPTH = 20
_NOT_OURS = frozenset({"python", "python3", "node", "ruby", "perl", "deno", "php", "bash", "sh"})
_WRITES = frozenset({">", ">>", "&>", "&>>", ">&", ">|"})


class _ExitError(Exception):
    """The script ends."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _ReturnError(_ExitError):
    """The function ends."""


class _LoopError(Exception):
    """`break` or `continue`."""

    def __init__(self, *, breaks: bool) -> None:
        super().__init__()
        self.breaks = breaks


@lru_cache(512)
def parsed(text: str) -> shell.Script:
    """The tree of a script."""
    return shell.parse(text)


@dataclass(frozen=True, slots=True)
class Filled:
    """A script, with the values of the expressions that still stand in it."""

    tree: shell.Script
    values: dict[str, str]


def played(
    script: Filled, variable: Callable[[str], Text], *, errexit: bool, pipefail: bool
) -> int:
    """The exit status of a script; UnclearError where that cannot be told.

    `variable` gives what the environment holds: None for what is not known.
    """
    if script.tree.unparsed:
        raise UnclearError("it cannot be understood")
    words = Expansion(variable, script.values)
    player = _Player(words, errexit, pipefail)
    words.substitute = player.substituted
    try:
        return player.block(script.tree.body)
    except _ExitError as end:
        return end.status
    except _LoopError:
        return 0


@dataclass(slots=True)
class _Player:
    words: Expansion
    errexit: bool
    pipefail: bool
    functions: dict[str, shell.Statement] = field(default_factory=dict)
    output: list[Text] = field(default_factory=list)
    substitution: int = 0
    """The status of the last `$(...)`."""
    ignored: bool = False
    """The last status is one that `-e` passes by: of `!`, or within a list."""
    tested: int = 0
    """How many conditions around: `-e` is off in them."""
    left: int = MAX_STEPS
    depth: int = 0

    def block(self, block: shell.Block, stdin: Text = None) -> int:
        for item in block.items:
            if item.background:
                raise UnclearError("a part of it runs in the background")
            self.words.status = self.statement(item.statement, stdin)
            if self.words.status and self.errexit and not self.tested and not self.ignored:
                raise _ExitError(self.words.status)
        return self.words.status

    def statement(self, node: shell.Statement, stdin: Text) -> int:
        self.left -= 1
        if self.left < 0:
            raise UnclearError("it is too long")
        match node:
            case shell.Command():
                return self.command(node, stdin)
            case shell.Pipeline():
                return self.pipeline(node, stdin)
            case shell.AndOr():
                return self.chain(node, stdin)
            case shell.If():
                return self.branches(node, stdin)
            case shell.Group(body=body):
                return self.block(body, stdin)
            case shell.Subshell(body=body):
                return self.subshell(body, stdin)
            case shell.Redirected(body=body, redirects=redirects):
                return self.redirected(body, redirects, stdin)
            case shell.For(words=words) if words is not None and not node.select:
                return self.loop(node, words, stdin)
            case shell.Case():
                return self.case(node, stdin)
            case shell.Conditional(words=words):
                return self.conditional(words)
            case shell.While():
                return self.reading(node, stdin)
            case shell.ArithmeticCommand(parts=parts):
                self.ignored = False
                return int(not self.words.number_of(parts))
            case shell.Function(name=name, body=body):
                self.functions[name] = body
                return 0
        raise UnclearError("a part of it is not followed")

    def pipeline(self, node: shell.Pipeline, stdin: Text) -> int:
        if len(node.commands) == 1:
            if not node.negated:
                return self.statement(node.commands[0], stdin)
            status = int(not self.asked(node.commands[0], stdin))
            self.ignored = True
            return status
        statuses = []
        for each in node.commands:
            before, self.output = self.output, []
            ended = self.forked(each, stdin)
            stdin, self.output = _joined(self.output), before
            statuses.append(ended)
        self.output.append(stdin)
        status = statuses[-1]
        if self.pipefail:
            status = next((each for each in reversed(statuses) if each), 0)
        self.ignored = node.negated
        return int(not status) if node.negated else status

    def forked(self, node: shell.Statement, stdin: Text) -> int:
        """In a process of its own: an `exit` ends only that."""
        own = dict(self.words.own)
        try:
            return self.statement(node, stdin)
        except _ExitError as end:
            return end.status
        finally:
            self.words.own = own

    def subshell(self, body: shell.Block, stdin: Text) -> int:
        own = dict(self.words.own)
        try:
            return self.block(body, stdin)
        except _ExitError as end:
            return end.status
        finally:
            self.words.own, self.ignored = own, False

    def chain(self, node: shell.AndOr, stdin: Text) -> int:
        status = self.asked(node.items[0], stdin)
        ran = 0
        for index, operator in enumerate(node.operators, start=1):
            if (status == 0) is (operator == "&&"):
                last, ran = index == len(node.operators), index
                run = self.statement if last else self.asked
                status = self.words.status = run(node.items[index], stdin)
        self.ignored = self.ignored or ran < len(node.operators)
        return status

    def asked(self, node: shell.Statement, stdin: Text) -> int:
        """A condition."""
        self.tested += 1
        try:
            return self.statement(node, stdin)
        finally:
            self.tested -= 1

    def branches(self, node: shell.If, stdin: Text) -> int:
        for condition, body in node.branches:
            self.tested += 1
            try:
                status = self.block(condition, stdin)
            finally:
                self.tested -= 1
            if status == 0:
                self.words.status = 0
                return self.block(body, stdin)
        self.words.status = 0
        return self.block(node.otherwise, stdin) if node.otherwise else 0

    def loop(self, node: shell.For, words: tuple[shell.Word, ...], stdin: Text) -> int:
        values = [value for word in words for value in self.words.split(word)]
        self.words.status = 0
        for value in values:
            self.words.own[node.variable] = value
            try:
                self.block(node.body, stdin)
            except _LoopError as end:
                if end.breaks:
                    break
        return self.words.status

    def reading(self, node: shell.While, stdin: Text) -> int:
        """`while read name; do ...`: a line of what is read at a time."""
        condition = node.condition.items[0].statement if len(node.condition.items) == 1 else None
        argv = condition.argv if isinstance(condition, shell.Command) else ()
        names = [word for word in argv[1:] if word and not word.startswith("-")]
        if argv[:1] != ("read",) or len(names) != 1 or node.until or stdin is None:
            raise UnclearError("a loop of it is not followed")
        self.words.status = 0
        for line in stdin.splitlines()[:MAX_STEPS]:
            self.words.own[names[0]] = line.strip()
            try:
                self.block(node.body, None)
            except _LoopError as end:
                if end.breaks:
                    break
        return self.words.status

    def case(self, node: shell.Case, stdin: Text) -> int:
        value = self.words.word(node.word)
        for arm in node.arms:
            if arm.terminator not in (";;", ""):
                raise UnclearError("a case goes on into the next")
            if any(self.fits(value, pattern) for pattern in arm.patterns):
                self.words.status = 0
                return self.block(arm.body, stdin)
        return 0

    def fits(self, value: Text, pattern: shell.Word) -> bool:
        wanted = self.words.word(pattern)
        return tested(["[[", value, "==" if pattern.quoted else "==*", wanted, "]]"]) == 0

    def redirected(
        self, body: shell.Statement, redirects: tuple[shell.Redirect, ...], stdin: Text
    ) -> int:
        given, kept = self.redirects(redirects, stdin)
        before, self.output = self.output, []
        try:
            return self.statement(body, given)
        finally:
            self.output = [*before, *(self.output if kept else ())]

    def redirects(self, redirects: tuple[shell.Redirect, ...], stdin: Text) -> tuple[Text, bool]:
        """What is read, and whether standard output still goes on."""
        kept = True
        for each in redirects:
            if each.operator == "<<<" and each.target:
                stdin = self.words.word(each.target)
            elif each.heredoc:
                parts = [self.words.part(part) for part in each.heredoc.parts]
                stdin = None if None in parts else "".join(filter(None, parts))
            elif each.operator == "<":
                stdin = None
            elif each.operator in _WRITES and each.descriptor in ("", "1"):
                kept = False
        return stdin, kept

    def command(self, node: shell.Command, stdin: Text) -> int:
        stdin, kept = self.redirects(node.redirects, stdin)
        if not node.words:
            return self.assign(node.assignments)
        argv = [value for word in node.words for value in self.words.split(word)]
        self.ignored = False
        before, self.output = self.output, []
        own = dict(self.words.own) if node.assignments else None
        try:
            self.assign(node.assignments)
            return self.called(argv, stdin)
        finally:
            self.output = [*before, *(self.output if kept else ())]
            if own is not None:
                self.words.own = own

    def assign(self, assignments: tuple[Assignment, ...]) -> int:
        """The status of assignments alone: of the last substitution in them."""
        self.substitution, self.ignored = 0, False
        for each in assignments:
            if each.array:
                values = [value for word in each.value for value in self.words.split(word)]
                old = self.words.arrays.get(each.name, []) if each.append else []
                self.words.arrays[each.name] = [*old, *values]
                continue
            value = self.words.word(each.value[0]) if each.value else ""
            if each.append:
                old_value = self.words.variable(each.name)
                value = None if old_value is None or value is None else old_value + value
            self.words.own[each.name] = value
        self.words.status = self.substitution
        return self.words.status

    def called(self, argv: list[Text], stdin: Text) -> int:
        if not argv:
            return self.words.status
        name, arguments = argv[0], argv[1:]
        if name is None:
            raise UnclearError("which command runs cannot be told")
        if name in self.functions:
            return self.function(self.functions[name], arguments, stdin)
        if name in ("exit", "return"):
            status = self.number(arguments[0]) if arguments else self.words.status
            raise (_ExitError if name == "exit" else _ReturnError)(status)
        if name in ("local", "export", "declare", "readonly", "typeset"):
            return self.declared(arguments)
        if name == "set":
            return self.options(arguments)
        if name in _NOT_OURS or name.startswith("./") or name.endswith((".sh", ".py", ".js")):
            raise UnclearError(f"what {name} does is not followed")
        if name in ("break", "continue") and not arguments:
            raise _LoopError(breaks=name == "break")
        if name in ("break", "continue", "trap", "eval", "source", ".", "exec", "read", "wait"):
            raise UnclearError(f"`{name}` is not followed")
        status, output = program(name, arguments, stdin)
        self.output.append(output)
        return status

    def function(self, body: shell.Statement, arguments: list[Text], stdin: Text) -> int:
        if self.depth >= MAX_DEPTH:
            raise UnclearError("its functions call each other too deeply")
        before, self.words.arguments = self.words.arguments, arguments
        self.depth += 1
        try:
            return self.statement(body, stdin)
        except _ReturnError as end:
            return end.status
        finally:
            self.words.arguments = before
            self.depth -= 1

    def declared(self, arguments: list[Text]) -> int:
        for each in arguments:
            if each is None:
                raise UnclearError("a declaration cannot be told")
            if each.startswith("-"):
                continue
            name, sign, value = each.partition("=")
            if sign:
                self.words.own[name] = value
        return 0

    def options(self, arguments: list[Text]) -> int:
        words = iter(arguments)
        for word in words:
            if not word or word[0] not in "-+":
                raise UnclearError("`set` with odd arguments")
            if "e" in word[1:]:
                self.errexit = word[0] == "-"
            name = next(words, "") if word.endswith("o") else ""
            if name == "pipefail":
                self.pipefail = word[0] == "-"
            if name == "errexit":
                self.errexit = word[0] == "-"
        return 0

    def number(self, text: Text) -> int:
        if text is None or not text.isdigit():
            raise UnclearError("its exit status cannot be told")
        return int(text) % 256

    def conditional(self, words: tuple[shell.Word, ...]) -> int:
        found: list[Text] = []
        for index, word in enumerate(words):
            value = self.words.word(word)
            later = words[index + 1] if index + 1 < len(words) else None
            if value in ("==", "=", "!=") and not word.quoted and later and not later.quoted:
                value = f"{value}*"  # what follows is a pattern
            found.append(value)
        return tested(found)

    def substituted(self, body: shell.Block) -> Text:
        before, self.output = self.output, []
        tested, self.tested = self.tested, self.tested + 1  # bash clears -e in it
        try:
            self.words.status = self.substitution = self.subshell(body, None)
            found = _joined(self.output)
        finally:
            self.output, self.tested = before, tested
        return None if found is None else found.rstrip("\n")


def _joined(output: list[Text]) -> Text:
    return None if None in output else "".join(each for each in output if each is not None)
