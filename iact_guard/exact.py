"""Plain data, read into the types of the configuration where it fits them as it stands.

What does not fit at once, and why, is for pydantic to say: importing it and building validators
would be a fifth of a short run, which a configuration without mistakes does not wait for.
"""

import dataclasses
import datetime
import re
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from iact_guard.model.regex import regex

_DATE = regex(r"\d{4}-\d\d-\d\d", re.ASCII)


class InexactError(ValueError):
    """Something is not quite of the type; it may still be meant so."""


def exactly(shape: Any, data: Any) -> Any:
    """The value that pydantic would make of the data; InexactError where it may be another one."""
    origin, arguments = get_origin(shape), get_args(shape)
    if shape is Any:
        return data
    if origin in (Union, types.UnionType):
        return _one_of(arguments, data)
    if origin is Literal:
        return _same(data, isinstance(data, str) and data in arguments)
    if origin is tuple and arguments[1:] == (...,):
        items = _same(data, isinstance(data, list))
        return tuple(exactly(arguments[0], item) for item in items)
    if origin is dict:
        pairs = _same(data, isinstance(data, Mapping)).items()
        key, value = arguments
        return {exactly(key, name): exactly(value, item) for name, item in pairs}
    if dataclasses.is_dataclass(shape):
        return _object(shape, _same(data, isinstance(data, Mapping)))
    if shape is float:
        return float(_same(data, type(data) is float or (type(data) is int and abs(data) < 2**53)))
    if shape is datetime.date and isinstance(data, str) and _DATE.fullmatch(data):
        return datetime.date.fromisoformat(data)
    return _same(data, type(data) is shape)


def _same(data: Any, fits: bool) -> Any:
    if not fits:
        raise InexactError
    return data


def _one_of(shapes: tuple[Any, ...], data: Any) -> Any:
    if type(data) in shapes:  # 15 is no 15.0 where it may be either
        return data
    for shape in shapes:
        try:
            return exactly(shape, data)
        except InexactError:
            continue
    raise InexactError


def _object(shape: Any, data: Mapping[Any, Any]) -> Any:
    hints = get_type_hints(shape)
    if not data.keys() <= hints.keys():
        raise InexactError
    values = {name: exactly(hints[name], item) for name, item in data.items()}
    try:
        return shape(**values)
    except (TypeError, ValueError) as error:  # a field is missing, or refused
        raise InexactError from error
