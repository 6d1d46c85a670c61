"""Calls: what is written by them, what they give back, and what of them is not known."""

import ast
from collections.abc import Callable
from dataclasses import replace

from iact_guard.analyze.migration.code import known
from iact_guard.analyze.migration.code.found import elsewhere
from iact_guard.analyze.migration.code.frame import Frame, Loop, Site
from iact_guard.analyze.migration.code.queries import CHAINED, Done, Given, of_row, of_rows
from iact_guard.analyze.migration.code.schema import Schema
from iact_guard.analyze.migration.code.sizes import Size
from iact_guard.analyze.migration.code.values import (
    FIXED,
    UNSURE,
    AppConfig,
    Apps,
    Connection,
    Cursor,
    Editor,
    Entity,
    Local,
    Many,
    Named,
    Pair,
    Plain,
    Row,
    Rows,
    Text,
    Thing,
    element,
    touches_rows,
)
from iact_guard.load.python_modules import Parsed
from iact_guard.load.python_values import Reader

_READING = ("quote", "fetch", "close", "mogrify", "execute_")


class Calls:
    """Takes calls, one by one."""

    def __init__(self, site: Site, schema: Schema, run: Callable[[Local, Given], Thing]) -> None:
        self.site = site
        self.schema = schema
        self.run = run

    def method(
        self,
        owner: Thing,
        name: str,
        given: Given,
        attribute: Callable[[Thing, str], Thing],
        *,
        alone: bool,
        text: ast.expr | None,
        frame: Frame,
    ) -> Thing:
        """`owner.name(...)`."""
        match owner:
            case Apps(live=live):
                return self._registry(name, given, live)
            case AppConfig(label=label, live=live) if name == "get_model":
                return Entity(label, _said(given.get(0, "model_name")), live)
            case Editor() | Cursor() if name in ("execute", "executemany"):
                self._execute(text, given, frame, many=name == "executemany")
                return FIXED
            case Editor():
                if not name.startswith(_READING):
                    self.site.doubt(f"`schema_editor.{name}` changes tables", schema=True)
                return FIXED
            case Cursor():
                return Many(Size.FIXED if name == "fetchone" else Size.MANY, FIXED)
            case Connection():
                made: dict[str, Thing] = {"cursor": Cursor(), "schema_editor": Editor()}
                return made.get(name, FIXED)
            case Rows():
                return self._done(of_rows(self.schema, owner, name, given), owner, name, alone)
            case Row():
                if name == "save" and owner.fresh:
                    owner.fresh = False
                    return self._done(
                        of_row(Row(owner.entity, True), name, given), owner, name, alone
                    )
                return self._done(of_row(owner, name, given), owner, name, alone)
            case Entity(live=True) if name[:1].islower():
                path = frame.module.module.path
                method = elsewhere(self.site.modules, f"{owner.origin}.{name}", path)
                if method is not None:
                    bound = (owner,) if method.bound else ()
                    return self.run(replace(method, bound=bound), given)
                if alone:
                    self.site.doubt(f"what `{owner.name}.{name}()` of the application writes")
                return UNSURE
            case Named():
                return self.apply(attribute(owner, name), given, frame.module, alone=alone)
            case Many(element=Rows() | Many() as inner) if name in ("page", "get_page"):
                return inner
        if isinstance(owner, Plain | Text):
            return known.computed((owner, *given.every))
        if isinstance(owner, Many) and name in CHAINED:
            return owner
        if isinstance(owner, Pair | Many) and name in ("get", "pop", "first", "last"):
            return element(owner)[1]
        return UNSURE

    def _registry(self, name: str, given: Given, live: bool) -> Thing:
        match name:
            case "get_model":
                first, second = _said(given.get(0, "app_label")), given.get(1, "model_name")
                if second is None:
                    label, _, model = first.partition(".")
                    return Entity(label, model, live)
                return Entity(first, _said(second), live)
            case "get_app_config":
                return AppConfig(_said(given.get(0, "app_label")), live)
            case "get_models":
                return Many(Size.FIXED, Entity(live=live))
        return FIXED

    def _done(self, done: Done | None, owner: Rows | Row, name: str, alone: bool) -> Thing:
        if done is not None:
            for written in done.written:
                self.site.write(written)
            return done.thing
        if alone and owner.entity.live:
            self.site.doubt(f"what `{name}()` of the application's {owner.entity.name} writes")
        return owner if isinstance(owner, Rows) else UNSURE

    def _execute(self, text: ast.expr | None, given: Given, frame: Frame, *, many: bool) -> None:
        if text is None:
            return
        reader = Reader(frame.module.module, "")
        parameters = given.get(1, "param_list")
        if many and parameters is not None:
            self.site.around.push(Loop(element(parameters)[0]))
        self.site.execute(reader.value(text))
        if many and parameters is not None:
            self.site.around.pop()

    def apply(self, function: Thing, given: Given, module: Parsed, *, alone: bool = False) -> Thing:
        """`function(...)`."""
        match function:
            case Local():
                return self.run(function, given)
            case Entity():
                return Row(function, fresh=True, changed=None)
            case Named(name=name):
                return self._named(name, given, module, alone=alone)
        if any(map(touches_rows, given.every)):
            self.site.doubt("it hands models or rows to a function that is computed")
        return UNSURE

    def _named(self, name: str, given: Given, module: Parsed, *, alone: bool) -> Thing:
        short = name.removeprefix("builtins.")
        match short:
            case "getattr" | "setattr" | "delattr":
                self._set_attribute(short, given)
                return Plain() if short == "setattr" else FIXED
            case "functools.partial" if isinstance(given.get(0, ""), Local | Named):
                return self._partial(given)
            case "map" if given.positional:
                return self._mapped(given, module)
        if name in known.COMMANDS:
            command = _said(given.get(0, "command_name"))
            self.site.doubt(f"what the management command `{command or '?'}` does", schema=True)
            return FIXED
        found = known.result(name, given.positional)
        if found is not None:
            return found
        if known.writes_nothing(name):
            return known.computed(given.every)
        return self._elsewhere(name, given, module, alone=alone)

    def _elsewhere(self, name: str, given: Given, module: Parsed, *, alone: bool) -> Thing:
        """A function of another file: followed where the repository has it."""
        if ":" not in name:
            function = elsewhere(self.site.modules, name, module.module.path)
            if function is not None:
                return self.run(function, given)
        own = ":" in name or self.site.modules.find(name, module.module.path) is not None
        if any(map(touches_rows, given.every)) or (alone and own):
            self.site.doubt(f"what `{name.rpartition(':')[2]}()` writes")
        return UNSURE if own else known.computed(given.every)

    def _set_attribute(self, what: str, given: Given) -> None:
        row = given.get(0, "")
        if what == "setattr" and isinstance(row, Row):
            name = given.get(1, "")
            row.change(name.value if isinstance(name, Text) else "", given.get(2, "") or UNSURE)

    def _partial(self, given: Given) -> Thing:
        function, *bound = given.positional
        if isinstance(function, Local):
            return Local(
                function.node,
                function.module,
                function.around,
                (*function.bound, *bound),
                {**function.named, **given.named},
            )
        return function

    def _mapped(self, given: Given, module: Parsed) -> Thing:
        size, inner = element(given.get(1, "") or FIXED)
        self.site.around.push(Loop(size))
        result = self.apply(given.positional[0], Given((inner,)), module)
        self.site.around.pop()
        return Many(size, result)


def _said(thing: Thing | None) -> str:
    return thing.value if isinstance(thing, Text) else ""
