"""Functions that choose: a fallback, a key, the first value that is there."""

from iact_guard.analyze.terraform import conversion as to
from iact_guard.analyze.terraform.conversion import UnresolvedError
from iact_guard.analyze.terraform.functions.arguments import (
    Arguments,
    Function,
    sequence,
)
from iact_guard.model.value import Entries, Items, Value, failed, known, null, unknown


def _try(arguments: Arguments) -> Value:
    for argument in arguments:
        if not argument.failed:
            return argument
    return failed("no argument of try() can be evaluated", *arguments)


def _can(arguments: Arguments) -> Value:
    (argument,) = arguments
    if argument.state == "unknown" and not argument.failed:
        raise UnresolvedError(argument)
    return known(not argument.failed)


def _lookup(arguments: Arguments) -> Value:
    table, key = arguments[0], arguments[1]
    found = known(to.entries(table), table).get(to.string(key))
    if found.state != "absent":
        return found
    return arguments[2] if len(arguments) > 2 else failed("lookup() finds no such key", table)


def _coalesce(arguments: Arguments) -> Value:
    for argument in arguments:
        if argument.state == "unknown":
            return argument
        if not argument.nothing and argument.content != "":
            kinds = {type(a.content) for a in arguments if a.state == "known"}
            mixed = len(kinds) > 1 and not isinstance(argument.content, Items | Entries)
            return known(to.string(argument), argument) if mixed else argument
    return failed("no argument of coalesce() has a value")


def _coalescelist(arguments: Arguments) -> Value:
    for argument in arguments:
        if argument.nothing:
            continue
        if to.items(argument).values:
            return argument
    return failed("no argument of coalescelist() has an element")


def _merge(arguments: Arguments) -> Value:
    """A key of an argument is there for sure; an unknown one after it may replace its value."""
    merged: dict[str, Value] = {}
    others = ""
    for argument in arguments:
        if argument.nothing:
            continue
        if argument.state == "unknown":
            if argument.failed:
                return argument
            reason = argument.reason
        else:
            reason = to.entries(argument).others
        if reason:
            others = reason
            merged = {k: _replaceable(v, argument, reason) for k, v in merged.items()}
        if argument.state == "known":
            merged |= to.entries(argument).values
    return known(Entries(merged, others), *arguments)


def _replaceable(value: Value, by: Value, reason: str) -> Value:
    return unknown(f"what is merged after it may replace it: {reason}", value, by)


def _one(arguments: Arguments) -> Value:
    found = sequence(arguments)
    if len(found) > 1:
        return failed("one() has more than one element", *arguments)
    return found[0] if found else null(*arguments)


def _same(arguments: Arguments) -> Value:
    return arguments[0]


TABLE: dict[str, Function] = {
    "can": _can,
    "coalesce": _coalesce,
    "coalescelist": _coalescelist,
    "lookup": _lookup,
    "merge": _merge,
    "nonsensitive": _same,
    "one": _one,
    "sensitive": _same,
    "try": _try,
}
