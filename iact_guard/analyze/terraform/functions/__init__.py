"""Terraform's functions, those that people use on what the files know."""

from iact_guard.analyze.terraform.conversion import UnresolvedError
from iact_guard.analyze.terraform.functions import choices, collections, numbers, text
from iact_guard.analyze.terraform.functions.arguments import Arguments, plain
from iact_guard.model.value import Value, failed, unknown

__all__ = ["call", "plain"]

_TABLE = choices.TABLE | collections.TABLE | numbers.TABLE | text.TABLE
_RUN_TIME = frozenset({"timestamp", "uuid", "plantimestamp", "bcrypt", "timeadd", "timecmp"})


def call(name: str, arguments: Arguments) -> Value:
    """The value of a call; unknown for a function that is not followed."""
    name = name.removeprefix("core::")
    if name in _RUN_TIME:
        return unknown(f"{name}() is known at run time only")
    function = _TABLE.get(name)
    if function is None:
        return unknown(f"the function {name}() is not evaluated", *arguments)
    refused = next((argument for argument in arguments if argument.failed), None)
    if refused and name not in ("try", "can"):
        return refused
    try:
        made = function(arguments)
    except UnresolvedError as error:
        return error.value
    except (IndexError, ValueError, TypeError, OverflowError, ZeroDivisionError, RecursionError):
        return failed(f"{name}() cannot take these arguments", *arguments)
    return made.made_of(*arguments)
