"""Functions of strings."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

from iact_guard.analyze.terraform import conversion as to
from iact_guard.analyze.terraform.conversion import refuse
from iact_guard.analyze.terraform.functions.arguments import (
    Arguments,
    Function,
    converted,
    listed,
    of_json,
    plain,
    strings,
)
from iact_guard.model.regex import regex
from iact_guard.model.value import Entries, Items, Value, known, unknown

_FORMAT = regex(r"%(?:(%)|([-+ 0]*)(\d{0,3})(?:\.(\d{1,3}))?([sdvqft]))")


def _text(function: Callable[..., str]) -> Callable[[Arguments], Value]:
    return lambda arguments: to.scalar(function(*(to.string(a) for a in arguments)))


def _truth(function: Callable[..., bool]) -> Callable[[Arguments], Value]:
    return lambda arguments: known(function(*(to.string(a) for a in arguments)))


def _join(arguments: Arguments) -> Value:
    parts = (text for argument in arguments[1:] for text in strings(argument))
    return to.scalar(to.joined(parts, to.string(arguments[0])))


def _split(arguments: Arguments) -> Value:
    separator, text = (to.string(argument) for argument in arguments)
    return listed(known(part) for part in (text.split(separator) if separator else text))


def _replace(arguments: Arguments) -> Value:
    text, old, new = (to.string(argument) for argument in arguments)
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return unknown("replace() with a pattern is not evaluated", *arguments)
    if len(text) * len(new) > 100 * to.MAX_STRING:
        return unknown("replace() with a string that is too long", *arguments)
    return to.scalar(text.replace(old, new))


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
        text = json.dumps(plain(to.measured(value)), separators=(",", ":"))
    else:
        text = to.string(value)
    text = json.dumps(text, ensure_ascii=False) if verb == "q" else text
    text = text[: int(precision)] if precision else text
    return text.ljust(int(width or 0)) if "-" in flags else text.rjust(int(width or 0))


def _jsonencode(arguments: Arguments) -> Value:
    text = json.dumps(plain(to.measured(arguments[0])), separators=(",", ":"), ensure_ascii=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return to.scalar(text)


def _substr(arguments: Arguments) -> Value:
    text, offset, length = to.string(arguments[0]), *map(to.numeric, arguments[1:])
    start = int(offset) if offset >= 0 else max(0, len(text) + int(offset))
    return to.scalar(text[start:] if length < 0 else text[start : start + int(length)])


def _title(text: str) -> str:
    return re.sub(r"(^|\s)(\S)", lambda match: match[1] + match[2].upper(), text)


TABLE: dict[str, Function] = {
    "base64decode": _text(lambda text: base64.b64decode(text, validate=True).decode()),
    "base64encode": _text(lambda text: base64.b64encode(text.encode()).decode()),
    "basename": _text(lambda path: path.rstrip("/").rpartition("/")[2]),
    "chomp": _text(lambda text: text.rstrip("\r\n")),
    "dirname": _text(lambda path: path.rpartition("/")[0] or "."),
    "endswith": _truth(str.endswith),
    "format": _format,
    "join": _join,
    "jsondecode": lambda arguments: of_json(json.loads(to.string(arguments[0]))),
    "jsonencode": _jsonencode,
    "lower": _text(str.lower),
    "replace": _replace,
    "split": _split,
    "startswith": _truth(str.startswith),
    "strcontains": _truth(lambda text, part: part in text),
    "strrev": _text(lambda text: text[::-1]),
    "substr": _substr,
    "title": _text(_title),
    "tostring": converted(to.string),
    "trim": _text(lambda text, characters: text.strip(characters)),
    "trimprefix": _text(str.removeprefix),
    "trimspace": _text(str.strip),
    "trimsuffix": _text(str.removesuffix),
    "upper": _text(str.upper),
}
