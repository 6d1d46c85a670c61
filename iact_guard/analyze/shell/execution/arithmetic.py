"""Sums: `$((...))`, `((...))`, `let`."""

from collections.abc import Callable

from iact_guard.analyze.shell.execution.state import Env, NotUnderstoodError
from iact_guard.analyze.shell.execution.values import Symbol, Value, number_of, text_of, value
from iact_guard.analyze.shell.execution.world import World
from iact_guard.model.regex import regex

_TOKEN = regex(
    r"\s*(?:(0[xX][0-9a-fA-F]+|\d+)|([A-Za-z_]\w*(?:\[\d+\])?)|(\x00\d+\x00)|"
    r"(\*\*|\+\+|--|<<=|>>=|[-+*/%&|^]=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^!~<>=?:(),]))"
)
_LEVELS = {
    ",": 1, "=": 2, "?": 3, "||": 4, "&&": 5, "|": 6, "^": 7, "&": 8, "==": 9, "!=": 9,
    "<": 10, "<=": 10, ">": 10, ">=": 10, "<<": 11, ">>": 11, "+": 12, "-": 12,
    "*": 13, "/": 13, "%": 13, "**": 14,
}  # fmt: skip
_ASSIGNS = frozenset(
    f"{sign}=" for sign in ("", "+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>")
)
_KINDS = {"==": ("eq", True), "!=": ("eq", False), "<": ("lt", True), ">=": ("lt", False),
          ">": ("gt", True), "<=": ("gt", False)}  # fmt: skip
MAX_TOKENS = 200
MAX_NESTED = 20


def evaluate(pieces: Value, env: Env, world: World) -> Value:
    """The value of a sum whose expansions were made: a number, or a symbol."""
    return _Sum(pieces, env, world).all()


class _Sum:
    def __init__(self, pieces: Value, env: Env, world: World) -> None:
        self.env, self.world = env, world
        self.symbols = [piece for piece in pieces if isinstance(piece, Symbol)]
        symbols = iter(range(len(self.symbols)))
        text = "".join(p if isinstance(p, str) else f"\0{next(symbols)}\0" for p in pieces)
        self.text = text
        self.tokens: list[str] = []
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None or len(self.tokens) > MAX_TOKENS:
                raise NotUnderstoodError("a sum is not understood")
            self.tokens.append(match.group().strip())
            position = match.end()
        self.index = 0
        self.depth = 0

    def all(self) -> Value:
        if not self.tokens:
            return value("0")
        found = self.expression(0)
        if self.index < len(self.tokens):
            raise NotUnderstoodError("a sum is not understood")
        return found

    def peek(self) -> str:
        return self.tokens[self.index] if self.index < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.index += 1
        return token

    def expression(self, level: int, *, quiet: bool = False) -> Value:
        self.depth += 1
        if self.depth > MAX_NESTED * 10:
            raise NotUnderstoodError("a sum is nested too deeply")
        name = self.peek()
        left = self.operand(quiet)
        while True:
            sign = self.peek()
            if sign in _ASSIGNS and level <= 2:
                left = self.assign(name, left, quiet)
                continue
            own = _LEVELS.get(sign, 0)
            if not own or own <= level or sign == "=":
                break
            self.take()
            left = self.operator(sign, left, own, quiet)
        self.depth -= 1
        return left

    def assign(self, name: str, left: Value, quiet: bool) -> Value:
        sign = self.take()[:-1]
        right = self.expression(1, quiet=quiet)
        result = self.binary(sign, left, right) if sign else right
        return self.put(name, result, quiet)

    def put(self, name: str, result: Value, quiet: bool) -> Value:
        if not quiet and name.isidentifier():
            self.env.put(name, result)
        return result

    def operator(self, sign: str, left: Value, own: int, quiet: bool) -> Value:
        if sign == "?":
            return self.ternary(left, quiet)
        if sign in ("&&", "||"):
            zero = quiet or self.world.zero(left)
            decided = zero == (sign == "&&")
            right = self.expression(own, quiet=quiet or decided)
            if decided:
                return value("0" if sign == "&&" else "1")
            return value("0" if quiet or self.world.zero(right) else "1")
        right = self.expression(own - 1 if sign == "**" else own, quiet=quiet)
        return right if sign == "," else value("0") if quiet else self.binary(sign, left, right)

    def ternary(self, condition: Value, quiet: bool) -> Value:
        zero = quiet or self.world.zero(condition)
        one = self.expression(2, quiet=quiet or zero)
        if self.take() != ":":
            raise NotUnderstoodError("a sum is not understood")
        two = self.expression(2, quiet=quiet or not zero)
        return two if zero else one

    def operand(self, quiet: bool) -> Value:
        sign = self.take()
        if sign in ("-", "+", "!", "~"):
            found = self.expression(14, quiet=quiet)
            if sign == "!":
                return value("1" if not quiet and self.world.zero(found) else "0")
            return self.binary("-", value("0"), found) if sign == "-" else found
        if sign in ("++", "--"):
            name = self.take()
            return self.put(name, self.binary(sign[0], self.variable(name), value("1")), quiet)
        if sign == "(":
            found = self.expression(0, quiet=quiet)
            if self.take() != ")":
                raise NotUnderstoodError("a sum is not understood")
            return found
        if sign[:1].isdigit():
            base = 16 if sign[:2].lower() == "0x" else 8 if sign[0] == "0" else 10
            return value(str(int(sign, base))) if base != 8 or sign.isdigit() else value("0")
        if sign[:1] == "\0":
            return (self.symbols[int(sign.strip("\0"))],)
        if not sign or not (sign[0].isalpha() or sign[0] == "_"):
            raise NotUnderstoodError("a sum is not understood")
        found = self.variable(sign)
        if self.peek() in ("++", "--"):
            step = self.take()
            self.put(sign, self.binary(step[0], found, value("1")), quiet)
        return found

    def variable(self, name: str) -> Value:
        if "[" in name:
            array, _, index = name[:-1].partition("[")
            elements = self.env.arrays.get(array, ())
            return elements[int(index)] if int(index) < len(elements) else value("0")
        found = self.world.known(self.env.get(name))
        if not found:
            return value("0")
        return found if text_of(found) is None or number_of(found[0]) is not None else value("0")  # type: ignore[arg-type]

    def binary(self, sign: str, left: Value, right: Value) -> Value:
        left, right = self.world.known(left), self.world.known(right)
        if sign in _KINDS:
            kind, wanted = _KINDS[sign]
            return value(str(int(self.world.compare(kind, left, right) is wanted)))
        one, two = text_of(left), text_of(right)
        if one is not None and two is not None:
            number = _exactly(sign, number_of(one) or 0, number_of(two) or 0)
            if number is not None:
                return value(str(number))
        if sign in ("*", "&") and "0" in (one, two):
            return value("0")
        if sign in ("+", "|") and one == "0":
            return right
        if sign in ("+", "|", "-") and two == "0":
            return left
        failing = sign in ("+", "|") and _positive(left) and _positive(right)
        return (Symbol(("sum", sign, left, right), failing),)


def _positive(found: Value) -> bool:
    text = text_of(found)
    if text is not None:
        return (number_of(text) or 0) >= 0
    return len(found) == 1 and isinstance(found[0], Symbol) and found[0].failing


def _exactly(sign: str, one: int, two: int) -> int | None:
    if abs(one) > 1 << 62 or abs(two) > 1 << 62:
        return None
    if sign in ("<<", ">>", "**") and not 0 <= two < 60:
        return None
    if sign in ("/", "%"):
        quotient = abs(one) // abs(two) if two else 0
        quotient = -quotient if (one < 0) != (two < 0) else quotient
        return None if not two else quotient if sign == "/" else one - quotient * two
    found = _EXACT[sign](one, two)
    return found if abs(found) < 1 << 62 else None


_EXACT: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "**": lambda a, b: a**b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "<<": lambda a, b: a << b,
    ">>": lambda a, b: a >> b,
}
