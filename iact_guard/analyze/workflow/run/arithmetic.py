"""The arithmetic of shells, as far as counting failures needs it."""

from collections.abc import Callable

from iact_guard.analyze.workflow.run.programs import Text, UnclearError
from iact_guard.model.regex import regex

MAX_DEPTH = 20
_TOKEN = regex(r"\s*(\d+|[A-Za-z_]\w*|\+\+|--|\+=|-=|&&|\|\||==|!=|<=|>=|[-+*<>()!=])")
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*",))
Get = Callable[[str], Text]
Set = Callable[[str, Text], None]


def computed(text: str, get: Get, put: Set) -> int:
    """The value of an expression; UnclearError where it is beyond this or a name has no number."""
    tokens = []
    position = 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise UnclearError("its arithmetic is not followed")
        tokens.append(match[1])
        position = match.end()
    reader = _Reader(tokens, get, put)
    value = reader.assigned(0)
    if reader.rest:
        raise UnclearError("its arithmetic is not followed")
    return value


class _Reader:
    """Recursive descent; both sides of a list are always computed."""

    def __init__(self, tokens: list[str], get: Get, put: Set) -> None:
        self.rest = tokens
        self.get, self.put = get, put

    def assigned(self, depth: int) -> int:
        if depth > MAX_DEPTH:
            raise UnclearError("its arithmetic is not followed")
        if len(self.rest) > 1 and self.rest[0].isidentifier():
            name, operator = self.rest[:2]
            if operator in ("=", "+=", "-=", "++", "--"):
                del self.rest[:2]
                return self.changed(name, operator, depth)
        return self.binary(0, depth)

    def changed(self, name: str, operator: str, depth: int) -> int:
        if operator in ("++", "--"):
            old = self.number(name)
            self.put(name, str(old + (1 if operator == "++" else -1)))
            return old
        value = self.assigned(depth + 1)
        if operator != "=":
            value = self.number(name) + (value if operator == "+=" else -value)
        self.put(name, str(value))
        return value

    def binary(self, level: int, depth: int) -> int:
        if level == len(_LEVELS):
            return self.primary(depth)
        left = self.binary(level + 1, depth)
        while self.rest and self.rest[0] in _LEVELS[level]:
            left = _apply(self.rest.pop(0), left, self.binary(level + 1, depth))
        return left

    def primary(self, depth: int) -> int:
        if not self.rest or depth > MAX_DEPTH:
            raise UnclearError("its arithmetic is not followed")
        word = self.rest.pop(0)
        if word == "!":
            return int(not self.primary(depth + 1))
        if word == "-":
            return -self.primary(depth + 1)
        if word == "(":
            value = self.assigned(depth + 1)
            if not self.rest or self.rest.pop(0) != ")":
                raise UnclearError("its arithmetic is not followed")
            return value
        return self.number(word)

    def number(self, word: str) -> int:
        text = word if word.isdigit() else self.get(word)
        if text is not None and not text.strip():
            return 0
        if text is None or not text.strip().lstrip("-").isdigit() or len(text) > 15:
            raise UnclearError("a number in it cannot be told")
        return int(text)


def _apply(operator: str, left: int, right: int) -> int:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "&&":
            return int(bool(left) and bool(right))
        case "||":
            return int(bool(left) or bool(right))
    return int(
        {
            "==": left == right, "!=": left != right, "<": left < right, ">": left > right,
            "<=": left <= right, ">=": left >= right,
        }[operator]
    )  # fmt: skip
