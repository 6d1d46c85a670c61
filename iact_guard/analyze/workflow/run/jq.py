"""As much of jq as scripts use on the results of jobs: evaluated on known JSON."""

import json
import re
from collections.abc import Iterator
from typing import Any

from iact_guard.model.regex import regex

MAX_DEPTH = 40
MAX_VALUES = 5_000
_TOKEN = regex(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)
    |(?P<field>\.[A-Za-z_]\w*)|(?P<sign>\|\||//|==|!=|<=|>=|[][(){}|.,:;<>?+-])|(?P<end>\Z))""",
    re.VERBOSE,
)
_HOLE = regex(r"\\\(([^()]*)\)")


class JqError(ValueError):
    """The filter is beyond what is understood, or fails on its input."""


def run(text: str, value: Any) -> list[Any]:
    """The outputs of a filter; JqError where it cannot be told."""
    parser = _Parser(text)
    program = parser.pipe(0)
    if parser.kind != "end":
        raise JqError(text)
    found = []
    for output in program(value):
        found.append(output)
        if len(found) > MAX_VALUES:
            raise JqError("too many values")
    return found


def is_true(value: Any) -> bool:
    """Everything counts but false and null."""
    return value is not None and value is not False


class _Parser:
    """Recursive descent; a filter is a function from a value to its outputs."""

    def __init__(self, text: str) -> None:
        self.source, self.position = text, 0
        self.advance()

    def advance(self) -> None:
        match = _TOKEN.match(self.source, self.position)
        if match is None or match.lastgroup is None:
            raise JqError(self.source)
        self.kind, self.text = match.lastgroup, match[match.lastgroup]
        self.position = match.end()

    def take(self, *texts: str) -> str:
        if self.kind in ("sign", "name") and self.text in texts:
            taken = self.text
            self.advance()
            return taken
        return ""

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise JqError(f"{text} is missing")

    def pipe(self, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise JqError("too deep")
        left = self.comma(depth)
        while self.take("|"):
            left = _piped(left, self.comma(depth))
        return left

    def comma(self, depth: int) -> Any:
        parts = [self.binary(depth, 0)]
        while self.take(","):
            parts.append(self.binary(depth, 0))
        return parts[0] if len(parts) == 1 else lambda v: (o for p in parts for o in p(v))

    def binary(self, depth: int, level: int) -> Any:
        levels = (("//",), ("or",), ("and",), ("==", "!=", "<", "<=", ">", ">="), ("+", "-"))
        if level == len(levels):
            return self.postfix(depth)
        left = self.binary(depth, level + 1)
        while operator := self.take(*levels[level]):
            left = _combined(operator, left, self.binary(depth, level + 1))
        return left

    def postfix(self, depth: int) -> Any:
        base = self.primary(depth)
        while True:
            if self.kind == "field":
                base = _piped(base, _field(self.text[1:]))
                self.advance()
            elif self.take("["):
                base = _piped_at(base, self.index(depth))
            elif self.take("."):
                if self.kind != "text":
                    raise JqError("an odd path")
                base = _piped(base, _field(json.loads(self.text)))
                self.advance()
            elif not self.take("?"):
                return base

    def index(self, depth: int) -> Any:
        if self.take("]"):
            return None
        inner = self.pipe(depth + 1)
        self.expect("]")
        return inner

    def primary(self, depth: int) -> Any:
        kind, text = self.kind, self.text
        if kind == "field":
            self.advance()
            return _field(text[1:])
        if kind in ("text", "number"):
            self.advance()
            return _text(text) if kind == "text" else _constant(json.loads(text))
        if self.take("("):
            inner = self.pipe(depth + 1)
            self.expect(")")
            return inner
        if self.take("["):
            inner = None if self.text == "]" and self.kind == "sign" else self.pipe(depth + 1)
            self.expect("]")
            return _constant([]) if inner is None else lambda v: iter([list(inner(v))])
        if self.take("."):
            if self.kind == "text":
                name = json.loads(self.text)
                self.advance()
                return _field(name)
            return lambda v: iter([v])
        if kind == "name":
            self.advance()
            return self.call(text, depth)
        raise JqError(self.source)

    def call(self, name: str, depth: int) -> Any:
        arguments: list[Any] = []
        if self.take("("):
            while True:
                arguments.append(self.pipe(depth + 1))
                if not self.take(";"):
                    break
            self.expect(")")
        return _function(name, arguments)


def _constant(value: Any) -> Any:
    return lambda _: iter([value])


def _text(token: str) -> Any:
    """A text, with `\\(...)` in it evaluated."""
    holes = [_Parser(match).pipe(1) for match in _HOLE.findall(token)]
    pieces = [json.loads(f'"{piece}"') for piece in _HOLE.split(token[1:-1])[::2]]

    def fill(value: Any) -> Iterator[Any]:
        found = [next(iter(hole(value)), None) for hole in holes]
        texts = [each if isinstance(each, str) else json.dumps(each) for each in found]
        yield "".join(a + b for a, b in zip(pieces, [*texts, ""], strict=True))

    return fill


def _piped(left: Any, right: Any) -> Any:
    return lambda value: (output for middle in left(value) for output in right(middle))


def _piped_at(base: Any, index: Any) -> Any:
    def look(value: Any) -> Iterator[Any]:
        for each in base(value):
            if index is None:
                yield from _children(each)
            else:
                for key in index(value):
                    yield _item(each, key)

    return look


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list):
        return value
    raise JqError("it has no items")


def _item(value: Any, key: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key)
    if isinstance(value, list) and isinstance(key, int | float):
        index = int(key)
        return value[index] if -len(value) <= index < len(value) else None
    raise JqError("no such item")


def _field(name: str) -> Any:
    return lambda value: iter([_item(value, name)])


def _combined(operator: str, left: Any, right: Any) -> Any:
    def both(value: Any) -> Iterator[Any]:
        if operator == "//":
            found = [each for each in left(value) if is_true(each)]
            yield from found or right(value)
            return
        for one in left(value):
            if operator in ("and", "or") and is_true(one) is (operator == "or"):
                yield operator == "or"
                continue
            for two in right(value):
                yield _computed(operator, one, two)

    return both


def _computed(operator: str, one: Any, two: Any) -> Any:
    match operator:
        case "and" | "or":
            return is_true(two)
        case "==":
            return one == two
        case "!=":
            return one != two
        case "+" if isinstance(one, str) and isinstance(two, str):
            return one + two
        case "+" if isinstance(one, list) and isinstance(two, list):
            return [*one, *two]
    if isinstance(one, int | float) and isinstance(two, int | float):
        results = {
            "+": one + two, "-": one - two, "<": one < two, "<=": one <= two, ">": one > two,
            ">=": one >= two,
        }  # fmt: skip
        return results[operator]
    if operator == "-" and isinstance(one, list) and isinstance(two, list):
        return [each for each in one if each not in two]
    raise JqError(operator)


def _function(name: str, given: list[Any]) -> Any:
    """A function by its name and number of arguments."""
    match name, given:
        case "select", [test]:
            return lambda v: (v for each in test(v) if is_true(each))
        case "map", [inner]:
            return lambda v: iter([[o for item in _children(v) for o in inner(item)]])
        case (("any" | "all"), [test]):
            return lambda v: iter([_quantified(name, [o for i in _children(v) for o in test(i)])])
        case (("any" | "all"), [items, test]):
            return lambda v: iter([_quantified(name, [o for i in items(v) for o in test(i)])])
        case "with_entries", [inner]:
            return lambda v: iter([_plain("from_entries", [
                output for entry in _plain("to_entries", v) for output in inner(entry)
            ])])  # fmt: skip
        case "IN", wanted if wanted:
            return lambda v: iter([any(v == each for option in wanted for each in option(v))])
        case (
            ("has" | "contains" | "startswith" | "endswith" | "join" | "test" | "index"),
            [inner],
        ):
            return lambda v: (_with_argument(name, v, each) for each in inner(v))
        case "del", _:
            raise JqError(name)
        case (("true" | "false" | "null"), []):
            return _constant(json.loads(name))
        case "empty", []:
            return lambda v: iter(())
        case (("recurse" | "input" | "inputs" | "error" | "halt_error"), _):
            raise JqError(name)
        case _, []:
            return lambda v: iter([_plain(name, v)])
    raise JqError(name)


def _quantified(name: str, values: list[Any]) -> bool:
    return any(map(is_true, values)) if name == "any" else all(map(is_true, values))


def _plain(name: str, value: Any) -> Any:
    match name, value:
        case "not", _:
            return not is_true(value)
        case "length", None:
            return 0
        case "length", list() | dict() | str():
            return len(value)
        case "to_entries", dict():
            return [{"key": key, "value": each} for key, each in value.items()]
        case "from_entries", list():
            return {each["key"]: each["value"] for each in value}
        case "keys", dict():
            return sorted(value)
        case "values", _ if value is not None:
            return value
        case (("any" | "all"), list()):
            return _quantified(name, value)
        case "unique", list():
            return sorted({json.dumps(each): each for each in value}.values(), key=json.dumps)
        case "add", list():
            return "".join(value) if all(isinstance(v, str) for v in value) else sum(value)
        case "tostring", _:
            return value if isinstance(value, str) else json.dumps(value)
        case "fromjson", str():
            return json.loads(value)
        case "ascii_downcase", str():
            return value.lower()
        case "first", list() if value:
            return value[0]
    raise JqError(name)


def _with_argument(name: str, value: Any, given: Any) -> Any:
    match name, value, given:
        case "has", dict(), str():
            return given in value
        case "contains", str(), str():
            return given in value
        case "contains", list(), list():
            return all(any(_holds(each, wanted) for each in value) for wanted in given)
        case "startswith", str(), str():
            return value.startswith(given)
        case "endswith", str(), str():
            return value.endswith(given)
        case "join", list(), str():
            return given.join(each if isinstance(each, str) else json.dumps(each) for each in value)
        case "index", list(), _:
            return value.index(given) if given in value else None
        case "test", str(), str() if re.fullmatch(r"[\w|^$() -]{1,200}", given):
            return re.search(given, value) is not None
    raise JqError(name)


def _holds(value: Any, wanted: Any) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return wanted in value
    return bool(value == wanted)
