"""What a run assumes of everything that the text does not tell; both runs of a pair share it."""

from collections.abc import Hashable

from iact_guard.analyze.choices import Choices
from iact_guard.analyze.shell.execution.values import (
    Symbol,
    Value,
    number_of,
    text_of,
    value,
)

MAX_PIECES = 20
"""Of two values that are compared."""
_SWAPPED = {"lt": "gt", "gt": "lt", "eq": "eq"}


class World:
    """The answers given so far, and what follows from them."""

    def __init__(self, choices: Choices, before: "World | None" = None) -> None:
        self.choices = choices
        self.answers: dict[Hashable, bool] = dict(before.answers) if before else {}
        self.bound: dict[Symbol, str] = dict(before.bound) if before else {}
        self.places: list[tuple[int, int]] = []
        """Where the questions stand that were asked, in order; see `Run.place`."""
        self.place: tuple[int, int] = (0, 0)

    def ask(self, question: Hashable) -> bool:
        """Whether something holds: the same question has one answer."""
        if question not in self.answers:
            self.answers[question] = self.choices.choose(question, (True, False))
            self.places.append(self.place)
        return self.answers[question]

    def bind(self, symbol: Symbol, text: str) -> None:
        """From here on it is known what a symbol is."""
        self.bound[symbol] = text

    def known(self, found: Value) -> Value:
        """A value with what is known of its symbols put in."""
        if not self.bound or not any(isinstance(piece, Symbol) for piece in found):
            return found
        pieces = (self.bound.get(p, p) if isinstance(p, Symbol) else p for p in found)
        return value(*pieces)

    def text(self, found: Value) -> str | None:
        """Its text; None where only a run can tell."""
        return text_of(self.known(found))

    def empty(self, found: Value) -> bool:
        """Whether a value is the empty text."""
        return all(
            isinstance(piece, Symbol) and not piece.failing and self._empty(piece)
            for piece in self.known(found)
        )

    def _empty(self, symbol: Symbol) -> bool:
        if any(self.answers.get(("more", symbol, limit)) for limit in (0, 1)):
            return False
        answer = self.ask(("empty", symbol))
        if answer:
            self.bind(symbol, "")
        return answer

    def equal(self, one: Value, two: Value) -> bool:
        """Whether two values are the same text."""
        one, two = _without_common(self.known(one), self.known(two))
        if one == two:
            return True
        if not one or not two:
            return self.empty(one or two)
        if isinstance(one[0], str) and isinstance(two[0], str):
            return False  # their beginnings differ
        if isinstance(one[-1], str) and isinstance(two[-1], str):
            return False
        if text_of(one) is not None:
            one, two = two, one
        text = text_of(two)
        if len(one) == 1 and isinstance(one[0], Symbol) and text is not None:
            return self._is(one[0], text)
        return self.ask(("equal", *sorted((one, two), key=repr)))

    def _is(self, symbol: Symbol, text: str) -> bool:
        number = number_of(text)
        if symbol.failing and (number is None or not 0 < number < 256):
            return False
        if number is not None and self._excluded(symbol, number):
            return False
        answer = self.ask(("equal", (symbol,), text))
        if answer:
            self.bind(symbol, text)
        return answer

    def _excluded(self, symbol: Symbol, number: int) -> bool:
        """Whether an earlier comparison says that it is another number."""
        for (kind, asked, *rest), answer in [
            (question, answer)
            for question, answer in self.answers.items()
            if isinstance(question, tuple) and question[0] in ("more", "less")
        ]:
            if asked == symbol and isinstance(rest[0], int):
                holds = number > rest[0] if kind == "more" else number < rest[0]
                if holds != answer:
                    return True
        return False

    def zero(self, found: Value) -> bool:
        """Whether a number is zero; what is no number counts as zero."""
        text = self.text(found)
        if text is not None:
            return not (number_of(text) or 0)
        symbol = found[0] if len(found) == 1 else None
        if isinstance(symbol, Symbol):
            return not symbol.failing and self._is(symbol, "0")
        return self.ask(("zero", self.known(found)))

    def compare(self, kind: str, one: Value, two: Value) -> bool | None:
        """`eq`, `lt`, `gt` of two numbers; None where one is no number."""
        one, two = self.known(one), self.known(two)
        if text_of(one) is not None and text_of(two) is None:
            one, two, kind = two, one, _SWAPPED[kind]
        left, right = text_of(one), text_of(two)
        limit = number_of(right) if right is not None else None
        if right is not None and limit is None:
            return None
        if left is not None:
            number = number_of(left)
            if number is None or limit is None:
                return None
            return {"eq": number == limit, "lt": number < limit, "gt": number > limit}[kind]
        if one == two:
            return kind == "eq"
        symbol = one[0] if len(one) == 1 else None
        if not isinstance(symbol, Symbol) or limit is None:
            return self.ask((kind, one, two))
        if kind == "eq":
            return self._is(symbol, str(limit))
        if symbol.failing and limit <= (0 if kind == "gt" else 1):
            return kind == "gt"
        return self.ask(("more" if kind == "gt" else "less", symbol, limit))


def _without_common(one: Value, two: Value) -> tuple[Value, Value]:
    """Two values without what they begin and end with in common."""
    for backwards in (False, True):
        for _ in range(MAX_PIECES):
            rest = _peeled(one, two, backwards=backwards)
            if rest is None:
                break
            one, two = rest
    return one, two


def _peeled(one: Value, two: Value, *, backwards: bool) -> tuple[Value, Value] | None:
    """Two values without the piece that both have at one end; None where they have none."""
    if not one or not two:
        return None
    end = -1 if backwards else 0
    first, second = one[end], two[end]
    if first == second:
        return (one[:-1], two[:-1]) if backwards else (one[1:], two[1:])
    if not isinstance(first, str) or not isinstance(second, str):
        return None
    step = -1 if backwards else 1
    common = zip(first[::step], second[::step], strict=False)
    shorter = min(len(first), len(second))
    length = next((i for i, (a, b) in enumerate(common) if a != b), shorter)
    if not length:
        return None
    if backwards:
        return value(*one[:-1], first[:-length]), value(*two[:-1], second[:-length])
    return value(first[length:], *one[1:]), value(second[length:], *two[1:])
