"""Functions of numbers and truth."""

import math
from collections.abc import Callable
from typing import Any

from iact_guard.analyze.terraform import conversion as to
from iact_guard.analyze.terraform.conversion import refuse
from iact_guard.analyze.terraform.functions.arguments import (
    Arguments,
    Function,
    converted,
    listed,
    sequence,
)
from iact_guard.model.value import Value, failed, known


def _number(function: Callable[..., float]) -> Callable[[Arguments], Value]:
    return lambda arguments: known(to.tidy(function(*(to.numeric(a) for a in arguments))))


def _all(arguments: Arguments) -> Value:
    values = sequence(arguments)
    if any(v.state == "known" and not to.boolean(v) for v in values):
        return known(False)
    return known(all(to.boolean(value) for value in values))


def _any(arguments: Arguments) -> Value:
    values = sequence(arguments)
    if any(v.state == "known" and to.boolean(v) for v in values):
        return known(True)
    return known(any(to.boolean(value) for value in values))


def _sum(arguments: Arguments) -> Value:
    numbers = [to.exact(to.numeric(value)) for value in sequence(arguments)]
    return known(to.tidy(sum(numbers))) if numbers else failed("sum() of nothing", *arguments)


def _extreme(choose: Callable[[Any], Any]) -> Callable[[Arguments], Value]:
    return lambda arguments: known(choose([to.numeric(argument) for argument in arguments]))


def _range(arguments: Arguments) -> Value:
    bounds = [int(to.numeric(argument)) for argument in arguments]
    if len(bounds) == 1:
        bounds = [0, *bounds]
    step = bounds[2] if len(bounds) > 2 else 1 if bounds[0] <= bounds[1] else -1
    numbers = range(bounds[0], bounds[1], step)
    if len(numbers) > 1024:
        raise refuse("range() of more than 1024 elements")
    return listed(known(number) for number in numbers)


TABLE: dict[str, Function] = {
    "abs": _number(abs),
    "alltrue": _all,
    "anytrue": _any,
    "ceil": _number(math.ceil),
    "floor": _number(math.floor),
    "max": _extreme(max),
    "min": _extreme(min),
    "parseint": lambda a: known(int(to.string(a[0]), int(to.numeric(a[1])))),
    "pow": _number(lambda a, b: math.pow(a, b)),
    "range": _range,
    "signum": _number(lambda a: (a > 0) - (a < 0)),
    "sum": _sum,
    "tobool": converted(to.boolean),
    "tonumber": converted(to.numeric),
}
