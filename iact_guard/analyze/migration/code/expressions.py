"""Expressions of the function, to what they stand for; the calls in them are taken."""

import ast
import builtins
from collections.abc import Callable
from contextlib import suppress

from iact_guard.analyze.migration.code import known
from iact_guard.analyze.migration.code.calls import Calls
from iact_guard.analyze.migration.code.frame import Frame, Loop, Site, grown
from iact_guard.analyze.migration.code.queries import Given
from iact_guard.analyze.migration.code.schema import Schema
from iact_guard.analyze.migration.code.sizes import Size, most
from iact_guard.analyze.migration.code.values import (
    FIXED,
    UNSURE,
    Connection,
    Editor,
    Entity,
    Local,
    Many,
    Named,
    Null,
    Pair,
    Plain,
    Row,
    Rows,
    Text,
    Thing,
    Vendor,
    either,
    element,
)
from iact_guard.load.python_modules import Parsed

MAX_VALUES = 20_000
"""Expressions that are looked at for one operation."""
MAX_DEPTH = 60
MAX_PARTS = 12
_ADDING = frozenset({"append", "add", "appendleft", "insert", "extend", "update", "setdefault"})
_CONSTANTS = frozenset({"choices", "values", "labels", "names", "DoesNotExist"})
_CONTENTS = frozenset({"items", "keys", "values", "copy", "split", "splitlines", "object_list"})


class Expressions:
    """Values of expressions, with the names that they bind."""

    def __init__(self, site: Site, schema: Schema, run: Callable[[Local, Given], Thing]) -> None:
        self.site = site
        self.schema = schema
        self.calls = Calls(site, schema, run)
        self._left = MAX_VALUES
        self._depth = 0

    def value(self, node: ast.expr, frame: Frame, *, alone: bool = False) -> Thing:
        """What an expression stands for. `alone`: it is a statement, nobody uses its value."""
        self._left -= 1
        if self._left < 0 or self._depth > MAX_DEPTH:
            self.site.doubt("the function is too long, or nested too deeply, to be followed")
            return UNSURE
        self._depth += 1
        try:
            return self._value(node, frame, alone)
        finally:
            self._depth -= 1

    def _value(self, node: ast.expr, frame: Frame, alone: bool) -> Thing:
        match node:
            case ast.Constant(value=value):
                return Text(value) if isinstance(value, str) else Null() if value is None else FIXED
            case ast.Name(id=name):
                return self._name(name, frame)
            case ast.Attribute(value=owner, attr=name):
                return self._attribute(self.value(owner, frame), name)
            case ast.Call():
                return self._call(node, frame, alone)
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
                return self._listed([self.value(part, frame) for part in elts])
            case ast.Dict(keys=keys, values=values):
                found = [self.value(key, frame) for key in keys if key is not None]
                return _mapping(found, [self.value(part, frame) for part in values])
            case ast.Subscript(value=owner, slice=key):
                return self._part(self.value(owner, frame), key, frame)
            case ast.ListComp(elt=elt) | ast.GeneratorExp(elt=elt) | ast.SetComp(elt=elt):
                return self._collected(node.generators, elt, frame)
            case ast.DictComp(key=key, value=value):
                self.value(key, frame)
                return self._collected(node.generators, value, frame)
            case ast.NamedExpr(target=target, value=value):
                thing = self.value(value, frame)
                self.assign(target, thing, frame)
                return thing
            case ast.Lambda():
                return Local(node, frame.module.module.path, frame.names)
            case ast.Await(value=value) | ast.Starred(value=value):
                return self.value(value, frame, alone=alone)
            case ast.Yield(value=value):
                given = self.value(value, frame) if value else FIXED
                frame.yielded.append((self.site.around.since(frame.depth), given))
                return FIXED
            case ast.YieldFrom(value=value):
                frame.yielded.append(element(self.value(value, frame)))
                return FIXED
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.value(test, frame)
                return either([self.value(body, frame), self.value(orelse, frame)])
            case ast.BoolOp(values=values):
                return either([self.value(part, frame) for part in values])
            case ast.BinOp(left=left, right=right):
                return either([self.value(left, frame), self.value(right, frame)])
        inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        things = [self.value(child, frame) for child in inner]
        if isinstance(node, ast.Compare | ast.JoinedStr | ast.FormattedValue):
            return FIXED
        return either(things)

    def _name(self, name: str, frame: Frame) -> Thing:
        if name in frame.imports:
            return known.imported(frame.imports[name]) or Named(frame.imports[name])
        if name in frame.names:
            return frame.names[name]
        return self._of_module(name, frame.module)

    def _of_module(self, name: str, module: Parsed) -> Thing:
        names = module.names
        if name in names.functions:
            return Local(names.functions[name], module.module.path)
        if name in names.imports:
            return known.imported(names.imports[name]) or Named(names.imports[name])
        if name in names.values:
            things = [self.value(binding.node, Frame(module)) for binding in names.values[name][:2]]
            return things[0] if len(things) == 1 else Many(Size.FIXED, either(things))
        if name in names.classes:
            return Named(f"{module.module.path}:{name}")
        if name.startswith("__"):
            return FIXED  # __file__ and the like
        return Named(f"builtins.{name}") if hasattr(builtins, name) else UNSURE

    def _attribute(self, owner: Thing, name: str) -> Thing:
        match owner:
            case Entity():
                if name[:1].isupper() or name.startswith("_meta") or name in _CONSTANTS:
                    return FIXED
                related = self.schema.related(owner, name)
                if isinstance(related, Rows) and related.link is not None:
                    return related  # its `through` is the table between
                return Rows(owner, self.schema.rows(owner), managed=True)
            case Rows(link=Entity() as link) if name == "through":
                return link
            case Row(entity=entity):
                # A plain value, if it is a list, is one that fits into a row.
                return self.schema.related(entity, name) or Plain(Size.PORTION)
            case Editor() if name == "connection":
                return Connection()
            case Connection():
                return Vendor() if name == "vendor" else FIXED
            case Named(name=module):
                full = f"{module}.{name}"
                return known.imported(full) or Named(full)
            case Rows() | Many() if name in _CONTENTS:
                return owner
            case Many(size=size) if name in ("page_range", "num_pages"):
                return Plain(size)
            case Plain(size=size):
                return Plain(size)
        return UNSURE

    def _call(self, node: ast.Call, frame: Frame, alone: bool) -> Thing:
        given = Given(
            tuple(self.value(argument, frame) for argument in node.args),
            {k.arg or "**": self.value(k.value, frame) for k in node.keywords},
        )
        self.site.at(frame.module.module.head(node))
        match node.func:
            case ast.Attribute(value=ast.Name(id=name), attr=method) if (
                method in _ADDING and isinstance(frame.names.get(name), Many | Pair | Plain)
            ):
                whole = method in ("extend", "update")
                for thing in given.every:
                    size, inner = element(thing) if whole else (Size.FIXED, thing)
                    self.grow(name, inner, frame, size)
                return frame.names[name]
            case ast.Attribute(value=inner, attr=method):
                owner = self.value(inner, frame)
                self.site.at(frame.module.module.head(node))
                if isinstance(owner, Plain | Many | Pair) and method in _CONTENTS:
                    return owner
                text = node.args[0] if node.args else None
                return self.calls.method(
                    owner, method, given, self._attribute, alone=alone, text=text, frame=frame
                )
        function = self.value(node.func, frame)
        self.site.at(frame.module.module.head(node))
        return self.calls.apply(function, given, frame.module, alone=alone)

    def _listed(self, parts: list[Thing]) -> Thing:
        if len(parts) <= MAX_PARTS:
            return Pair(tuple(parts))
        return Many(Size.FIXED, either(parts))

    def _part(self, owner: Thing, key: ast.expr, frame: Frame) -> Thing:
        if isinstance(key, ast.Slice):
            for end in (key.lower, key.upper, key.step):
                if end is not None:
                    self.value(end, frame)
            return known.part(owner) if key.upper is not None else owner
        self.value(key, frame)
        if isinstance(owner, Named) and owner.name == known.CONNECTIONS:
            return Connection()
        if isinstance(owner, Pair):
            with suppress(ValueError, IndexError, TypeError):
                position = ast.literal_eval(key)
                return owner.parts[position] if isinstance(position, int) else UNSURE
        return element(owner)[1]

    def _collected(self, generators: list[ast.comprehension], elt: ast.expr, frame: Frame) -> Thing:
        depth, sizes = self.site.around.depth, []
        for generator in generators:
            size, inner = element(self.value(generator.iter, frame))
            sizes.append(size)
            self.site.around.push(Loop(size))
            self.assign(generator.target, inner, frame)
            for test in generator.ifs:
                self.value(test, frame)
        found = self.value(elt, frame)
        self.site.around.leave(depth)
        if isinstance(found, Row) and not found.fresh:
            return Rows(found.entity, most(sizes))
        return Many(most(sizes), found)

    def grow(self, name: str, thing: Thing, frame: Frame, size: Size = Size.FIXED) -> None:
        """Put something into the collection of a name, as often as the loops here say."""
        before = frame.names.get(name, FIXED)
        since = self.site.around.since(frame.made.get(name, frame.depth), name)
        frame.names[name] = grown(before, thing, most([since, size]))

    def assign(self, target: ast.expr, thing: Thing, frame: Frame) -> None:
        """Give a name, an attribute or an element its value."""
        match target:
            case ast.Name(id=name):
                frame.names[name] = thing
                frame.imports.pop(name, None)
                frame.made[name] = self.site.around.depth
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                parts = thing.parts if isinstance(thing, Pair) else ()
                each = element(thing)[1]
                for position, inner in enumerate(targets):
                    self.assign(inner, parts[position] if position < len(parts) else each, frame)
            case ast.Starred(value=inner):
                self.assign(inner, thing, frame)
            case ast.Attribute(value=owner, attr=name):
                row = self.value(owner, frame)
                if isinstance(row, Row):
                    row.change(name, thing)
            case ast.Subscript(value=ast.Name(id=name), slice=key):
                self.value(key, frame)
                self.grow(name, thing, frame)

    def is_atomic(self, node: ast.expr, frame: Frame) -> bool:
        """Whether a decorator or a context manager opens a transaction."""
        function = node.func if isinstance(node, ast.Call) else node
        if not isinstance(function, ast.Name | ast.Attribute):
            return False
        thing = self.value(function, frame)
        return isinstance(thing, Named) and thing.name in known.ATOMIC


def _mapping(keys: list[Thing], values: list[Thing]) -> Thing:
    """A dictionary that is written out: its pairs, where they are few."""
    if len(values) <= MAX_PARTS and len(keys) == len(values):
        return Pair(tuple(Pair(pair) for pair in zip(keys, values, strict=True)))
    return Many(Size.FIXED, Pair((FIXED, either(values))))
