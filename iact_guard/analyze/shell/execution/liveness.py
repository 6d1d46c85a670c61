"""Which names of a script are still mentioned behind an offset, so that states can be merged."""

from collections.abc import Hashable, Iterator

from iact_guard.analyze.shell.execution.state import Env
from iact_guard.analyze.shell.execution.values import Symbol, Value
from iact_guard.analyze.shell.execution.world import World
from iact_guard.model.regex import regex
from iact_guard.syntax import shell

_WORDS = regex(r"[A-Za-z_]\w*")


class Liveness:
    """The last mention of every name of a script."""

    def __init__(self, tree: shell.Script) -> None:
        self.text = tree.text
        self.last = {match.group(): match.start() for match in _WORDS.finditer(tree.text)}
        self.always: set[str] = set()
        """Names in functions and traps, which run later."""
        self.ranges: list[tuple[int, int]] = []
        """Where these stand."""
        self.functions: dict[str, shell.Function] = {}
        for node in shell.walk(tree.body):
            later = isinstance(node, shell.Function)
            later |= isinstance(node, shell.Command) and node.argv[:1] == ("trap",)
            if later:
                self.ranges.append((node.start, node.end))
                self.always.update(_WORDS.findall(tree.text, node.start, node.end))
            if isinstance(node, shell.Function):
                self.functions[node.name] = node

    def lives(self, name: str, offset: int) -> bool:
        """Whether a name is mentioned behind an offset."""
        base = name.partition("[")[0]
        return base in self.always or self.last.get(base, -1) >= offset

    def runs_later(self, offset: int) -> bool:
        """Whether what stands there may run again, or later than its place says."""
        return any(start <= offset < end for start, end in self.ranges)

    def values(self, env: Env, offset: int) -> dict[str, Value]:
        """The variables that may be read again."""
        return {
            name: v for name, v in env.values.items() if self.lives(name, offset) or name == "!"
        }

    def arrays(self, env: Env, offset: int) -> dict[str, tuple[Value, ...]]:
        """The arrays that may be read again."""
        return {name: v for name, v in env.arrays.items() if self.lives(name, offset)}

    def prune(self, world: World, symbols: set[Symbol], offset: int) -> None:
        """Forget the answers to questions that cannot be asked again."""
        world.answers = {
            question: answer
            for question, answer in world.answers.items()
            if self.again(question, symbols, offset)
        }
        world.bound = {s: t for s, t in world.bound.items() if self.symbol(s, symbols, offset)}

    def again(self, question: Hashable, symbols: set[Symbol], offset: int) -> bool:
        """Whether a question may be asked again."""
        found = list(_symbols(question))
        if found:
            return all(self.symbol(symbol, symbols, offset) for symbol in found)
        if isinstance(question, tuple) and question[0] == "query":
            return bool(self.functions) or bool(self.always)
        return any(
            not (words := _WORDS.findall(text)) or self.lives(words[-1], offset)
            for text in _texts(question)
        )

    def symbol(self, symbol: Symbol, symbols: set[Symbol], offset: int) -> bool:
        """Whether a symbol can come up again."""
        if symbol in symbols or symbol.failing:
            return True
        if symbol.name[0] == "variable":
            return self.lives(str(symbol.name[1]), offset)
        if symbol.name[0] == "expression":
            words = _WORDS.findall(str(symbol.name[1]))
            return not words or self.lives(words[-1], offset)
        nested = list(_symbols(symbol.name))
        return bool(nested) and all(self.symbol(each, symbols, offset) for each in nested)


def _symbols(question: Hashable) -> Iterator[Symbol]:
    if isinstance(question, Symbol):
        yield question
    elif isinstance(question, tuple):
        for each in question:
            yield from _symbols(each)


def _texts(question: Hashable) -> Iterator[str]:
    if isinstance(question, str):
        yield question
    elif isinstance(question, tuple):
        for each in question[1:]:
            yield from _texts(each)
