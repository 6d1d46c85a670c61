"""Text that others write, followed from an event to where it is pasted into code."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import lru_cache

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.performed import callers_of, used_action
from iact_guard.analyze.workflow.references.exports import exports_of, is_plain
from iact_guard.analyze.workflow.rights.strangers import (
    ANY_EVENT,
    By,
    Reach,
    path_of,
    reach_of,
    users_of,
)
from iact_guard.data.tables import Row, table
from iact_guard.model.authored import Authored, Pair
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Action, Input, Job, Step, Workflow
from iact_guard.syntax import shell
from iact_guard.syntax.expression import (
    Call,
    Comparison,
    ExpressionError,
    Index,
    Literal,
    Logical,
    Name,
    Node,
    Not,
    Part,
    parse,
    parts,
)

MAX_STEPS = 1_000
"""Texts that are followed for one expression, each of them once."""
MAX_DEPTH = 25
"""Texts within texts."""
_TRUTHS = frozenset({"contains", "startswith", "endswith", "success", "failure", "always",
                     "cancelled", "hashfiles"})  # fmt: skip
"""Functions whose value holds none of their arguments' text."""
_PATTERN = frozenset("*?+[]!")
_SAFE_TYPES = frozenset({"boolean", "number", "environment"})


@dataclass(frozen=True, slots=True)
class Taint:
    """Text that somebody else writes."""

    source: str
    """`github.event.issue.title`, `inputs.version`."""
    by: By
    way: tuple[Evidence, ...] = ()
    """From where it comes from to where it is used."""

    def through(self, location: Location, message: str) -> "Taint":
        """The same, one step further."""
        return replace(self, way=(*self.way, Evidence(location, message)))


@dataclass(frozen=True, slots=True)
class Pasted:
    """An expression within code that holds such text."""

    expression: str
    location: Location
    into: str
    """`the script`, `the input script`."""
    taint: Taint | None
    """None where it could not be followed to its end."""
    also: tuple[Location, ...] = ()
    """Other places of the same expression in the step."""


@fact("step.pasted")
def pasted_of(ctx: Context, step: Step) -> Fact[tuple[Pasted, ...]]:
    """The expressions in a step's code that hold text which others write, each once."""
    found: dict[str, Pasted] = {}
    holder = ctx.project.by_id[step.parent]
    for text, into in _code_of(step):
        for part in parts(text.text) if "${{" in text.text else ():
            if not part.is_expression:
                continue
            key = "".join(part.text.split())
            place = text.first_line(part.start, part.end)
            if key in found:
                found[key] = replace(found[key], also=(*found[key].also, place))
                continue
            trace = _Trace(ctx)
            taint = trace.worst(trace.of_part(part, Place(holder, step)))
            if taint or trace.exhausted:
                found[key] = Pasted(part.text.strip(), place, into, taint)
    return known(tuple(found.values()))


def _code_of(step: Step) -> Iterator[tuple[Authored, str]]:
    if step.run:
        yield step.run, "the script"
    if step.uses:
        name = parse_use(step.uses).name.lower()
        for key in table("untrusted")["script_inputs"].get(name, ()):
            if text := step.input(key):
                yield text, f"`{key}`, which runs as code"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: what it sees."""

    owner: Job | Action
    step: Step | None = None


def taint_of(
    ctx: Context,
    text: Authored | tuple[shell.Part, ...],
    place: Place,
    rows: Sequence[Row],
    variables: Mapping[str, tuple[shell.Part, ...]] | None = None,
) -> Taint | None:
    """Which of the sources of a table a text comes from, or the parts of a word of a script."""
    trace = _Trace(ctx, rows, inputs=False)
    if isinstance(text, Authored):
        return trace.worst(trace.of_text(text, place))
    return trace.worst(trace.of_shell(text, variables or {}, place))


@dataclass(slots=True)
class _Trace:
    """The way of one expression's text, backwards."""

    ctx: Context
    rows: Sequence[Row] = field(default_factory=lambda: table("untrusted")["source"])
    """The sources that are looked for."""
    inputs: bool = True
    """Whether what is written for a dispatch is such a source."""
    left: int = MAX_STEPS
    depth: int = 0
    reaches: dict[str, Reach] = field(default_factory=dict)
    seen: set[tuple[int, str, str]] = field(default_factory=set)
    """What was followed, and where it stands."""

    @property
    def exhausted(self) -> bool:
        """Whether the bound was reached."""
        return self.left < 0

    def enter(self, what: object, place: Place) -> bool:
        """Whether to follow something: not twice, and not beyond the bounds."""
        key = (id(what), place.owner.id, place.step.id if place.step else "")
        if key in self.seen:
            return False
        self.seen.add(key)
        self.left = -1 if self.depth >= MAX_DEPTH else self.left - 1
        return not self.exhausted

    def worst(self, found: Iterator[Taint]) -> Taint | None:
        """What anyone writes, else what people with access write."""
        best: Taint | None = None
        for taint in found:
            if taint.by == "anyone":
                return taint
            best = best or taint
        return best

    def of_text(self, text: Authored, place: Place) -> Iterator[Taint]:
        """The taints of a text with expressions."""
        if "${{" not in text.text or not self.enter(text, place):
            return
        self.depth += 1
        for part in parts(text.text):
            if part.is_expression:
                yield from self.of_part(part, place)
        self.depth -= 1

    def of_value(self, pair: Pair | None, place: Place, says: str) -> Iterator[Taint]:
        """The taints of a pair's value, with what the pair does to them."""
        if pair is None:
            return
        for taint in self.of_text(pair.value, place):
            yield taint.through(pair.value.location, says)

    def of_part(self, part: Part, place: Place) -> Iterator[Taint]:
        try:
            node = parse(part.text)
        except ExpressionError:
            return
        yield from self.of_node(node, place)

    def of_node(self, node: Node, place: Place, *, whole: bool = False) -> Iterator[Taint]:
        """What flows into the text of a value; `whole` where objects are written out."""
        match node:
            case Literal() | Not() | Comparison():
                return
            case Logical("&&", operands):  # the others count only where they are empty
                yield from self.of_node(operands[-1], place, whole=whole)
            case Logical(_, operands):
                for operand in operands:
                    yield from self.of_node(operand, place, whole=whole)
            case Call(name, arguments):
                whole = whole or name == "tojson"
                for argument in () if name in _TRUTHS else _values(name, arguments):
                    yield from self.of_node(argument, place, whole=whole)
            case Name() | Index():
                path = path_of(node)
                if path:
                    yield from self.of_path(path, place, whole=whole)
                elif isinstance(node, Index):
                    yield from self.of_node(node.base, place, whole=whole)

    def of_path(self, path: tuple[str, ...], place: Place, *, whole: bool) -> Iterator[Taint]:
        match path:
            case ("github", "event", "inputs", name) | ("inputs", name):
                yield from self.of_input(name, place, called=path[0] == "inputs")
            case ("github", *_):
                yield from self.of_github(path, place, whole=whole)
            case ("env", name):
                yield from self.of_env(name, place)
            case ("matrix", name) if isinstance(place.owner, Job):
                for pair in place.owner.matrix or ():
                    if pair.key.text.lower() == name:
                        says = f"it is a value of the matrix's `{name}`"
                        yield from self.of_value(pair, Place(place.owner), says)
            case ("steps", key, "outputs", name):
                yield from self.of_output(key, name, place)
            case ("needs", key, "outputs", name):
                yield from self.of_need(key, name, place)

    def of_github(self, path: tuple[str, ...], place: Place, *, whole: bool) -> Iterator[Taint]:
        rows = [row for row in self.rows if _speaks(row, path, whole=whole)]
        if not rows or (path[-1] == "head_branch" and self.named_branches(place)):
            return
        reach = self.reach(place)
        for row in rows:
            ways = [reach[event] for event in (*row["events"], ANY_EVENT) if event in reach]
            if ways:
                by: By = "anyone" if row["by"] == "anyone" and "anyone" in ways else "writer"
                yield Taint(".".join(path), by)

    def named_branches(self, place: Place) -> bool:
        """Whether only branches of the repository that are named start a workflow after another."""
        if isinstance(place.owner, Action):
            return False
        triggers = self.ctx.project.workflow_of(place.owner).triggers
        after = [each.branches or () for each in triggers if each.event == "workflow_run"]
        return bool(after) and all(
            branches and not any(_PATTERN & set(branch.text) for branch in branches)
            for branches in after
        )

    def reach(self, place: Place) -> Reach:
        conditions = [place.step.condition] if place.step and place.step.condition else []
        key = f"{place.owner.id} {place.step.id if place.step else ''}"
        if key not in self.reaches:
            self.reaches[key] = reach_of(self.ctx, place.owner, conditions)
        return self.reaches[key]

    def of_input(self, name: str, place: Place, *, called: bool) -> Iterator[Taint]:
        if isinstance(place.owner, Action):
            yield from self.of_action_input(name, place.owner)
            return
        workflow = self.ctx.project.workflow_of(place.owner)
        for trigger in workflow.triggers:
            given = next((each for each in trigger.inputs if each.name.lower() == name), None)
            if given is None or given.type in _SAFE_TYPES or given.options:
                continue
            dispatched = self.inputs and trigger.event == "workflow_dispatch"
            if dispatched and "workflow_dispatch" in self.reach(place):
                what = f"whoever starts the workflow writes `{given.name}`"
                yield Taint(f"inputs.{given.name}", "writer").through(given.location, what)
            elif trigger.event == "workflow_call" and called:
                yield from self.of_called(workflow, given)

    def of_called(self, workflow: Workflow, given: Input) -> Iterator[Taint]:
        for job in callers_of(self.ctx, workflow):
            pair = _pair(job.with_, given.name)
            yield from self.of_value(pair, Place(job), f"{job.key} gives it as `{given.name}`")

    def of_action_input(self, name: str, action: Action) -> Iterator[Taint]:
        for user in users_of(self.ctx, action):
            pair, place = _pair(user.step.with_, name), Place(user.owner, user.step)
            yield from self.of_value(pair, place, f"it is given as `{name}`")
        for given in action.inputs:
            if given.name.lower() == name and given.default:
                for taint in self.of_text(given.default, Place(action)):
                    yield taint.through(given.location, f"it is the default of `{name}`")

    def of_env(self, name: str, place: Place) -> Iterator[Taint]:
        step, owner = place.step, place.owner
        levels = [(step.env, place)] if step else []
        if isinstance(owner, Job):
            levels.append((owner.env, Place(owner)))
            levels.append((self.ctx.project.workflow_of(owner).env, Place(owner)))
        for pairs, where in levels:
            if pair := _pair(pairs, name):
                yield from self.of_value(pair, where, f"it is put into `{pair.key.text}`")
                return
        for before in owner.steps[: step.index] if step else ():
            yield from self.of_exports(before, "env", name, owner)

    def of_output(self, key: str, name: str, place: Place) -> Iterator[Taint]:
        found = (s for s in place.owner.steps if s.key and s.key.text.lower() == key)
        step = next(found, None)
        if step is None:
            return
        if step.run:
            yield from self.of_exports(step, "output", name, place.owner)
        elif step.uses and (action := used_action(self.ctx, step.uses)):
            pair = _pair(action.outputs, name)
            yield from self.of_value(pair, Place(action), f"it is the output `{name}`")
        elif step.uses:
            yield from self.of_action_output(step.uses, name)

    def of_action_output(self, uses: Authored, name: str) -> Iterator[Taint]:
        action = parse_use(uses).name.lower()
        for row in self.rows:
            if name in row.get("outputs", {}).get(action, ()):
                what = f"`{name}` of {action} comes from the pull request"
                yield Taint(f"{name} of {action}", "anyone").through(uses.location, what)

    def of_need(self, key: str, name: str, place: Place) -> Iterator[Taint]:
        if isinstance(place.owner, Action):
            return
        for job in self.ctx.project.workflow_of(place.owner).jobs:
            pair = _pair(job.outputs, name) if job.key.lower() == key else None
            yield from self.of_value(pair, Place(job), f"it is the output `{name}` of {job.key}")

    def of_exports(
        self, step: Step, target: str, name: str, owner: Job | Action
    ) -> Iterator[Taint]:
        found = exports_of(self.ctx, step).known
        for export in found.exports:
            if export.target == target and export.name.lower() == name:
                place = Place(owner, step)
                variables = {**found.variables, **dict.fromkeys(found.bounded, ())}
                for taint in self.of_shell(export.parts, variables, place):
                    yield taint.through(export.location, f"it is handed on as `{export.name}`")

    def of_shell(
        self,
        pieces: tuple[shell.Part, ...],
        variables: Mapping[str, tuple[shell.Part, ...]],
        place: Place,
    ) -> Iterator[Taint]:
        if not self.enter(pieces, place):
            return
        self.depth += 1
        for piece in pieces:
            if isinstance(piece, shell.Placeholder):
                part = Part(piece.expression, 0, 0, is_expression=True)
                yield from self.of_part(part, place)
            elif isinstance(piece, shell.Variable) and is_plain(piece):
                if piece.name in variables:
                    yield from self.of_shell(variables[piece.name], variables, place)
                else:
                    yield from self.of_env(piece.name.lower(), place)
        self.depth -= 1


def _values(name: str, arguments: tuple[Node, ...]) -> tuple[Node, ...]:
    """The arguments of a function whose text its value holds."""
    return (*arguments[1::2], arguments[-1]) if name == "case" else arguments


def _pair(pairs: tuple[Pair, ...], name: str) -> Pair | None:
    return next((pair for pair in pairs if pair.key.text.lower() == name.lower()), None)


def _speaks(row: Row, path: tuple[str, ...], *, whole: bool) -> bool:
    return any(_is(path, wanted, whole=whole) for wanted in row["paths"])


@lru_cache(maxsize=4096)
def _is(path: tuple[str, ...], text: str, *, whole: bool) -> bool:
    """Whether a way into a context leads to a text, or to an object that holds it, written out."""
    wanted = text.split(".")
    deep = wanted[-1] == "**"
    wanted = wanted[:-1] if deep else wanted
    fits = all("*" in (a, b) or a == b for a, b in zip(path, wanted, strict=False))
    if not fits or len(path) < len(wanted):
        return fits and whole
    if len(path) > len(wanted):
        return deep
    return whole or not deep
