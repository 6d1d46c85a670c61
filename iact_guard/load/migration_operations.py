"""The operations of a migration: their classes, their arguments by name, those within them."""

import ast
from collections import Counter
from dataclasses import replace

from iact_guard.load.migration_classes import PARAMETERS, OperationClass, class_of, is_known
from iact_guard.load.python_elements import elements
from iact_guard.load.python_scope import Element, Frame, dotted
from iact_guard.load.python_values import Reader, arguments_of
from iact_guard.model.literal import Argument, text
from iact_guard.model.location import Location
from iact_guard.model.migration import UNKNOWN, Operation

MAX_NESTING = 10
_NESTED = frozenset({"database_operations", "state_operations"})


class Operations:
    """Makes the operations of one migration, and numbers those that are called the same."""

    def __init__(self, reader: Reader, migration: str) -> None:
        self.reader = reader
        self.path = reader.module.path
        self.migration = migration
        self.labels: Counter[str] = Counter()

    def operation(self, element: Element, prefix: str = "", depth: int = 0) -> Operation:
        """What an element of a list of operations is."""
        node, frame = element.node, element.frame
        place = self.reader.module.head(element.place[0])
        if element.hidden or not isinstance(node, ast.Call):
            reason = element.hidden or "it is not written as a call of its class"
            return self.unknown(place, reason, prefix)
        name = dotted(node.func, frame)
        if not name:
            return self.unknown(place, "its class is computed", prefix)
        what = class_of(name, frame.scope)
        plain = what.base or what.kind
        if depth >= MAX_NESTING and plain == "SeparateDatabaseAndState":
            return self.unknown(place, "nested too deeply", prefix)
        parameters = () if what.own_arguments else PARAMETERS.get(plain, ())
        skipped = _NESTED if is_known(plain) else frozenset[str]()
        arguments, nested = self._arguments(node, frame, parameters, skipped)
        if what.own_arguments and plain == "SeparateDatabaseAndState":
            arguments = ()  # whatever they say: nothing is done with them
        if element.origin is None:
            place = self.reader.module.head(node.func)
        identity = self._identity(what.kind, arguments, prefix)
        inner = {
            part: tuple(self.operation(e, f"{identity}/{part[0]}/", depth + 1) for e in found)
            for part, found in nested.items()
        }
        found = Operation(
            id=f"operation:{self.path}#{identity}",
            path=self.path,
            migration=self.migration,
            kind=what.kind,
            location=place,
            arguments=arguments,
            base=what.base,
            overrides=what.overrides,
            reversible=what.reversible,
            database=inner.get("database_operations", ()),
            state=inner.get("state_operations", ()),
            conditional=element.conditional or what.conditional,
        )
        return self._idle(found, what) if what.idle else found

    def unknown(self, place: Location, reason: str, prefix: str = "") -> Operation:
        """An operation of which not even the class can be read."""
        identity = self._identity(UNKNOWN, (), prefix)
        operation_id = f"operation:{self.path}#{identity}"
        return Operation(operation_id, self.path, self.migration, UNKNOWN, place, reason=reason)

    def _idle(self, operation: Operation, what: OperationClass) -> Operation:
        """A subclass that leaves the database alone: what it derives from, on the state only."""
        inner = replace(operation, id=f"{operation.id}/s/{what.base}", kind=what.base, base="")
        return replace(
            operation, base="SeparateDatabaseAndState", arguments=(), database=(), state=(inner,)
        )

    def _identity(self, kind: str, arguments: tuple[Argument, ...], prefix: str) -> str:
        named = {a.name: text(a.value) for a in arguments}
        parts = (named.get("model_name"), named.get("name") or named.get("old_name"))
        label = prefix + "/".join([kind, *(part for part in parts if part)])
        self.labels[label] += 1
        return f"{label}~{self.labels[label]}" if self.labels[label] > 1 else label

    def _arguments(
        self, node: ast.Call, frame: Frame, parameters: tuple[str, ...], skipped: frozenset[str]
    ) -> tuple[tuple[Argument, ...], dict[str, list[Element]]]:
        """Arguments by parameter; lists of operations apart, unread."""
        nested: dict[str, list[Element]] = {}
        kept = ast.Call(node.func, [], [])
        names: list[str] = []
        for position, argument in enumerate(node.args):
            name = parameters[position] if position < len(parameters) else ""
            if name in skipped:
                nested[name] = _list(argument, frame)
            else:
                kept.args.append(argument)
                names.append(name)
        for keyword in node.keywords:
            if keyword.arg in skipped:
                nested[keyword.arg] = _list(keyword.value, frame)
            else:
                kept.keywords.append(keyword)
        found = arguments_of(kept, frame)
        positional = iter(names)
        starred = any(isinstance(argument, ast.Starred) for argument in node.args)
        arguments = tuple(
            Argument(next(positional, ""), a.value, a.location) if not a.name and not starred else a
            for a in found
        )
        return arguments, nested


def _list(node: ast.expr, frame: Frame) -> list[Element]:
    if isinstance(node, ast.Constant) and node.value is None:
        return []
    return list(elements(node, frame))
