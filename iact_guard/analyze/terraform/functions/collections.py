"""Functions of lists, sets and maps."""

from collections.abc import Callable
from typing import Any

from iact_guard.analyze.terraform import conversion as to
from iact_guard.analyze.terraform.conversion import UnresolvedError
from iact_guard.analyze.terraform.functions.arguments import (
    Arguments,
    Function,
    certain,
    listed,
    sequence,
    strings,
)
from iact_guard.model.value import Entries, Items, Value, failed, known, unknown


def _length(arguments: Arguments) -> Value:
    value = to.resolved(arguments[0])
    if isinstance(value.content, str):
        return known(len(value.content))
    if isinstance(value.content, Entries):
        return known(len(to.closed(value)))
    found = to.items(value)
    return known(len(certain(found.values) if found.is_set else found.values))


def _flatten(arguments: Arguments) -> Value:
    flat: list[Value] = []
    to.measured(arguments[0])
    stack = list(reversed(sequence(arguments)))
    while stack:
        value = stack.pop()
        if value.state == "unknown":
            raise UnresolvedError(value)
        if isinstance(value.content, Items):
            stack += reversed(value.content.values)
        else:
            flat.append(value)
    return listed(flat)


def _contains(arguments: Arguments) -> Value:
    answers = [to.equal(item, arguments[1]) for item in sequence(arguments)]
    if True in answers:
        return known(True)
    if None in answers:
        return unknown("an element of the list is unknown", *arguments)
    return known(False)


def _keys(arguments: Arguments) -> Value:
    return listed(known(key) for key in sorted(to.closed(arguments[0])))


def _values(arguments: Arguments) -> Value:
    table = to.closed(arguments[0])
    return listed(table[key] for key in sorted(table))


def _element(arguments: Arguments) -> Value:
    found, number = sequence(arguments), to.numeric(arguments[1])
    return found[int(number) % len(found)]


def _index(arguments: Arguments) -> Value:
    for number, value in enumerate(certain(sequence(arguments))):
        if to.equal(value, to.resolved(arguments[1])):
            return known(number)
    return failed("index() finds no such element", *arguments)


def _toset(arguments: Arguments) -> Value:
    return known(to.bounded(to.unify(sequence(arguments)), is_set=True))


def _tolist(arguments: Arguments) -> Value:
    return listed(to.unify(sequence(arguments)))


def _tomap(arguments: Arguments) -> Value:
    found = to.entries(arguments[0])
    names = list(found.values)
    unified = to.unify(tuple(found.values[name] for name in names))
    return known(Entries(dict(zip(names, unified, strict=True)), found.others))


def _distinct(arguments: Arguments) -> Value:
    kept: dict[object, Value] = {}
    for value in certain(sequence(arguments)):
        kept.setdefault(to.identity(value), value)
    return listed(kept.values())


def _compact(arguments: Arguments) -> Value:
    values = certain(sequence(arguments))
    return listed(value for value in values if not value.nothing and value.content != "")


def _sort(arguments: Arguments) -> Value:
    return listed(known(text) for text in sorted(strings(arguments[0])))


def _zipmap(arguments: Arguments) -> Value:
    names, values = strings(arguments[0]), to.items(arguments[1]).values
    return known(Entries(dict(zip(names, values, strict=True))))


def _set_of(combine: Callable[[Any, Any], Any]) -> Callable[[Arguments], Value]:
    def function(arguments: Arguments) -> Value:
        tables = [{to.identity(v): v for v in certain(to.items(a).values)} for a in arguments]
        keys = set(tables[0])
        everything = dict(tables[0])
        for table in tables[1:]:
            keys = combine(keys, set(table))
            everything |= table
        return known(to.bounded([v for k, v in everything.items() if k in keys], is_set=True))

    return function


def _slice(arguments: Arguments) -> Value:
    found, (start, end) = sequence(arguments), map(to.numeric, arguments[1:])
    if not 0 <= start <= end <= len(found):
        return failed("slice() beyond the list", *arguments)
    return listed(found[int(start) : int(end)])


def _concat(arguments: Arguments) -> Value:
    return listed(item for argument in arguments for item in to.items(argument).values)


TABLE: dict[str, Function] = {
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "distinct": _distinct,
    "element": _element,
    "flatten": _flatten,
    "index": _index,
    "keys": _keys,
    "length": _length,
    "reverse": lambda arguments: listed(reversed(sequence(arguments))),
    "setintersection": _set_of(lambda a, b: a & b),
    "setsubtract": _set_of(lambda a, b: a - b),
    "setunion": _set_of(lambda a, b: a | b),
    "slice": _slice,
    "sort": _sort,
    "tolist": _tolist,
    "tomap": _tomap,
    "toset": _toset,
    "values": _values,
    "zipmap": _zipmap,
}
