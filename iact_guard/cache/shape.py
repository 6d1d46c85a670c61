"""Untrusted JSON, read into the type that the reader expects: nothing else gets through."""

import dataclasses
import types
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
_Reader = Callable[[Any], Any]


class ShapeError(ValueError):
    """Data is not of the shape that was asked for."""


def plain(value: Any) -> Any:
    """The JSON of a value: a dataclass as an object, a mapping as pairs, since keys are tuples."""
    if dataclasses.is_dataclass(value):
        return {name: plain(getattr(value, name)) for name in _names(cast(Any, type(value)))}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return [[plain(name), plain(item)] for name, item in value.items()]
    return value.value if isinstance(value, Enum) else value


def shaped(shape: type[T], data: Any) -> T:
    """The value that `plain` was given; ShapeError for anything that it could not have made."""
    return cast(T, _reader(cast(Any, shape))(data))


@cache
def _names(shape: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(shape))


@cache
def _reader(shape: Any) -> _Reader:
    """How a type is read, worked out once: there are thousands of findings."""
    origin, arguments = get_origin(shape), get_args(shape)
    if dataclasses.is_dataclass(shape):
        return _object(shape)
    if origin is Literal:
        return _one_of(arguments)
    if origin in (Union, types.UnionType):
        return _either([_reader(argument) for argument in arguments])
    if origin is tuple and arguments[-1] is ...:
        return _sequence(_reader(arguments[0]))
    if origin is tuple:
        return _record([_reader(argument) for argument in arguments])
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(_record([_reader(argument) for argument in arguments]))
    if shape is Any:
        return _refused
    if shape in (str, int, float, bool, types.NoneType):
        return _exactly(shape)
    raise TypeError(f"{shape} cannot be read from JSON")


def _object(shape: Any) -> _Reader:
    hints = get_type_hints(shape)
    readers = {name: _reader(hints[name]) for name in _names(shape)}

    def read(data: Any) -> Any:
        if not isinstance(data, dict) or data.keys() != readers.keys():
            raise ShapeError(shape.__name__)
        return shape(**{name: reader(data[name]) for name, reader in readers.items()})

    return read


def _refused(data: Any) -> Any:
    raise ShapeError("what may be anything is never remembered")


def _one_of(values: tuple[Any, ...]) -> _Reader:
    def read(data: Any) -> Any:
        if not isinstance(data, str) or data not in values:
            raise ShapeError("no such value")
        return data

    return read


def _either(readers: list[_Reader]) -> _Reader:
    def read(data: Any) -> Any:
        for reader in readers:
            try:
                return reader(data)
            except ShapeError:
                continue
        raise ShapeError("none of several shapes")

    return read


def _sequence(reader: _Reader) -> _Reader:
    def read(data: Any) -> Any:
        return tuple(map(reader, _items(data)))

    return read


def _record(readers: list[_Reader]) -> _Reader:
    def read(data: Any) -> Any:
        items = _items(data)
        if len(items) != len(readers):
            raise ShapeError("another number of items")
        return tuple(reader(item) for reader, item in zip(readers, items, strict=True))

    return read


def _mapping(pair: _Reader) -> _Reader:
    def read(data: Any) -> Any:
        return dict(map(pair, _items(data)))

    return read


def _items(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise ShapeError("no list")
    return data


def _exactly(shape: Any) -> _Reader:
    def read(data: Any) -> Any:
        if type(data) is not shape:  # True is no number here
            raise ShapeError(f"no {shape.__name__}")
        return data

    return read
