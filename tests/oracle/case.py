"""A case: migrations as text, and from which one on they are a new release."""

from dataclasses import dataclass, field

APP = "shop"


@dataclass(frozen=True)
class Case:
    """The migrations of one app in order of execution; what is not in the base is judged."""

    name: str
    """Unique: `subject: history`."""
    migrations: tuple[tuple[str, str], ...]
    """Name and text."""
    base: int = 1
    """So many of them were there before the release."""
    values: dict[str, str] = field(default_factory=dict)
    """SQL over the row's number `g` for columns that need other rows: `shop_order.code`."""
    group: str = ""
    """The operations that are judged, where other cases hold the same ones with another history."""
    backwards: bool = False
    """The release is taken back as well."""

    @property
    def files(self) -> dict[str, str]:
        """Every migration by its path."""
        return {path(name): text for name, text in self.migrations}

    @property
    def base_files(self) -> dict[str, str]:
        """Those of the base revision."""
        return {path(name): text for name, text in self.migrations[: self.base]}


def path(name: str) -> str:
    """Where a migration stands."""
    return f"{APP}/migrations/{name}.py"


HEAD = """\
import datetime
import uuid

from django.contrib.postgres import constraints, fields, indexes, operations, search
from django.contrib.postgres import functions as postgres
from django.db import migrations, models
from django.db.models import F, Q, Value, functions
"""


def migration(*operations: str, after: str = "", atomic: bool = True, head: str = "") -> str:
    """The text of a migration."""
    body = "".join(f"\n        {operation}," for operation in operations)
    lines = [HEAD + head, "class Migration(migrations.Migration):"]
    if not after:
        lines.append("    initial = True")
    if not atomic:
        lines.append("    atomic = False")
    lines.append(f"    dependencies = [{f'({APP!r}, {after!r})' if after else ''}]")
    lines.append(f"    operations = [{body}\n    ]")
    return "\n".join(lines) + "\n"


def series(*texts: tuple[str, ...] | dict[str, object]) -> tuple[tuple[str, str], ...]:
    """Migrations that depend on one another, each from its operations."""
    found: list[tuple[str, str]] = []
    for number, operations in enumerate(texts, 1):
        name = f"{number:04}_{'initial' if number == 1 else 'change'}"
        after = found[-1][0] if found else ""
        if isinstance(operations, dict):
            given = operations["operations"]
            assert isinstance(given, tuple)
            atomic, head = bool(operations.get("atomic", True)), str(operations.get("head", ""))
            text = migration(*given, after=after, atomic=atomic, head=head)
        else:
            text = migration(*operations, after=after)
        found.append((name, text))
    return tuple(found)
