"""`migrations/*.py` to Migration entities: every shape that people write them in."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from iact_guard.load.migration_classes import passes_on
from iact_guard.load.migration_operations import Operations
from iact_guard.load.python_modules import Modules
from iact_guard.load.python_names import Names, names_of
from iact_guard.load.python_scope import Element, Frame, Scope, dotted
from iact_guard.load.python_values import Reader
from iact_guard.model.literal import Call, Constant, Items, Opaque, Reference, Value, text
from iact_guard.model.loaded import Loaded
from iact_guard.model.location import Location
from iact_guard.model.migration import Migration, MigrationName, Operation, Unread
from iact_guard.syntax import python
from iact_guard.syntax.text import Text

_BASE = ("django.db.migrations.Migration", "django.db.migrations.migration.Migration")
# Methods and properties of a migration that decide what is done.
_RUNNING = ("__init__", "__new__", "apply", "mutate_state", "operations")


def load(source: Text, modules: Modules | None = None) -> Loaded[Migration]:
    """A migration; a file without a class `Migration` (data, Alembic, South) yields nothing.

    With `modules`, names are followed into other files of the repository.
    """
    if "Migration" not in source.text and "import *" not in source.text:
        # Still: what is not Python at all must not pass for a file of another kind.
        python.parse(source)
        return Loaded()
    folder, _, name = source.path.rpartition("/")
    module = python.parse(source)
    if name.startswith(("_", "~")):
        return Loaded()  # Django passes over such names: it is a helper, or was put out of use
    reader = Reader(module, folder.replace("/", "."), modules)
    return Loaded(tuple(_File(source, reader).migrations()))


_Body = tuple[Names, Scope, ast.expr | None]
"""What a class binds, its module, and where this file names it if that is another one."""


class _File:
    """What one file says."""

    def __init__(self, source: Text, reader: Reader) -> None:
        self.path = source.path
        self.reader = reader
        self.id = f"migration:{source.path}"
        self.unread: list[Unread] = []
        self.changes: list[Location] = []
        self.homes: dict[str, tuple[Scope, ast.expr | None]] = {}
        """By name of the class's attributes: the module that gives it, and where that is named."""
        self.operations = Operations(reader, self.id)

    def migrations(self) -> Iterator[Migration]:
        """The one that Django takes: the class of that name."""
        names = self.reader.names
        node = names.classes.get("Migration")
        if node is None:
            if (hidden := self._elsewhere()) is not None:
                self.unread.append(hidden)
                yield self._migration(hidden.location, Names())
            return
        bodies, foreign = self._bases(node)
        if not _is_django(node, foreign):
            return
        merged = Names()
        for body, scope, told in reversed(bodies):
            merged.values |= body.values
            merged.functions |= body.functions
            self.homes |= dict.fromkeys(body.values, (scope, told))
        place = self._class_name(node)
        if reason := _not_as_written(node, merged, foreign):
            self.unread.append(Unread("operations", reason, place))
        yield self._migration(place, merged)

    def _elsewhere(self) -> Unread | None:
        """Why the migration is none of the file's classes, if there is one all the same."""
        names = self.reader.names
        if bindings := names.values.get("Migration"):
            place = self.reader.module.head(bindings[0].node)
            return Unread("operations", "the class is made by an expression", place)
        where = names.imports.get("Migration", "")
        if where.endswith(".migrations.Migration") and self._makes_one():
            return None  # a record of something else: Django's class is never called
        if where and not where.startswith("django."):
            reason = f"the class is defined in another file, as `{where}`"
            places = [self.reader.module.head(node) for node in self._imports("Migration")]
            return Unread("operations", reason, (*places, Location(self.path))[0])
        for node in self._imports("*") if not where else ():
            if node.level or "migrations" in (node.module or "").split("."):
                place = self.reader.module.head(node)
                reason = f"the class may be defined in another file, `{node.module or '.'}`"
                return Unread("operations", reason, place)
        return None

    def _makes_one(self) -> bool:
        for node in ast.walk(self.reader.module.tree):
            match node:
                case ast.Call(func=ast.Name(id="Migration")):
                    return True
        return False

    def _imports(self, name: str) -> Iterator[ast.ImportFrom]:
        """The statements that import a name from somewhere."""
        found = ast.walk(self.reader.module.tree)
        for node in (n for n in found if isinstance(n, ast.ImportFrom)):
            if any((alias.asname or alias.name) == name for alias in node.names):
                yield node

    def _bases(self, node: ast.ClassDef) -> tuple[list[_Body], set[str]]:
        """Bodies of the class and of its bases in this repository, and the names of the others."""
        own = self.reader.scope
        bodies: list[_Body] = []
        foreign: set[str] = set()
        pending: list[tuple[ast.ClassDef, Scope, ast.expr | None]] = [(node, own, None)]
        # A name that the module imports is not the one that the class gives a value.
        module = [s for s in own.module.tree.body if not isinstance(s, ast.ImportFrom)]
        self._find_changes(module, None)
        seen = set()
        while pending:
            current, scope, told = pending.pop(0)
            if id(current) in seen:
                continue
            seen.add(id(current))
            bodies.append((names_of(current.body, ""), scope, told))
            self._find_changes(current.body, told)
            for base in current.bases:
                name = dotted(base, scope.top)
                found = _class(name, scope)
                if found is None or found[0] is current:
                    foreign.add(name or "?")
                else:
                    pending.append((*found, told if found[1] is scope else told or base))
        return bodies, foreign

    def _find_changes(self, body: list[ast.stmt], told: ast.expr | None) -> None:
        head = self.reader.module.head
        self.changes += [head(told or statement) for statement in body if _changes(statement)]

    def _class_name(self, node: ast.ClassDef) -> Location:
        place = self.reader.location(node)
        column = place.column + len("class ")
        return Location(self.path, place.line, column, place.line, column + len(node.name))

    def _migration(self, place: Location, names: Names) -> Migration:
        frame = Frame(self.reader.scope)
        for name in names.values:
            if (single := names.single(name)) is not None:
                frame.values[name] = (single, self.homes[name][0].top)
        parts = self.path.split("/")
        return Migration(
            id=self.id,
            path=self.path,
            package="/".join(parts[:-2]),
            name=parts[-1].removesuffix(".py"),
            location=place,
            atomic=self._flag(names, frame, "atomic", True),
            initial=self._flag(names, frame, "initial", None),
            dependencies=tuple(self._references(names, frame, "dependencies")),
            run_before=tuple(self._references(names, frame, "run_before")),
            replaces=tuple(self._references(names, frame, "replaces")),
            operations=tuple(self._operations(names, frame)),
            unread=tuple(self.unread),
        )

    def _flag(self, names: Names, frame: Frame, name: str, default: bool | None) -> bool | None:
        bindings = names.values.get(name)
        if not bindings:
            return default
        node = names.single(name)
        scope, told = self.homes[name]
        home = frame if scope is frame.scope else scope.top
        value = self.reader.value(node, home) if node is not None else None
        if isinstance(value, Constant) and isinstance(value.value, bool | int | None):
            return None if value.value is None else bool(value.value)
        where = self.reader.location(told or bindings[0].node)
        self.unread.append(Unread(name, "it is computed when the migration is loaded", where))
        return None

    def _references(self, names: Names, frame: Frame, part: str) -> Iterator[MigrationName]:
        for element in self._elements(names, frame, part):
            place = self.reader.module.head(element.place[0])
            reason = element.hidden
            value = None if reason else self.reader.value(element.node, element.frame)
            found = _migration_name(value, place)
            if found is not None:
                yield found
            else:
                reason = reason or (value.reason if isinstance(value, Opaque) else "no migration")
                self.unread.append(Unread(part, reason, place))

    def _elements(self, names: Names, frame: Frame, part: str) -> Iterator[Element]:
        bindings = names.values.get(part)
        if not bindings:
            return
        scope, told = self.homes[part]
        # A class may say `operations = operations + [...]` of what it said before.
        outer = Frame(scope)
        outer.values = {name: v for name, v in frame.values.items() if name != part}
        for element in self.reader.grown(bindings[0].node, bindings, outer):
            yield element if told is None else replace(element, origin=(told, frame))

    def _operations(self, names: Names, frame: Frame) -> Iterator[Operation]:
        for part in self.unread:
            if part.part == "operations":
                yield self.operations.unknown(part.location, part.reason)
        for element in self._elements(names, frame, "operations"):
            yield self.operations.operation(element)
        for where in self.changes:
            yield self.operations.unknown(
                where, "the list is changed in a way that is not followed"
            )


def _class(name: str, scope: Scope) -> tuple[ast.ClassDef, Scope] | None:
    """A class of the repository by its full name, as a module names it."""
    if name in _BASE:
        return None
    own = scope.names.classes.get(name.removeprefix(scope.prefix))
    if own is not None:
        return own, scope
    found = scope.elsewhere(name) if name else None
    node = found[0].names.classes.get(found[1]) if found else None
    return (node, found[0]) if found and node is not None else None


def _is_django(node: ast.ClassDef, foreign: set[str]) -> bool:
    """Whether a class of that name is one of Django's: South's were called the same."""
    if foreign & set(_BASE):
        return True
    names = names_of(node.body, "")
    south = any(base.startswith("south.") for base in foreign)
    return bool(foreign) and not south and not {"forwards", "backwards"} & set(names.functions)


def _not_as_written(node: ast.ClassDef, names: Names, foreign: set[str]) -> str:
    """Why the operations of a class are not, or not all, in what this file says of it."""
    if "operations" not in names.values and foreign - set(_BASE):
        return "they are defined by a base class in another file"
    if node.decorator_list or node.keywords:
        return "the class is changed by a decorator or a metaclass"
    methods = [
        name
        for name in _RUNNING
        if name in names.functions and not (name == "apply" and passes_on(names.functions[name]))
    ]
    return f"the class has its own `{methods[0]}`" if methods else ""


def _migration_name(value: Value | None, place: Location) -> MigrationName | None:
    match value:
        case Items(items=(app, name)) if (a := text(app)) and (n := text(name)):
            return MigrationName(a, n, place)
        case Call(function=function) if function.endswith("swappable_dependency"):
            setting = value.get("value", 0)
            if isinstance(setting, Reference):
                return MigrationName("", "__first__", place, setting.name)
            if label := text(setting):
                return MigrationName(label.partition(".")[0], "__first__", place)
    return None


def _changes(statement: ast.stmt) -> bool:
    """Whether a statement of the module or of the class does to the list what is not followed."""
    match statement:
        case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            return False
        case ast.Assign(targets=[ast.Name()], value=ast.List()):
            return False  # the usual one: its elements are read one by one
    return any(_is_change(node) for node in ast.walk(statement))


def _is_change(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="Migration"), attr="operations"):
            return True
        case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(id="Migration"), *_]):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Name(id="operations"), attr=method)):
            return method not in ("append", "extend")
        case ast.AugAssign(target=ast.Name(id="operations"), op=operator):
            return not isinstance(operator, ast.Add)
        case ast.Subscript(value=ast.Name(id="operations"), ctx=ast.Store() | ast.Del()):
            return True
        case ast.ImportFrom(names=aliases):
            return any((alias.asname or alias.name) == "operations" for alias in aliases)
        case (
            ast.For(target=ast.Name(id="operations"))
            | ast.NamedExpr(target=ast.Name(id="operations"))
        ):
            return True
    return False
