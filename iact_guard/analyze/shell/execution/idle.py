"""Statements that nothing hangs on: they print, prepare, and end with 0 whichever way they go."""

from collections import Counter
from collections.abc import Mapping

from iact_guard.model.regex import regex
from iact_guard.syntax import shell

_WORDS = regex(r"[A-Za-z_]\w*")
_MATTERS = frozenset((
    "exit", "return", "break", "continue", "set", "shopt", "trap", "wait", "export", "local",
    "declare", "typeset", "readonly", "unset", "shift", "read", "mapfile", "readarray", "let",
    "eval", "exec", "source", ".", "bash", "sh", "dash", "zsh", "ksh", "ssh", "su", "false",
    "command", "builtin", "find", "xargs", "touch", "rm", "cp", "mv", "kill", "getopts",
))  # fmt: skip
_TESTS = frozenset({"[", "test"})
_WRITES = frozenset({">", ">>", "&>", "&>>", ">|", "<>"})
_ASKING = frozenset("?=")


class Idle:
    """What can be left out of one script, its functions known."""

    def __init__(self, functions: Mapping[str, shell.Function], queries: frozenset[str]) -> None:
        self.functions = functions
        self.queries = queries
        self.known: dict[int, tuple[shell.Node, bool]] = {}
        self.counts: dict[str, Counter[str]] = {}

    def holds(self, node: shell.Statement, text: str) -> bool:
        """Whether a statement changes nothing that another one looks at, and ends with 0."""
        if id(node) not in self.known:
            self.known[id(node)] = (node, self._zero(node) and self._local(node, text))
        return self.known[id(node)][1]

    def guards(self, node: shell.Statement) -> bool:
        """Whether a statement only ends the shell with a failure where a query says no.

        Its conditions tell nothing that a later one could ask again.
        """
        match node:
            case shell.AndOr(items=(first, last), operators=("||",)):
                return self._query(first) and self._dies(last, 0)
            case shell.If(branches=((condition, body),), otherwise=None):
                only = condition.items[0].statement if len(condition.items) == 1 else None
                return self._query(only) and self._dies(body, 0)
        return False

    def _query(self, node: shell.Statement | None) -> bool:
        if isinstance(node, shell.Pipeline) and len(node.commands) == 1:
            node = node.commands[0]
        if not isinstance(node, shell.Command) or not node.words:
            return False
        inner = any(isinstance(each, shell.Substitution) for each in shell.walk(node))
        return node.argv[0] in self.queries and not inner and not node.assignments

    def _dies(self, node: shell.Node, depth: int) -> bool:
        """Whether a statement ends the shell with a failure, whatever it is given."""
        match node:
            case shell.Command() if node.words and depth < 5:
                name, *words = node.argv
                if name == "exit":
                    return bool(words) and (words[0] or "").isdigit() and words[0] != "0"
                function = self.functions.get(name or "")
                return function is not None and self._dies(function.body, depth + 1)
            case shell.Group(body=body):
                return self._dies(body, depth)
            case shell.Block(items=items) if items:
                before = (item.statement for item in items[:-1])
                return self._dies(items[-1].statement, depth) and all(map(self._says, before))
        return False

    def _says(self, node: shell.Statement) -> bool:
        """Whether a command does nothing that matters: it prints."""
        if not isinstance(node, shell.Command) or not node.words:
            return False
        function = self.functions.get(node.argv[0] or "")
        if function is None:
            return self._harmless(node)
        inner = (each for each in shell.walk(function.body) if isinstance(each, shell.Command))
        return all(each.words and self._harmless(each) for each in inner)

    def _local(self, node: shell.Node, text: str) -> bool:
        """Whether the variables that it sets are its own."""
        names: set[str] = set()
        for inner in shell.walk(node):
            if isinstance(inner, shell.Command):
                names.update(each.name for each in inner.assignments)
                if not self._harmless(inner):
                    return False
            elif isinstance(inner, shell.For):
                names.add(inner.variable)
            elif _unsettling(inner):
                return False
        if not names:
            return True
        if text not in self.counts:
            self.counts[text] = Counter(_WORDS.findall(text))
        own = Counter(_WORDS.findall(text[node.start : node.end]))
        return all(self.counts[text][name] == own[name] for name in names)

    def _harmless(self, node: shell.Command) -> bool:
        if _written(node.redirects):
            return False
        name = node.argv[0] if node.words else ""
        return name is not None and name not in _MATTERS and name not in self.functions

    def _zero(self, node: shell.Node | None) -> bool:
        """Whether it ends with 0 in any case."""
        match node:
            case None:
                return True
            case shell.Command():
                inner = any(isinstance(part, shell.Substitution) for part in shell.walk(node))
                program = (node.argv[0] or "") if node.words else ""
                asks = program in _TESTS or program in self.queries or program in ("git", "jq")
                return not asks and not (inner and not node.words)
            case shell.Block():
                return all(self._zero(item.statement) for item in node.items)
            case shell.Group() | shell.Subshell():
                return self._zero(node.body)
            case shell.Redirected():
                return self._zero(node.body)
            case shell.AndOr():
                return node.operators[-1] == "||" and self._zero(node.items[-1])
            case shell.If():
                bodies = [body for _, body in node.branches]
                return all(map(self._zero, bodies)) and self._zero(node.otherwise)
            case shell.While() | shell.For():
                return self._zero(node.body)
            case shell.Case():
                return all(self._zero(arm.body) for arm in node.arms)
            case shell.Pipeline():
                return not node.negated and all(map(self._zero, node.commands))
        return False


def _unsettling(node: shell.Node) -> bool:
    """Whether a part of a statement, commands aside, may change what comes later."""
    match node:
        case shell.Variable(operator=operator):
            return bool(_ASKING & set(operator))
        case shell.Item(background=background):
            return background
        case shell.Redirected(redirects=redirects):
            return _written(redirects)
    changing = shell.Function | shell.Coproc | shell.Unparsed
    return isinstance(node, changing | shell.ArithmeticCommand | shell.ForArithmetic)


def _written(redirects: tuple[shell.Redirect, ...]) -> bool:
    """Whether a file is written that somebody may read."""
    return any(
        each.operator in _WRITES
        and not (each.target and (each.target.static or "").startswith("/dev/"))
        for each in redirects
    )
