"""The classes of operations: Django's own, and those that the repository derives from them."""

import ast
from collections.abc import Iterator

from iact_guard.data.tables import table
from iact_guard.load.python_names import Names, names_of
from iact_guard.load.python_scope import Frame, Scope, dotted
from iact_guard.model.records import dataclass

MAX_BASES = 10

_PREFIXES = (
    "django.db.migrations.operations.models.",
    "django.db.migrations.operations.fields.",
    "django.db.migrations.operations.special.",
    "django.db.migrations.operations.",
    "django.db.migrations.",
    "django.contrib.postgres.operations.",
)
# The parameters of Django's operations, in the order in which they may be given without a name.
PARAMETERS: dict[str, tuple[str, ...]] = {
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
# The bare class of which an operation that does all by itself is made.
_BARE = (
    "django.db.migrations.operations.base.Operation",
    "django.db.migrations.operations.Operation",
    "django.db.migrations.Operation",
)
# What a subclass says of itself without doing anything else to a database.
_TEXTS = frozenset({"describe", "migration_name_fragment", "deconstruct", "__repr__", "__eq__"})


@dataclass(frozen=True, slots=True)
class OperationClass:
    """What the class of an operation is."""

    kind: str
    """`AddField` for Django's own, the dotted path for others."""
    base: str = ""
    """Django's operation that a class of the repository derives from."""
    overrides: tuple[str, ...] = ()
    """What such a class defines itself, and what decides."""
    idle: bool = False
    """It leaves the database alone: only Django's state changes."""
    conditional: bool = False
    """It asks first whether to do anything."""
    reversible: bool | None = None
    """What a class that does all by itself says."""
    own_arguments: bool = False
    """Its parameters are its own, not those of what it derives from or acts as."""


def plain(name: str) -> str:
    """Django's operations by their own name, others by their full one."""
    for prefix in _PREFIXES:
        short = name.removeprefix(prefix)
        if short != name and short in PARAMETERS:
            return short
    return name


def is_known(kind: str) -> bool:
    """Whether it is one of Django's operations."""
    return kind in PARAMETERS


def class_of(name: str, scope: Scope) -> OperationClass:
    """What is known of a class by its full name, as a module names it."""
    own = tuple(_bases(name, scope))
    acts_as = table("migration_operations")["acts_as"]
    if not own:
        kind = plain(name)
        return OperationClass(kind, acts_as.get(kind, ""))
    kind = plain(own[-1].base)
    kind = acts_as.get(kind, kind)
    bodies = [names_of(each.node.body, "") for each in own]
    methods: dict[str, ast.AST] = {}
    for body in reversed(bodies):
        methods |= body.functions
    overrides = {method for method in methods if method not in _TEXTS}
    if kind in _BARE:
        return _bare(name, overrides, methods, bodies)
    if not is_known(kind):
        return OperationClass(name, "", tuple(sorted(overrides)))
    forwards = methods.get("database_forwards")
    idle = conditional = False
    if forwards is not None:
        idle = _does_nothing(forwards)
        if idle or passes_on(forwards):
            overrides -= {"database_forwards"}
            conditional = not idle and _asks(forwards)
    # Methods of its own that Django does not call are called by those that it does.
    known = tuple(sorted(overrides & _CALLED))
    if not known and not idle and not conditional:
        return OperationClass(kind)
    own_arguments = "__init__" in known
    return OperationClass(name, kind, known, idle, conditional, own_arguments=own_arguments)


# What Django calls, or a class of Django's calls, when it runs an operation.
_CALLED = frozenset({
    "__init__", "__new__", "database_forwards", "database_backwards", "state_forwards",
    "allow_migrate_model", "_run_sql", "create_index_name", "reduce",
})  # fmt: skip


def _bare(
    name: str, overrides: set[str], methods: dict[str, ast.AST], bodies: list[Names]
) -> OperationClass:
    """An operation that derives from none of Django's."""
    forwards, state = methods.get("database_forwards"), methods.get("state_forwards")
    reversible = _says(bodies, "reversible", "database_backwards" in methods)
    stateless = state is None or _does_nothing(state)
    if not stateless or forwards is None:
        return OperationClass(name, "", tuple(sorted(overrides)), reversible=reversible)
    if _does_nothing(forwards):
        acts = "SeparateDatabaseAndState"
        return OperationClass(name, acts, reversible=reversible, own_arguments=True)
    if not _asks_editor(forwards):
        # Without the editor of the schema it does what a function of RunPython does.
        return OperationClass(name, "RunPython", reversible=reversible, own_arguments=True)
    return OperationClass(name, "", tuple(sorted(overrides)), reversible=reversible)


@dataclass(frozen=True, slots=True)
class _Link:
    node: ast.ClassDef
    base: str
    """The full name of what it derives from."""


def _bases(name: str, scope: Scope) -> Iterator[_Link]:
    """The classes of the repository from a class up to what is not one."""
    seen: set[str] = set()
    for _ in range(MAX_BASES):
        node = scope.names.classes.get(name.removeprefix(scope.prefix))
        if node is None:
            found = None if is_known(plain(name)) else scope.elsewhere(name)
            node = found[0].names.classes.get(found[1]) if found else None
            if found is None or node is None:
                return
            scope = found[0]
        if name in seen:
            return
        seen.add(name)
        top = Frame(scope)
        bases = [dotted(base, top) for base in node.bases]
        known = (base for base in bases if is_known(plain(base)))
        base = next(known, next((base for base in bases if base), ""))
        yield _Link(node, base)
        name = base


def _says(bodies: list[Names], attribute: str, standard: bool) -> bool | None:
    """A truth value among the attributes of a class, the nearest first."""
    for body in bodies:
        if attribute in body.values:
            match body.single(attribute):
                case ast.Constant(value=bool(value)):
                    return value
            return None
    return standard


def _does_nothing(method: ast.AST) -> bool:
    """Whether a method is `pass`, a docstring, or `return`."""
    body = getattr(method, "body", ())
    return all(
        isinstance(statement, ast.Pass)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        or (
            isinstance(statement, ast.Return)
            and (statement.value is None or isinstance(statement.value, ast.Constant))
        )
        for statement in body
    )


def passes_on(method: ast.AST) -> bool:
    """Whether a method calls what it overrides, and does no more to the schema by itself."""
    name = getattr(method, "name", "")
    calls = sum(_is_super(node, name) for node in ast.walk(method))
    return calls == 1 and not _asks_editor(method, but_super=True) and not _assigns_self(method)


def _asks(method: ast.AST) -> bool:
    """Whether the call of what it overrides hangs on a condition."""
    name = getattr(method, "name", "")
    body = getattr(method, "body", ())
    return not any(
        isinstance(statement, ast.Expr | ast.Return)
        and statement.value is not None
        and _is_super(statement.value, name)
        for statement in body
    )


def _asks_editor(method: ast.AST, *, but_super: bool = False) -> bool:
    """Whether a method lets the editor of the schema do something, or hands it to somebody."""
    parameters = _parameters(method)
    editor = parameters[2] if len(parameters) > 2 else ""
    name = getattr(method, "name", "")
    if not editor:
        return True
    harmless: set[int] = set()
    for node in ast.walk(method):
        if isinstance(node, ast.Attribute) and node.attr in ("cursor", "execute"):
            return True
        if isinstance(node, ast.Attribute) and node.attr == "connection":
            harmless.add(id(node.value))
        elif but_super and _is_super(node, name):
            harmless |= {id(inner) for inner in ast.walk(node)}
    uses = (n for n in ast.walk(method) if isinstance(n, ast.Name) and n.id == editor)
    return any(id(node) not in harmless for node in uses)


def _assigns_self(method: ast.AST) -> bool:
    """Whether it changes what it was given before it passes it on."""
    return any(
        isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        for node in ast.walk(method)
    )


def _parameters(method: ast.AST) -> list[str]:
    arguments = getattr(method, "args", None)
    return [each.arg for each in arguments.args] if isinstance(arguments, ast.arguments) else []


def _is_super(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=attr)):
            return attr == name
        case ast.Call(
            func=ast.Attribute(value=ast.Name(), attr=attr), args=[ast.Name(id="self"), *_]
        ):
            return attr == name
    return False
