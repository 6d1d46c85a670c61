"""`migrations/*.py` to Migration entities: every shape that people write them in."""

import ast
from collections import Counter
from collections.abc import Iterator

from iact_guard.load.python_names import Names, names_of
from iact_guard.load.python_values import Element, Frame, Reader
from iact_guard.model.literal import Argument, Call, Constant, Items, Opaque, Reference, Value, text
from iact_guard.model.loaded import Loaded
from iact_guard.model.location import Location
from iact_guard.model.migration import UNKNOWN, Migration, MigrationName, Operation, Unread
from iact_guard.syntax import python
from iact_guard.syntax.text import Text

MAX_NESTING = 10

_BASE = ("django.db.migrations.Migration", "django.db.migrations.migration.Migration")
_PREFIXES = (
    "django.db.migrations.operations.models.",
    "django.db.migrations.operations.fields.",
    "django.db.migrations.operations.special.",
    "django.db.migrations.operations.",
    "django.db.migrations.",
    "django.contrib.postgres.operations.",
)
# The parameters of Django's operations, in the order in which they may be given without a name.
_PARAMETERS: dict[str, tuple[str, ...]] = {
    "CreateModel": ("name", "fields", "options", "bases", "managers"),
    "DeleteModel": ("name",),
    "RenameModel": ("old_name", "new_name"),
    "AlterModelTable": ("name", "table"),
    "AlterModelTableComment": ("name", "table_comment"),
    "AlterModelOptions": ("name", "options"),
    "AlterModelManagers": ("name", "managers"),
    "AlterUniqueTogether": ("name", "unique_together"),
    "AlterIndexTogether": ("name", "index_together"),
    "AlterOrderWithRespectTo": ("name", "order_with_respect_to"),
    "AddField": ("model_name", "name", "field", "preserve_default"),
    "AlterField": ("model_name", "name", "field", "preserve_default"),
    "RemoveField": ("model_name", "name"),
    "RenameField": ("model_name", "old_name", "new_name"),
    "AddIndex": ("model_name", "index"),
    "RemoveIndex": ("model_name", "name"),
    "RenameIndex": ("model_name", "new_name", "old_name", "old_fields"),
    "AddConstraint": ("model_name", "constraint"),
    "RemoveConstraint": ("model_name", "name"),
    "AlterConstraint": ("model_name", "name", "constraint"),
    "RunSQL": ("sql", "reverse_sql", "state_operations", "hints", "elidable"),
    "RunPython": ("code", "reverse_code", "atomic", "hints", "elidable"),
    "SeparateDatabaseAndState": ("database_operations", "state_operations"),
    "AddIndexConcurrently": ("model_name", "index"),
    "RemoveIndexConcurrently": ("model_name", "name"),
    "AddConstraintNotValid": ("model_name", "constraint"),
    "ValidateConstraint": ("model_name", "name"),
    "CreateExtension": ("name",),
    "CreateCollation": ("name", "locale", "provider", "deterministic"),
    "RemoveCollation": ("name", "locale", "provider", "deterministic"),
    **dict.fromkeys(
        (
            "BloomExtension", "BtreeGinExtension", "BtreeGistExtension", "CITextExtension",
            "CryptoExtension", "HStoreExtension", "TrigramExtension", "UnaccentExtension",
        ),
        (),
    ),
}  # fmt: skip
# Methods and properties of a migration that decide what is done.
_RUNNING = ("__init__", "__new__", "apply", "mutate_state", "operations")
_NESTED = {"database_operations", "state_operations"}


def load(source: Text) -> Loaded[Migration]:
    """A migration; a file without a class `Migration` (data, Alembic, South) yields nothing."""
    if "Migration" not in source.text and "import *" not in source.text:
        # Still: what is not Python at all must not pass for a file of another kind.
        python.parse(source)
        return Loaded()
    package = source.path.rpartition("/")[0].replace("/", ".")
    reader = Reader(python.parse(source), package)
    return Loaded(tuple(_File(source, reader).migrations()))


class _File:
    """What one file says."""

    def __init__(self, source: Text, reader: Reader) -> None:
        self.path = source.path
        self.reader = reader
        self.id = f"migration:{source.path}"
        self.unread: list[Unread] = []
        self.changes: list[ast.stmt] = []
        self.labels: Counter[str] = Counter()

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
        for body in reversed(bodies):
            merged.values |= body.values
            merged.functions |= body.functions
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

    def _bases(self, node: ast.ClassDef) -> tuple[list[Names], set[str]]:
        """Bodies of the class and of its bases in this file, and the names of the other bases."""
        bodies, foreign, pending = [], set(), [node]
        # A name that the module imports is not the one that the class gives a value.
        body = (s for s in self.reader.module.tree.body if not isinstance(s, ast.ImportFrom))
        self.changes += filter(_changes, body)
        seen = set()
        while pending:
            current = pending.pop(0)
            if id(current) in seen:
                continue
            seen.add(id(current))
            bodies.append(names_of(current.body, ""))
            self.changes += filter(_changes, current.body)
            for base in current.bases:
                own = self.reader.names.classes.get(base.id) if isinstance(base, ast.Name) else None
                if own is not None and own is not current:
                    pending.append(own)
                else:
                    foreign.add(self.reader.dotted(base) or "?")
        return bodies, foreign

    def _class_name(self, node: ast.ClassDef) -> Location:
        place = self.reader.location(node)
        column = place.column + len("class ")
        return Location(self.path, place.line, column, place.line, column + len(node.name))

    def _migration(self, place: Location, names: Names) -> Migration:
        frame = Frame()
        for name in names.values:
            if (single := names.single(name)) is not None:
                frame.values[name] = (single, None)
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
        value = self.reader.value(node, frame) if node is not None else None
        if isinstance(value, Constant) and isinstance(value.value, bool | int | None):
            return None if value.value is None else bool(value.value)
        where = self.reader.location(bindings[0].node)
        self.unread.append(Unread(name, "it is computed when the migration is loaded", where))
        return None

    def _references(self, names: Names, frame: Frame, part: str) -> Iterator[MigrationName]:
        for element in self._elements(names, frame, part):
            place = self.reader.module.head(element.node)
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
        if bindings:
            # A class may say `operations = operations + [...]` of what it said before.
            outer = Frame()
            outer.values = {name: v for name, v in frame.values.items() if name != part}
            yield from self.reader.grown(bindings[0].node, bindings, outer)

    def _operations(self, names: Names, frame: Frame) -> Iterator[Operation]:
        for part in self.unread:
            if part.part == "operations":
                yield self._unknown(part.location, part.reason, "")
        for element in self._elements(names, frame, "operations"):
            yield self._operation(element, "", 0)
        for statement in self.changes:
            where = self.reader.module.head(statement)
            yield self._unknown(where, "the list is changed in a way that is not followed", "")

    def _operation(self, element: Element, prefix: str, depth: int) -> Operation:
        node = element.node
        if element.hidden or not isinstance(node, ast.Call):
            reason = element.hidden or "it is not written as a call of its class"
            return self._unknown(self.reader.module.head(node), reason, prefix)
        name = self.reader.dotted(node.func, element.frame)
        if not name:
            place = self.reader.module.head(node)
            return self._unknown(place, "its class is computed", prefix)
        kind, base, overrides = self._kind(name)
        if depth >= MAX_NESTING and (base or kind) == "SeparateDatabaseAndState":
            return self._unknown(self.reader.module.head(node), "nested too deeply", prefix)
        skipped = _NESTED if _is_known(base or kind) else set()
        arguments, nested = self._arguments(node, element.frame, base or kind, skipped)
        identity = self._identity(kind, arguments, prefix)
        inner = {
            part: tuple(self._operation(e, f"{identity}/{part[0]}/", depth + 1) for e in elements)
            for part, elements in nested.items()
        }
        return Operation(
            id=f"operation:{self.path}#{identity}",
            path=self.path,
            migration=self.id,
            kind=kind,
            location=self.reader.module.head(node.func),
            arguments=arguments,
            base=base,
            overrides=overrides,
            database=inner.get("database_operations", ()),
            state=inner.get("state_operations", ()),
            conditional=element.conditional,
        )

    def _unknown(self, place: Location, reason: str, prefix: str) -> Operation:
        identity = self._identity(UNKNOWN, (), prefix)
        operation_id = f"operation:{self.path}#{identity}"
        return Operation(operation_id, self.path, self.id, UNKNOWN, place, reason=reason)

    def _identity(self, kind: str, arguments: tuple[Argument, ...], prefix: str) -> str:
        named = {a.name: text(a.value) for a in arguments}
        parts = (named.get("model_name"), named.get("name") or named.get("old_name"))
        label = prefix + "/".join([kind, *(part for part in parts if part)])
        self.labels[label] += 1
        return f"{label}~{self.labels[label]}" if self.labels[label] > 1 else label

    def _kind(self, name: str) -> tuple[str, str, tuple[str, ...]]:
        """Kind, Django's operation that a class of this file derives from, what it overrides."""
        overrides: list[str] = []
        current, own = name, False
        for _ in range(MAX_NESTING):
            node = self.reader.names.classes.get(current)
            if node is None:
                break
            own = True
            overrides += names_of(node.body, "").functions
            bases = [self.reader.dotted(base) for base in node.bases]
            known = (base for base in bases if _is_known(_plain(base)))
            current = next(known, next((base for base in bases if base), ""))
        kind = _plain(current)
        if not own:
            return kind, "", ()
        if not _is_known(kind):
            return name, "", tuple(overrides)
        # A subclass that changes nothing but its text is what it derives from.
        changes = tuple(sorted(set(overrides) - {"describe", "migration_name_fragment"}))
        return (name, kind, changes) if changes else (kind, "", ())

    def _arguments(
        self, node: ast.Call, frame: Frame | None, kind: str, skipped: set[str]
    ) -> tuple[tuple[Argument, ...], dict[str, list[Element]]]:
        """Arguments by parameter; lists of operations apart, unread."""
        parameters = _PARAMETERS.get(kind, ())
        nested: dict[str, list[Element]] = {}
        kept = ast.Call(node.func, [], [])
        names: list[str] = []
        for position, argument in enumerate(node.args):
            name = parameters[position] if position < len(parameters) else ""
            if name in skipped:
                nested[name] = self._nested(argument, frame)
            else:
                kept.args.append(argument)
                names.append(name)
        for keyword in node.keywords:
            if keyword.arg in skipped:
                nested[keyword.arg] = self._nested(keyword.value, frame)
            else:
                kept.keywords.append(keyword)
        found = self.reader.arguments(kept, frame)
        positional = iter(names)
        starred = any(isinstance(argument, ast.Starred) for argument in node.args)
        arguments = tuple(
            Argument(next(positional, ""), a.value, a.location) if not a.name and not starred else a
            for a in found
        )
        return arguments, nested

    def _nested(self, node: ast.expr, frame: Frame | None) -> list[Element]:
        if isinstance(node, ast.Constant) and node.value is None:
            return []
        return list(self.reader.elements(node, frame))


def _plain(name: str) -> str:
    """Django's operations by their own name, others by their full one."""
    for prefix in _PREFIXES:
        short = name.removeprefix(prefix)
        if short != name and short in _PARAMETERS:
            return short
    return name


def _is_known(kind: str) -> bool:
    return kind in _PARAMETERS


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
    methods = [name for name in _RUNNING if name in names.functions]
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
