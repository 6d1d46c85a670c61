"""The library's `dataclass`, made for hundreds of classes and a million values.

Most of a short run would be making classes. Here a class is its names in slots; a constructor is
compiled when the first value is made, since most runs need a part of the classes only, and what
`dataclasses.fields` and `replace` ask for is worked out when they ask. A frozen class is so for the
type checker, which proves that nothing assigns to its fields: forbidding it once more at run time
would make each value three times as slow.

Not taken over: fields of a base class, `ClassVar` and `InitVar`.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, field
from operator import attrgetter, ge, gt, le, lt
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")
_ORDER = {"__lt__": lt, "__le__": le, "__gt__": gt, "__ge__": ge}


@dataclass_transform(field_specifiers=(field, Field))
def dataclass(
    *,
    frozen: bool = False,
    slots: bool = False,
    eq: bool = True,
    order: bool = False,
    unsafe_hash: bool = False,
    kw_only: bool = False,
) -> Callable[[type[T]], type[T]]:
    """As `dataclasses.dataclass`; what it does not take, that one does."""

    def decorate(cls: type[T]) -> type[T]:
        given = {name: cls.__dict__.get(name, MISSING) for name in cls.__annotations__}
        made: Any = _bare(cls, given, slots)
        methods: dict[str, Any] = {
            "__init__": _constructor(made, given, kw_only),
            "__repr__": _shown([name for name in given if _counts(given[name], "repr")]),
            "__dataclass_fields__": _Fields(made, given),
            "__match_args__": () if kw_only else tuple(given),
        }
        if eq:
            values = _values([name for name in given if _counts(given[name], "compare")])
            methods["__eq__"] = _compared(values)
            methods["__hash__"] = _hashed(values) if frozen or unsafe_hash else None
            if order:
                methods |= {name: _ordered(values, ask) for name, ask in _ORDER.items()}
        for name, method in methods.items():
            if name not in cls.__dict__:
                setattr(made, name, method)
        return made  # type: ignore[no-any-return]

    return decorate


def _bare(cls: Any, given: dict[str, Any], slots: bool) -> Any:
    """The class without the fields' defaults, which a constructor knows."""
    for name, default in given.items():
        if type(_default(default)).__hash__ is None:
            raise ValueError(f"{cls.__qualname__}.{name}: all values would share one default")
    if not slots:
        for name, default in given.items():
            if default is not MISSING:
                delattr(cls, name)
        return cls
    space = {name: value for name, value in cls.__dict__.items() if name not in given}
    for name in ("__dict__", "__weakref__"):
        space.pop(name, None)
    made = type(cls)(cls.__name__, cls.__bases__, {**space, "__slots__": tuple(given)})
    made.__qualname__ = cls.__qualname__
    return made


def _default(given: Any) -> Any:
    return given.default if isinstance(given, Field) else given


def _counts(given: Any, purpose: str) -> bool:
    return not isinstance(given, Field) or getattr(given, purpose)


class _Fields:
    """`__dataclass_fields__`: the library makes them on first access."""

    def __init__(self, cls: Any, given: dict[str, Any]) -> None:
        self.cls, self.given = cls, given

    def __get__(self, value: Any, owner: Any) -> "dict[str, Field[Any]]":
        types = self.cls.__annotations__
        fields = [
            (name, types[name]) if default is MISSING else (name, types[name], default)
            for name, default in self.given.items()
        ]
        told = {"__doc__": "else the library looks for a signature"}
        twin: Any = dataclasses.make_dataclass(
            "twin", fields, namespace=told, init=False, repr=False, eq=False
        )
        self.cls.__dataclass_fields__ = twin.__dataclass_fields__
        return twin.__dataclass_fields__  # type: ignore[no-any-return]


def _constructor(cls: Any, given: dict[str, Any], kw_only: bool) -> Callable[..., None]:
    def first(self: Any, *args: Any, **kwargs: Any) -> None:
        cls.__init__ = _compiled(cls, given, kw_only)
        cls.__init__(self, *args, **kwargs)

    return first


def _compiled(cls: Any, given: dict[str, Any], kw_only: bool) -> Callable[..., None]:
    """A constructor that assigns name by name, of names that stand in our own source."""
    space: dict[str, Any] = {"_MISSING": MISSING}
    parameters = ["self", "*"] if kw_only and given else ["self"]
    body = []
    for name, default in given.items():
        factory = default.default_factory if isinstance(default, Field) else MISSING
        if factory is not MISSING:
            space[f"_make_{name}"] = factory
            parameters.append(f"{name}=_MISSING")
            body.append(f"self.{name} = _make_{name}() if {name} is _MISSING else {name}")
            continue
        body.append(f"self.{name} = {name}")
        if (value := _default(default)) is MISSING:
            parameters.append(name)
        else:
            space[f"_default_{name}"] = value
            parameters.append(f"{name}=_default_{name}")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    lines = "\n ".join(body or ["pass"])
    exec(f"def __init__({', '.join(parameters)}):\n {lines}", space)  # noqa: S102  # nosec B102
    made: Callable[..., None] = space["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _values(names: list[str]) -> Callable[[Any], Any]:
    return attrgetter(*names) if names else lambda _: ()


def _compared(values: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    def equal(self: Any, other: Any) -> Any:
        return (
            values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented
        )

    return equal


def _ordered(
    values: Callable[[Any], Any], ask: Callable[[Any, Any], bool]
) -> Callable[[Any, Any], Any]:
    def ordered(self: Any, other: Any) -> Any:
        same = other.__class__ is self.__class__
        return ask(values(self), values(other)) if same else NotImplemented

    return ordered


def _hashed(values: Callable[[Any], Any]) -> Callable[[Any], int]:
    return lambda self: hash(values(self))


def _shown(names: list[str]) -> Callable[[Any], str]:
    def shown(self: Any) -> str:
        parts = (f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({', '.join(parts)})"

    return shown
