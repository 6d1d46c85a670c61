"""Values as Python source again, to stand in code that is advised."""

from dataclasses import replace

from iact_guard.model.literal import (
    Argument,
    Call,
    Constant,
    Items,
    Mapping,
    Opaque,
    Reference,
    Value,
)
from iact_guard.model.records import dataclass

HIDDEN = "..."
"""Stands where the source is more than a value."""


@dataclass(frozen=True, slots=True)
class Source:
    """Code, and the imports that it needs."""

    code: str
    imports: tuple[str, ...] = ()


def source(value: Value | None) -> Source:
    """A value as code."""
    imports: dict[str, None] = {}
    return Source(_code(value, imports), tuple(imports))


def with_options(field: Value | None, **options: str) -> Value | None:
    """A field with some arguments set, or taken out where they are empty; values are code."""
    if not isinstance(field, Call):
        return field
    kept = [a for a in field.arguments if a.name not in options]
    added = [
        Argument(name, Reference(code, field.location), field.location)
        for name, code in options.items()
        if code
    ]
    return replace(field, arguments=(*kept, *added))


def _code(value: Value | None, imports: dict[str, None]) -> str:
    match value:
        case Constant(value=str(text)):
            return _quoted(text)
        case Constant(value=plain):
            return repr(plain)
        case Reference(name=name):
            return _named(name, imports)
        case Call(function=function, arguments=arguments):
            return f"{_named(function, imports)}({_arguments(arguments, imports)})"
        case Items(items=items):
            return f"[{', '.join(_code(item, imports) for item in items)}]"
        case Mapping(entries=entries):
            pairs = (f"{_code(k, imports)}: {_code(v, imports)}" for k, v in entries)
            return "{" + ", ".join(pairs) + "}"
        case Opaque() | None:
            return HIDDEN
    return HIDDEN


def _arguments(arguments: tuple[Argument, ...], imports: dict[str, None]) -> str:
    found = []
    for argument in arguments:
        code = _code(argument.value, imports)
        name = argument.name
        found.append(f"{name}={code}" if name.isidentifier() else f"{name}{code}")
    return ", ".join(found)


def _quoted(text: str) -> str:
    plain = text.isprintable() and '"' not in text and "\\" not in text
    return f'"{text}"' if plain else repr(text)


def _named(name: str, imports: dict[str, None]) -> str:
    """A dotted name as a migration would write it."""
    for prefix, short in (
        ("django.db.models.", "models."),
        ("django.db.migrations.", "migrations."),
    ):
        rest = name.removeprefix(prefix)
        if rest != name and ("." not in rest or rest.startswith(("fields.", "deletion."))):
            return short + rest.rpartition(".")[2]
    if name.startswith("django.conf.settings."):
        imports["from django.conf import settings"] = None
        return name.removeprefix("django.conf.")
    module, dot, last = name.rpartition(".")
    plain = all(part.isidentifier() for part in name.split("."))
    if not dot or not plain or module in ("models", "migrations"):
        return name
    imports[f"from {module} import {last}"] = None
    return last
