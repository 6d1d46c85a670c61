"""The library's `dataclass`, made for hundreds of classes and a million values.

A constructor is compiled when a class makes its first value, since most runs need a part of the
classes only; comparing, hashing and printing need no compiling. A frozen class is so for the type
checker, which proves that nothing assigns to its fields: forbidding it once more at run time would
make each value three times as slow.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import Field, field
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")
_ASKED_FOR = ("__doc__", "__post_init__")
"""What the library looks for, or makes up, when it makes a constructor."""


@dataclass_transform(field_specifiers=(field, Field))
def dataclass(
    *, frozen: bool = False, slots: bool = False, eq: bool = True, unsafe_hash: bool = False
) -> Callable[[type[T]], type[T]]:
    """As `dataclasses.dataclass`; what it does not take, that one does."""

    def decorate(cls: type[T]) -> type[T]:
        made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
        fields = dataclasses.fields(made)
        methods: dict[str, Any] = {"__init__": _constructor(made), "__repr__": _shown(fields)}
        if eq:
            values = _values([each.name for each in fields if each.compare])
            methods["__eq__"] = _compared(values)
            methods["__hash__"] = _hashed(values) if frozen or unsafe_hash else None
        for name, method in methods.items():
            if name not in cls.__dict__:
                setattr(made, name, method)
        return made  # type: ignore[no-any-return]

    return decorate


def _constructor(cls: Any) -> Callable[..., None]:
    def first(self: Any, *args: Any, **kwargs: Any) -> None:
        fields = [(each.name, each.type, each) for each in dataclasses.fields(cls)]
        own = {name: getattr(cls, name) for name in _ASKED_FOR if hasattr(cls, name)}
        twin = dataclasses.make_dataclass("twin", fields, namespace=own, repr=False, eq=False)
        cls.__init__ = twin.__init__  # type: ignore[misc]
        cls.__init__(self, *args, **kwargs)

    return first


def _values(names: list[str]) -> Callable[[Any], Any]:
    return attrgetter(*names) if names else lambda _: ()


def _compared(values: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    def equal(self: Any, other: Any) -> Any:
        return (
            values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented
        )

    return equal


def _hashed(values: Callable[[Any], Any]) -> Callable[[Any], int]:
    return lambda self: hash(values(self))


def _shown(fields: "tuple[Field[Any], ...]") -> Callable[[Any], str]:
    def shown(self: Any) -> str:
        parts = (f"{each.name}={getattr(self, each.name)!r}" for each in fields if each.repr)
        return f"{type(self).__qualname__}({', '.join(parts)})"

    return shown
