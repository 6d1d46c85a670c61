"""A safe way, step by step: which release, which migration, which code."""

from iact_guard.model.records import dataclass

PROJECT_IMPORT = "from django.db import migrations, models"


@dataclass(frozen=True, slots=True)
class Part:
    """One migration of the way, or, without operations, a change of the code."""

    why: str
    """What it does: `add the column, which may be NULL`."""
    operations: tuple[str, ...] = ()
    """Django code, an expression each."""
    imports: tuple[str, ...] = ()
    """Lines beside `from django.db import migrations, models`."""
    atomic: bool = True
    release: int = 1
    """1: the one at hand; 2: the next, once no code of before runs."""
    prelude: tuple[str, ...] = ()
    """Lines before the class: the function of a RunPython."""


@dataclass(frozen=True, slots=True)
class Advice:
    """The parts in order, each in a migration of its own."""

    parts: tuple[Part, ...]
    closing: str = ""
    """What to mind beside them."""

    @property
    def text(self) -> str:
        """One paragraph, code in backquotes."""
        if len(self.parts) == 1 and not self.parts[0].operations:
            return _joined(f"{_capital(self.parts[0].why)}.", self.closing)
        told, release = [], 1
        for number, part in enumerate(self.parts, 1):
            label = f"{number}. " if len(self.parts) > 1 else ""
            later = "in the next release, " if part.release > release else ""
            release = part.release
            told.append(f"{label}{_capital(later + _told(part))}.")
        return _joined(*told, self.closing)


def _told(part: Part) -> str:
    if not part.operations:
        return part.why
    where = "" if part.atomic else " (a migration of its own with `atomic = False`)"
    code = ", ".join(f"`{operation}`" for operation in part.operations)
    imported = ", ".join(f"`{line}`" for line in part.imports if "django.db.models" not in line)
    after = f" with {imported}" if imported else ""
    return f"{part.why}{where}: {code}{after}"


def _joined(*texts: str) -> str:
    return " ".join(text for text in texts if text)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def module(part: Part, app: str, after: str) -> str:
    """The text of a whole migration for a part: `after` is the name of the one before it."""
    lines = [*dict.fromkeys((*part.imports, PROJECT_IMPORT)), "", ""]
    if part.prelude:
        lines += [*part.prelude, "", ""]
    lines.append("class Migration(migrations.Migration):")
    if not part.atomic:
        lines.append("    atomic = False")
    lines.append(f'    dependencies = [("{app}", "{after}")]')
    lines += ["    operations = [", *(f"        {line}," for line in part.operations), "    ]", ""]
    return "\n".join(lines)
