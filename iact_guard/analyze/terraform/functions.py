"""Terraform's functions, those that people use on what the files know."""

import base64
import json
import math
import re
from collections.abc import Callable
from typing import Any

from iact_guard.analyze.terraform import conversion as to
from iact_guard.analyze.terraform.conversion import UnresolvedError, refuse
from iact_guard.model.value import Entries, Items, Value, failed, known, null, unknown

Arguments = list[Value]
_RUN_TIME = frozenset({"timestamp", "uuid", "plantimestamp", "bcrypt", "timeadd", "timecmp"})
_FORMAT = re.compile(r"%(?:(%)|([-+ 0]*)(\d{0,3})(?:\.(\d{1,3}))?([sdvqft]))")


def call(name: str, arguments: Arguments) -> Value:
    """The value of a call; unknown for a function that is not followed."""
    name = name.removeprefix("core::")
    if name in _RUN_TIME:
        return unknown(f"{name}() is known at run time only")
    function = _FUNCTIONS.get(name)
    if function is None:
        return unknown(f"the function {name}() is not evaluated", *arguments)
    refused = next((argument for argument in arguments if argument.failed), None)
    if refused and name not in ("try", "can"):
        return refused
    try:
        made = function(arguments)
    except UnresolvedError as error:
        return error.value
    except (IndexError, ValueError, TypeError, OverflowError, ZeroDivisionError, RecursionError):
        return failed(f"{name}() cannot take these arguments", *arguments)
    return made.made_of(*arguments)


def _sequence(arguments: Arguments) -> tuple[Value, ...]:
    return to.items(arguments[0]).values


def _certain(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Elements that are all known."""
    for value in values:
        if value.state == "unknown":
            raise UnresolvedError(value)
    return values


def _strings(value: Value) -> list[str]:
    return [to.string(item) for item in to.items(value).values]


def _list(values: Any) -> Value:
    return known(to.bounded(values))


def _text(function: Callable[..., str]) -> Callable[[Arguments], Value]:
    return lambda arguments: to.scalar(function(*(to.string(a) for a in arguments)))


def _number(function: Callable[..., float]) -> Callable[[Arguments], Value]:
    return lambda arguments: known(to.tidy(function(*(to.numeric(a) for a in arguments))))


def _truth(function: Callable[..., bool]) -> Callable[[Arguments], Value]:
    return lambda arguments: known(function(*(to.string(a) for a in arguments)))


def _try(arguments: Arguments) -> Value:
    for argument in arguments:
        if not argument.failed:
            return argument
    return failed("no argument of try() can be evaluated", *arguments)


def _can(arguments: Arguments) -> Value:
    (argument,) = arguments
    if argument.state == "unknown" and not argument.failed:
        raise UnresolvedError(argument)
    return known(not argument.failed)


def _lookup(arguments: Arguments) -> Value:
    table, key = arguments[0], arguments[1]
    found = known(to.entries(table), table).get(to.string(key))
    if found.state != "absent":
        return found
    return arguments[2] if len(arguments) > 2 else failed("lookup() finds no such key", table)


def _coalesce(arguments: Arguments) -> Value:
    for argument in arguments:
        if argument.state == "unknown":
            return argument
        if not argument.nothing and argument.content != "":
            kinds = {type(a.content) for a in arguments if a.state == "known"}
            mixed = len(kinds) > 1 and not isinstance(argument.content, Items | Entries)
            return known(to.string(argument), argument) if mixed else argument
    return failed("no argument of coalesce() has a value")


def _coalescelist(arguments: Arguments) -> Value:
    for argument in arguments:
        if argument.nothing:
            continue
        if to.items(argument).values:
            return argument
    return failed("no argument of coalescelist() has an element")


def _merge(arguments: Arguments) -> Value:
    """A key of an argument is there for sure; an unknown one after it may replace its value."""
    merged: dict[str, Value] = {}
    others = ""
    for argument in arguments:
        if argument.nothing:
            continue
        if argument.state == "unknown":
            if argument.failed:
                return argument
            reason = argument.reason
        else:
            reason = to.entries(argument).others
        if reason:
            others = reason
            merged = {k: _replaceable(v, argument, reason) for k, v in merged.items()}
        if argument.state == "known":
            merged |= to.entries(argument).values
    return known(Entries(merged, others), *arguments)


def _replaceable(value: Value, by: Value, reason: str) -> Value:
    return unknown(f"what is merged after it may replace it: {reason}", value, by)


def _length(arguments: Arguments) -> Value:
    value = to.resolved(arguments[0])
    if isinstance(value.content, str):
        return known(len(value.content))
    if isinstance(value.content, Entries):
        return known(len(to.closed(value)))
    found = to.items(value)
    return known(len(_certain(found.values) if found.is_set else found.values))


def _flatten(arguments: Arguments) -> Value:
    flat: list[Value] = []
    stack = list(reversed(_sequence(arguments)))
    while stack:
        value = stack.pop()
        if value.state == "unknown":
            raise UnresolvedError(value)
        if isinstance(value.content, Items):
            stack += reversed(value.content.values)
        else:
            flat.append(value)
    return _list(flat)


def _contains(arguments: Arguments) -> Value:
    answers = [to.equal(item, arguments[1]) for item in _sequence(arguments)]
    if True in answers:
        return known(True)
    if None in answers:
        return unknown("an element of the list is unknown", *arguments)
    return known(False)


def _keys(arguments: Arguments) -> Value:
    return _list(known(key) for key in sorted(to.closed(arguments[0])))


def _values(arguments: Arguments) -> Value:
    table = to.closed(arguments[0])
    return _list(table[key] for key in sorted(table))


def _element(arguments: Arguments) -> Value:
    found, number = _sequence(arguments), to.numeric(arguments[1])
    return found[int(number) % len(found)]


def _index(arguments: Arguments) -> Value:
    for number, value in enumerate(_certain(_sequence(arguments))):
        if to.equal(value, to.resolved(arguments[1])):
            return known(number)
    return failed("index() finds no such element", *arguments)


def _toset(arguments: Arguments) -> Value:
    return known(to.bounded(to.unify(_sequence(arguments)), is_set=True))


def _tolist(arguments: Arguments) -> Value:
    return _list(to.unify(_sequence(arguments)))


def _distinct(arguments: Arguments) -> Value:
    kept: dict[object, Value] = {}
    for value in _certain(_sequence(arguments)):
        kept.setdefault(to.identity(value), value)
    return _list(kept.values())


def _compact(arguments: Arguments) -> Value:
    values = _certain(_sequence(arguments))
    return _list(value for value in values if not value.nothing and value.content != "")


def _sort(arguments: Arguments) -> Value:
    return _list(known(text) for text in sorted(_strings(arguments[0])))


def _join(arguments: Arguments) -> Value:
    parts = [text for argument in arguments[1:] for text in _strings(argument)]
    return to.scalar(to.string(arguments[0]).join(parts))


def _split(arguments: Arguments) -> Value:
    separator, text = (to.string(argument) for argument in arguments)
    return _list(known(part) for part in (text.split(separator) if separator else text))


def _replace(arguments: Arguments) -> Value:
    text, old, new = (to.string(argument) for argument in arguments)
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return unknown("replace() with a pattern is not evaluated", *arguments)
    return to.scalar(text.replace(old, new) if len(text) * (len(new) + 1) < 10**6 else text)


def _format(arguments: Arguments) -> Value:
    template, values = to.string(arguments[0]), iter(arguments[1:])
    plain = _FORMAT.sub("", template)
    if "%" in plain:
        return unknown("format() with this verb is not evaluated", *arguments)
    return to.scalar(_FORMAT.sub(lambda match: _verb(match, values), template))


def _verb(match: re.Match[str], values: Any) -> str:
    percent, flags, width, precision, verb = match.groups()
    if percent:
        return "%"
    value = next(values, None)
    if value is None:
        raise refuse("format() has too few arguments")
    if verb == "d":
        return f"%{flags}{width}d" % int(to.numeric(value))
    if verb == "f":
        return f"%{flags}{width}.{precision or 6}f" % float(to.numeric(value))
    if verb == "v" and isinstance(value.content, Items | Entries):
        text = json.dumps(plain(value), separators=(",", ":"))
    else:
        text = to.string(value)
    text = json.dumps(text, ensure_ascii=False) if verb == "q" else text
    text = text[: int(precision)] if precision else text
    return text.ljust(int(width or 0)) if "-" in flags else text.rjust(int(width or 0))


def plain(value: Value) -> Any:
    """JSON of a value that is wholly known."""
    if value.nothing:
        return None
    content = to.resolved(value).content
    if isinstance(content, Items):
        return [plain(item) for item in content.values]
    if isinstance(content, Entries):
        return {key: plain(inner) for key, inner in sorted(to.closed(value).items())}
    return content


def of_json(data: Any) -> Value:
    """The value of plain JSON."""
    if data is None:
        return null()
    if isinstance(data, list):
        return _list(of_json(item) for item in data)
    if isinstance(data, dict):
        return known(Entries({str(key): of_json(item) for key, item in data.items()}))
    return known(to.tidy(data) if isinstance(data, float) else data)


def _jsonencode(arguments: Arguments) -> Value:
    text = json.dumps(plain(arguments[0]), separators=(",", ":"), ensure_ascii=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return to.scalar(text)


def _zipmap(arguments: Arguments) -> Value:
    names, values = _strings(arguments[0]), to.items(arguments[1]).values
    return known(Entries(dict(zip(names, values, strict=True))))


def _range(arguments: Arguments) -> Value:
    bounds = [int(to.numeric(argument)) for argument in arguments]
    if len(bounds) == 1:
        bounds = [0, *bounds]
    step = bounds[2] if len(bounds) > 2 else 1 if bounds[0] <= bounds[1] else -1
    numbers = range(bounds[0], bounds[1], step)
    if len(numbers) > 1024:
        raise refuse("range() of more than 1024 elements")
    return _list(known(number) for number in numbers)


def _set_of(combine: Callable[[Any, Any], Any]) -> Callable[[Arguments], Value]:
    def function(arguments: Arguments) -> Value:
        tables = [{to.identity(v): v for v in _certain(to.items(a).values)} for a in arguments]
        keys = set(tables[0])
        everything = dict(tables[0])
        for table in tables[1:]:
            keys = combine(keys, set(table))
            everything |= table
        return known(to.bounded([v for k, v in everything.items() if k in keys], is_set=True))

    return function


def _one(arguments: Arguments) -> Value:
    found = _sequence(arguments)
    if len(found) > 1:
        return failed("one() has more than one element", *arguments)
    return found[0] if found else null(*arguments)


def _all(arguments: Arguments) -> Value:
    values = _sequence(arguments)
    if any(v.state == "known" and not to.boolean(v) for v in values):
        return known(False)
    return known(all(to.boolean(value) for value in values))


def _any(arguments: Arguments) -> Value:
    values = _sequence(arguments)
    if any(v.state == "known" and to.boolean(v) for v in values):
        return known(True)
    return known(any(to.boolean(value) for value in values))


def _sum(arguments: Arguments) -> Value:
    numbers = [to.exact(to.numeric(value)) for value in _sequence(arguments)]
    return known(to.tidy(sum(numbers))) if numbers else failed("sum() of nothing", *arguments)


def _extreme(choose: Callable[[Any], Any]) -> Callable[[Arguments], Value]:
    return lambda arguments: known(choose([to.numeric(argument) for argument in arguments]))


def _substr(arguments: Arguments) -> Value:
    text, offset, length = to.string(arguments[0]), *map(to.numeric, arguments[1:])
    start = int(offset) if offset >= 0 else max(0, len(text) + int(offset))
    return to.scalar(text[start:] if length < 0 else text[start : start + int(length)])


def _slice(arguments: Arguments) -> Value:
    found, (start, end) = _sequence(arguments), map(to.numeric, arguments[1:])
    if not 0 <= start <= end <= len(found):
        return failed("slice() beyond the list", *arguments)
    return _list(found[int(start) : int(end)])


def _concat(arguments: Arguments) -> Value:
    return _list(item for argument in arguments for item in to.items(argument).values)


def _same(arguments: Arguments) -> Value:
    return arguments[0]


def _convert(convert: Callable[[Value], Any]) -> Callable[[Arguments], Value]:
    return lambda arguments: (
        null(arguments[0]) if arguments[0].nothing else known(convert(arguments[0]), arguments[0])
    )


def _title(text: str) -> str:
    return re.sub(r"(^|\s)(\S)", lambda match: match[1] + match[2].upper(), text)


def _tomap(arguments: Arguments) -> Value:
    found = to.entries(arguments[0])
    names = list(found.values)
    unified = to.unify(tuple(found.values[name] for name in names))
    return known(Entries(dict(zip(names, unified, strict=True)), found.others))


_FUNCTIONS: dict[str, Callable[[Arguments], Value]] = {
    "abs": _number(abs),
    "alltrue": _all,
    "anytrue": _any,
    "base64decode": _text(lambda text: base64.b64decode(text, validate=True).decode()),
    "base64encode": _text(lambda text: base64.b64encode(text.encode()).decode()),
    "basename": _text(lambda path: path.rstrip("/").rpartition("/")[2]),
    "can": _can,
    "ceil": _number(math.ceil),
    "chomp": _text(lambda text: text.rstrip("\r\n")),
    "coalesce": _coalesce,
    "coalescelist": _coalescelist,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "dirname": _text(lambda path: path.rpartition("/")[0] or "."),
    "distinct": _distinct,
    "element": _element,
    "endswith": _truth(str.endswith),
    "flatten": _flatten,
    "floor": _number(math.floor),
    "format": _format,
    "index": _index,
    "join": _join,
    "jsondecode": lambda arguments: of_json(json.loads(to.string(arguments[0]))),
    "jsonencode": _jsonencode,
    "keys": _keys,
    "length": _length,
    "lookup": _lookup,
    "lower": _text(str.lower),
    "max": _extreme(max),
    "merge": _merge,
    "min": _extreme(min),
    "nonsensitive": _same,
    "one": _one,
    "parseint": lambda a: known(int(to.string(a[0]), int(to.numeric(a[1])))),
    "pow": _number(lambda a, b: math.pow(a, b)),
    "range": _range,
    "replace": _replace,
    "reverse": lambda arguments: _list(reversed(_sequence(arguments))),
    "sensitive": _same,
    "setintersection": _set_of(lambda a, b: a & b),
    "setsubtract": _set_of(lambda a, b: a - b),
    "setunion": _set_of(lambda a, b: a | b),
    "slice": _slice,
    "signum": _number(lambda a: (a > 0) - (a < 0)),
    "sort": _sort,
    "split": _split,
    "startswith": _truth(str.startswith),
    "strcontains": _truth(lambda text, part: part in text),
    "strrev": _text(lambda text: text[::-1]),
    "substr": _substr,
    "sum": _sum,
    "title": _text(_title),
    "tobool": _convert(to.boolean),
    "tolist": _tolist,
    "tomap": _tomap,
    "tonumber": _convert(to.numeric),
    "toset": _toset,
    "tostring": _convert(to.string),
    "trim": _text(lambda text, characters: text.strip(characters)),
    "trimprefix": _text(str.removeprefix),
    "trimspace": _text(str.strip),
    "trimsuffix": _text(str.removesuffix),
    "try": _try,
    "upper": _text(str.upper),
    "values": _values,
    "zipmap": _zipmap,
}
