"""Words of a script expanded with the values of a run; None for what cannot be told."""

from collections.abc import Callable, Iterator
from dataclasses import field

from iact_guard.analyze.workflow.run.arithmetic import computed
from iact_guard.analyze.workflow.run.programs import Text, UnclearError
from iact_guard.model.records import dataclass
from iact_guard.syntax import shell
from iact_guard.syntax.shell.nodes import Arithmetic


def _nothing(body: shell.Block) -> Text:
    return None


@dataclass(slots=True)
class Expansion:
    """The variables of a script, and what its words become with them."""

    outside: Callable[[str], Text]
    """The environment."""
    values: dict[str, str]
    """Of the `${{ }}` that still stand in the script, by their text."""
    substitute: Callable[[shell.Block], Text] = _nothing
    """Runs what stands in `$(...)`."""
    own: dict[str, Text] = field(default_factory=dict)
    arrays: dict[str, list[Text]] = field(default_factory=dict)
    arguments: list[Text] = field(default_factory=list)
    status: int = 0
    """`$?`."""

    def split(self, word: shell.Word) -> Iterator[Text]:
        """The words that one becomes: what stands unquoted is split."""
        if len(word.parts) == 1 and isinstance(part := word.parts[0], shell.Variable):
            if part.operator in ("[@]", "[*]") and part.name in self.arrays:
                yield from self.arrays[part.name]
                return
            if part.name in ("@", "*"):
                yield from self.arguments
                return
        value = self.word(word)
        whole = all(part.quoted or isinstance(part, shell.Literal) for part in word.parts)
        if value is None or whole:
            yield value
        else:
            yield from value.split()

    def word(self, word: shell.Word) -> Text:
        """A word without being split."""
        parts = [self.part(part) for part in word.parts]
        return None if None in parts else "".join(part for part in parts if part is not None)

    def part(self, part: shell.Part) -> Text:
        """A part of a word."""
        match part:
            case shell.Literal(text=text):
                return text
            case shell.Variable():
                return self.expanded(part)
            case Arithmetic(parts=parts):
                return str(self.number_of(parts))
            case shell.Placeholder(expression=expression):
                return self.values.get(expression)
            case shell.Substitution(body=body, kind="$" | "`"):
                return self.substitute(body)
        return None

    def expanded(self, part: shell.Variable) -> Text:
        """A variable with its operator; None for one that is not followed."""
        if part.operator in ("[@]", "[*]") and part.name in self.arrays:
            values = self.arrays[part.name]
            return None if None in values else " ".join(v for v in values if v is not None)
        if part.operator == "#" and part.name in self.arrays:
            return str(len(self.arrays[part.name]))
        value = self.variable(part.name)
        if part.operator in ("", None):
            return value
        if part.operator in (":-", "-"):
            argument = [self.part(each) for each in part.argument]
            otherwise = None if None in argument else "".join(filter(None, argument))
            return value if value is None or value else otherwise
        return None

    def variable(self, name: str) -> Text:
        """The value of a variable or parameter."""
        if name == "?":
            return str(self.status)
        if name.isdigit() and name != "0":
            index = int(name) - 1
            return self.arguments[index] if index < len(self.arguments) else ""
        if name == "#":
            return str(len(self.arguments))
        return self.own[name] if name in self.own else self.outside(name)

    def number_of(self, parts: tuple[shell.Part, ...]) -> int:
        """The value of arithmetic."""
        texts = [self.part(part) for part in parts]
        if None in texts:
            raise UnclearError("a number in it cannot be told")
        return computed("".join(t for t in texts if t), self.variable, self.own.__setitem__)
