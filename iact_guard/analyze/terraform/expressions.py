"""Expressions to values: Terraform's rules, with unknown as a first-class outcome."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from iact_guard.analyze.terraform import conversion as to
from iact_guard.analyze.terraform.conversion import UnresolvedError, refuse
from iact_guard.analyze.terraform.functions import call
from iact_guard.model import hcl
from iact_guard.model.records import dataclass
from iact_guard.model.value import Entries, Items, Value, failed, known, unknown

MAX_DEPTH = 60
MAX_STEPS = 100_000
_TOO_MUCH = "too much to evaluate"


class Scope(Protocol):
    """What names mean at a place."""

    def resolve(self, name: str, steps: Sequence[hcl.Step]) -> tuple[Value, int]:
        """The value of a reference, and how many of its steps that took."""

    @property
    def budget(self) -> "Budget":
        """What evaluation may still cost."""


@dataclass(slots=True)
class Budget:
    """Bounds that hostile or generated files meet; people stay far below."""

    steps: int = MAX_STEPS
    depth: int = 0

    def spend(self, *values: Value) -> None:
        """Counts what going through values costs; UnresolvedError where nothing is left."""
        stack, parts = list(values), 0
        while stack and parts < to.MAX_NODES:
            content = stack.pop().content
            parts += 1
            if isinstance(content, str):
                parts += len(content) // 16
            elif isinstance(content, Items):
                stack += content.values
            elif isinstance(content, Entries):
                stack += content.values.values()
        self.steps -= parts // 4
        if self.steps < 0:
            raise UnresolvedError(unknown(_TOO_MUCH))


@dataclass(frozen=True, slots=True)
class Bound:
    """A scope with names of its own: those of `for`, `each`, an iterator."""

    outer: Scope
    names: dict[str, Value]

    def resolve(self, name: str, steps: Sequence[hcl.Step]) -> tuple[Value, int]:
        """An own name, else the outer one."""
        if name in self.names:
            return self.names[name], 0
        return self.outer.resolve(name, steps)

    @property
    def budget(self) -> Budget:
        """The outer scope's."""
        return self.outer.budget


def evaluate(expression: hcl.Expression, scope: Scope) -> Value:
    """The value of an expression; never raises."""
    budget = scope.budget
    budget.steps -= 1
    if budget.steps < 0 or budget.depth >= MAX_DEPTH:
        return unknown(_TOO_MUCH)
    budget.depth += 1
    try:
        value = _EVALUATORS[type(expression)](expression, scope)
        return value if budget.steps >= 0 else unknown(_TOO_MUCH)
    except UnresolvedError as error:
        return error.value
    except RecursionError:
        return unknown("too deeply nested to evaluate")
    finally:
        budget.depth -= 1


def _literal(node: hcl.Literal, scope: Scope) -> Value:
    return to.nullable(node.value)


def _variable(node: hcl.Variable, scope: Scope) -> Value:
    return scope.resolve(node.name, ())[0]


def _template(node: hcl.Template, scope: Scope) -> Value:
    parts = [evaluate(part, scope) for part in node.parts]
    for part in parts:
        if part.nothing:
            raise refuse("null stands in a template", part)
    made = to.scalar(to.joined(to.string(part) for part in parts)).made_of(*parts)
    scope.budget.spend(made)
    return made


def _template_for(node: hcl.TemplateFor, scope: Scope) -> Value:
    collection = evaluate(node.collection, scope)
    inner = [evaluate(node.body, bound) for bound in _bindings(node, collection, scope)]
    made = to.scalar(to.joined(to.string(part) for part in inner)).made_of(collection, *inner)
    scope.budget.spend(made)
    return made


def _traversal(node: hcl.Traversal, scope: Scope) -> Value:
    if isinstance(node.root, hcl.Variable):
        value, used = scope.resolve(node.root.name, node.steps)
    else:
        value, used = evaluate(node.root, scope), 0
    found = walk(value, node.steps[used:], scope)
    if isinstance(found.content, Items | Entries):
        scope.budget.steps -= len(found.content.values) // 4  # who asks goes through them
    return found


def walk(value: Value, steps: Sequence[hcl.Step], scope: Scope) -> Value:
    """Steps into a value."""
    for step in steps:
        if isinstance(step, hcl.Splat):
            value = _splat(value, step, scope)
        elif isinstance(step, hcl.GetAttr):
            value = index(value, known(step.name))
        else:
            value = index(value, evaluate(step.key, scope))
        if value.failed:
            return value
    return value


def _splat(value: Value, step: hcl.Splat, scope: Scope) -> Value:
    if value.nothing:
        return known(Items(()), value)
    if value.state == "unknown":
        return value
    scope.budget.spend(value)
    inner = value.content.values if isinstance(value.content, Items) else (value,)
    return known(Items(tuple(_sound(walk(item, step.each, scope)) for item in inner)), value)


def index(value: Value, key: Value) -> Value:
    """An element of a list or a map."""
    content = to.resolved(value).content
    to.resolved(key)
    if isinstance(content, Entries):
        name = to.string(key)
        found = value.get(name)
        if found.state == "absent":
            return failed(f"there is no `{name}` in it", value)
        return found.made_of(value)
    if isinstance(content, Items) and not content.is_set:
        number = to.numeric(key)
        if isinstance(number, int) and 0 <= number < len(content.values):
            return content.values[number]
        return failed("the list has no such element", value)
    return failed("there is nothing to look into", value)


def _call(node: hcl.Call, scope: Scope) -> Value:
    arguments = [evaluate(argument, scope) for argument in node.arguments]
    if node.expand and arguments:
        last = arguments.pop()
        if last.state == "unknown":
            return call(node.name, [*arguments, last])
        arguments += to.items(last).values
    scope.budget.spend(*arguments)
    made = call(node.name, arguments)
    scope.budget.spend(made)
    return made


def _conditional(node: hcl.Conditional, scope: Scope) -> Value:
    condition = evaluate(node.condition, scope)
    if condition.failed:
        return condition
    if condition.state == "unknown":
        then, otherwise = evaluate(node.then, scope), evaluate(node.otherwise, scope)
        scope.budget.spend(then, otherwise)
        decided = to.either(then, otherwise, f"it hangs on a condition: {condition.reason}")
        return decided.behind(*condition.trail) if decided.state == "unknown" else decided
    chosen = evaluate(node.then if to.boolean(condition) else node.otherwise, scope)
    return chosen.made_of(condition)


def _unary(node: hcl.Unary, scope: Scope) -> Value:
    operand = evaluate(node.operand, scope)
    if node.operator == "!":
        return known(not to.boolean(operand), operand)
    return known(-to.numeric(operand), operand)


def _binary(node: hcl.Binary, scope: Scope) -> Value:
    left = evaluate(node.first, scope)
    for operator, operand in node.rest:
        right = evaluate(operand, scope)
        scope.budget.spend(left, right)
        left = _apply(operator, left, right)
    return left


def _apply(operator: str, left: Value, right: Value) -> Value:
    try:
        if operator in ("&&", "||"):
            return _logic(left, right, stop=operator == "||")
        if operator in ("==", "!="):
            same = to.equal(left, right)
            if same is None:
                raise UnresolvedError(left if left.state == "unknown" else _unknown_in(right))
            return known(same == (operator == "=="), left, right)
        return known(_OPERATORS[operator](to.numeric(left), to.numeric(right)), left, right)
    except UnresolvedError as error:
        return error.value
    except (ZeroDivisionError, OverflowError):
        return failed("a division by zero, or a number without end", left, right)


def _unknown_in(value: Value) -> Value:
    return value if value.state == "unknown" else unknown("a part of it is unknown", value)


def _logic(left: Value, right: Value, *, stop: bool) -> Value:
    for one, other in ((left, right), (right, left)):
        if one.state == "known" and to.boolean(one) is stop and not other.failed:
            return known(stop, one)
    to.boolean(left)
    return known(to.boolean(right), left, right)


_OPERATORS: dict[str, Callable[[float, float], int | float | bool]] = {
    "+": lambda a, b: to.tidy(to.exact(a) + to.exact(b)),
    "-": lambda a, b: to.tidy(to.exact(a) - to.exact(b)),
    "*": lambda a, b: to.tidy(to.exact(a) * to.exact(b)),
    "/": lambda a, b: to.tidy(to.exact(a) / to.exact(b)),
    "%": lambda a, b: to.tidy(to.exact(a) - to.exact(b) * int(to.exact(a) / to.exact(b))),
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _tuple(node: hcl.Tuple, scope: Scope) -> Value:
    return known(to.bounded(_sound(evaluate(item, scope)) for item in node.items))


def _sound(value: Value) -> Value:
    """A part; one that Terraform refuses takes the whole with it."""
    if value.failed:
        raise UnresolvedError(value)
    return value


def _object(node: hcl.Object, scope: Scope) -> Value:
    found: dict[str, Value] = {}
    others = ""
    for item in node.items:
        key, value = evaluate(item.key, scope), _sound(evaluate(item.value, scope))
        if key.state == "unknown":
            others = key.reason
        else:
            found[to.string(key)] = value
    return known(Entries(found, others))


def _bindings(node: hcl.For | hcl.TemplateFor, collection: Value, scope: Scope) -> Iterator[Scope]:
    """The scope of each turn of a `for`."""
    for key, value in pairs(collection):
        names = {node.value: value}
        if node.key:
            names[node.key] = key
        yield Bound(scope, names)


def pairs(collection: Value) -> Iterator[tuple[Value, Value]]:
    """Keys and values of a collection; what may be in it besides is the caller's concern."""
    content = to.resolved(collection).content
    if isinstance(content, Entries):
        for key in sorted(content.values):
            yield known(key, collection), content.values[key]
    elif isinstance(content, Items):
        for number, value in enumerate(content.values):
            yield (value if content.is_set else known(number)), value
    else:
        raise refuse("not a collection", collection)


def _for(node: hcl.For, scope: Scope) -> Value:
    collection = evaluate(node.collection, scope)
    others = collection.content.others if isinstance(collection.content, Entries) else ""
    results: list[Value] = []
    found: dict[str, Value] = {}
    groups: dict[str, list[Value]] = {}
    for bound in _bindings(node, collection, scope):
        wanted = _sound(evaluate(node.condition, bound)) if node.condition else known(True)
        if wanted.state == "unknown":
            others = others or f"a condition decides what is in it: {wanted.reason}"
            continue
        if not to.boolean(wanted):
            continue
        value = _sound(evaluate(node.result, bound))
        if node.result_key is None:
            results.append(value)
            continue
        key = evaluate(node.result_key, bound)
        if key.state == "unknown":
            others = others or key.reason
        elif node.group:
            groups.setdefault(to.string(key), []).append(value)
        else:
            found[to.string(key)] = value
    if node.result_key is None:
        if others:
            return unknown(others, collection)
        return known(to.bounded(results), collection)
    if node.group:
        if others:
            return unknown(others, collection)
        found = {key: known(Items(tuple(group))) for key, group in groups.items()}
    return known(Entries(found, others), collection)


_EVALUATORS: dict[type, Callable[..., Value]] = {
    hcl.Literal: _literal,
    hcl.Template: _template,
    hcl.TemplateFor: _template_for,
    hcl.Variable: _variable,
    hcl.Traversal: _traversal,
    hcl.Call: _call,
    hcl.Conditional: _conditional,
    hcl.Unary: _unary,
    hcl.Binary: _binary,
    hcl.Tuple: _tuple,
    hcl.Object: _object,
    hcl.For: _for,
}
