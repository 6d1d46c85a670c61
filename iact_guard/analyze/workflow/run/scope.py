"""Expressions evaluated in a run: what the files do not tell is chosen, always alike."""

from dataclasses import field

from iact_guard.analyze.choices import Choices
from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.run.condition import Condition, pieces_of
from iact_guard.analyze.workflow.run.domains import OTHER, compared_in, last_key, path_of
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Workflow
from iact_guard.syntax.expression import (
    Call,
    Comparison,
    Contexts,
    Index,
    Literal,
    Logical,
    Name,
    Node,
    Not,
    Open,
    Unknown,
    Value,
    evaluate,
    nodes_in,
    to_text,
    truth,
)

_OF_THE_RUN = frozenset({"github", "vars", "secrets"})
"""Contexts that are the same everywhere in a run."""
_YES_OR_NO = frozenset({"contains", "startswith", "endswith"})
_MAX_HOPS = 8


class Partial(Open):
    """Outputs of a job that did not succeed: any of them may be missing."""


class TooDeepError(Exception):
    """Values given from workflow to workflow, or pieces of an expression, beyond a bound."""


@dataclass(slots=True)
class Chosen:
    """What a run assumes, by the question; and the same in words."""

    ctx: Context
    choices: Choices
    values: dict[tuple[str, str], Value] = field(default_factory=dict)
    words: dict[tuple[str, str], str] = field(default_factory=dict)
    """What a question is, for people: the expression."""

    def one_of(self, key: tuple[str, str], options: tuple[Value, ...]) -> Value:
        """The answer to a question; its options are those of the first time."""
        if key not in self.values:
            self.values[key] = self.choices.choose(key, options) if len(options) > 1 else options[0]
            self.words[key] = key[1]
        return self.values[key]


@dataclass(slots=True)
class Scope:
    """The contexts that one place of a workflow sees."""

    chosen: Chosen
    workflow: Workflow
    key: str
    """Of this place in the run: what is unknown in it is another question elsewhere."""
    contexts: dict[str, Value]
    given: "Givens" = field(default_factory=dict)
    """Texts behind paths: inputs that a caller gives, outputs of jobs, `env`."""

    def inner(self, key: str, contexts: Contexts, given: "Givens") -> "Scope":
        """A place within this one: a job, a step."""
        return Scope(
            self.chosen, self.workflow, key, {**self.contexts, **contexts}, {**self.given, **given}
        )

    def holds(self, condition: Condition) -> bool:
        """Whether an `if` holds, without the `success()` that GitHub may add."""
        return self.is_true(condition.node)

    def is_true(self, node: Node) -> bool:
        """Whether an expression counts as true."""
        return bool(truth(self.value(node)))

    def value(self, node: Node, hops: int = 0) -> Value:
        """The value of an expression in this run."""
        found = evaluate(node, self.contexts)
        if not isinstance(found, Unknown):
            return found
        match node:
            case Not(operand):
                return not truth(self.value(operand, hops))
            case Logical(operator, operands):
                return self._logical(operator, operands, hops)
            case Comparison(operator, left, right):
                sides = Literal(self.value(left, hops)), Literal(self.value(right, hops))
                return evaluate(Comparison(operator, *sides), {})
            case Call("case", arguments):
                return self._case(arguments, hops)
            case Call(name, arguments) if name in _YES_OR_NO:
                return self._asked(node, arguments, found, hops)
        return self._leaf(node, found, hops)

    def text(self, text: str, hops: int = 0) -> Value:
        """The value of a text with `${{ }}`: typed where it is one expression alone."""
        pieces = pieces_of(text)
        if pieces is None:
            return OTHER
        values = [p if isinstance(p, str) else self.value(p, hops) for p in pieces]
        return values[0] if len(values) == 1 else "".join(map(to_text, values))

    def known(self, node: Node) -> Value:
        """The value of an expression as far as nothing has to be chosen; else Unknown."""
        return evaluate(node, self.contexts)

    def known_text(self, text: str) -> str | None:
        """A text without anything that the run would have to choose; None for any other."""
        pieces = pieces_of(text)
        if pieces is None:
            return None
        values = [p if isinstance(p, str) else evaluate(p, self.contexts) for p in pieces]
        return (
            None if any(isinstance(v, Unknown) for v in values) else "".join(map(to_text, values))
        )

    def _logical(self, operator: str, operands: tuple[Node, ...], hops: int) -> Value:
        value: Value = None
        for operand in operands:
            value = self.value(operand, hops)
            if bool(truth(value)) is (operator == "||"):
                return value
        return value

    def _case(self, arguments: tuple[Node, ...], hops: int) -> Value:
        for predicate, result in zip(arguments[:-1:2], arguments[1::2], strict=False):
            if truth(self.value(predicate, hops)):
                return self.value(result, hops)
        return self.value(arguments[-1], hops)

    def _asked(self, node: Node, arguments: tuple[Node, ...], found: Unknown, hops: int) -> Value:
        """`contains` and its like: computed where its arguments are texts of few values."""
        values = []
        for argument in arguments:
            value = evaluate(argument, self.contexts)
            if isinstance(value, Unknown) and (value.options or self._is_given(argument)):
                value = self.value(argument, hops)
            values.append(value)
        if not any(isinstance(value, Unknown) for value in values):
            computed = evaluate(Call(node.name, tuple(map(Literal, values))), {})  # type: ignore[union-attr]
            if not isinstance(computed, Unknown):
                return computed
        return self.chosen.one_of((self._where(node), canonical(node)), (False, True))

    def _is_given(self, node: Node) -> bool:
        return path_of(node) in self.given

    def _leaf(self, node: Node, found: Unknown, hops: int) -> Value:
        path = path_of(node)
        given = self.given.get(path) if path else None
        if given:
            if hops > _MAX_HOPS:
                raise TooDeepError
            return given.typed(given.scope.text(given.text, hops + 1))
        if isinstance(node, Call) and node.name == "tojson":
            whole = evaluate(node.arguments[0], self.contexts)
            if isinstance(whole, dict):
                return evaluate(Call("tojson", (Literal(_told(whole)),)), {})
        if found.options:
            return self.chosen.one_of((self._where(node), canonical(node)), found.options)
        key = (self._where(node), canonical(node))
        return self.chosen.one_of(key, self.options(node))

    def options(self, node: Node) -> tuple[Value, ...]:
        """The answers that make a difference for a value that is not known."""
        compared = compared_in(self.chosen.ctx, self.workflow).known.get(last_key(node), ())
        if isinstance(node, Index) and isinstance(evaluate(node.base, self.contexts), Partial):
            # Nothing is any other value, unless its truth alone counts.
            return tuple(dict.fromkeys(("", *compared, *((OTHER,) if "" in compared else ()))))
        return (*compared, OTHER)

    def _where(self, node: Node) -> str:
        path = path_of(node)
        if path and path[0] in _OF_THE_RUN:
            return ""
        if path is None and _only_of_the_run(node):
            return ""
        return self.workflow_key if path and path[0] in ("needs", "inputs") else self.key

    @property
    def workflow_key(self) -> str:
        """The place of the workflow that this one is in."""
        return self.key.partition("#")[0]


@dataclass(frozen=True, slots=True)
class Given:
    """A text that stands behind a path, with the place that evaluates it."""

    text: str
    scope: Scope
    type: str = ""

    def typed(self, value: Value) -> Value:
        """The value as its declaration wants it."""
        if self.type == "boolean" and isinstance(value, str):
            return value.lower() == "true"
        return to_text(value) if self.type == "string" else value


Givens = dict[tuple[str, ...], Given]


def canonical(node: Node) -> str:
    """An expression written in one way: what is equal in it is the same question."""
    match node:
        case Literal(value):
            return f"'{value}'" if isinstance(value, str) else to_text(value)
        case Name(name):
            return name
        case Index(base, key):
            if key is None:
                return f"{canonical(base)}.*"
            if isinstance(key, Literal) and isinstance(key.value, str):
                return f"{canonical(base)}.{key.value.lower()}"
            return f"{canonical(base)}[{canonical(key)}]"
        case Call(name, arguments):
            return f"{name}({', '.join(map(canonical, arguments))})"
        case Not(operand):
            return f"!{canonical(operand)}"
        case Comparison(operator, left, right):
            return f"({canonical(left)} {operator} {canonical(right)})"
        case Logical(operator, operands):
            return f"({f' {operator} '.join(map(canonical, operands))})"


def _told(value: Value) -> Value:
    """An object without what is not known in it."""
    if not isinstance(value, dict):
        return value
    return {key: _told(each) for key, each in value.items() if not isinstance(each, Unknown)}


def _only_of_the_run(node: Node) -> bool:
    names = {inner.name for inner in nodes_in(node) if isinstance(inner, Name)}
    return bool(names) and names <= _OF_THE_RUN
