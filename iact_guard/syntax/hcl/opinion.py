"""python-hcl2's word on what tree-sitter does not understand: where, and why."""

from importlib import import_module
from typing import Any

from iact_guard.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Opinion:
    """Line and column within the piece, 0 where it has none; never a text of the file."""

    line: int = 0
    column: int = 0
    reason: str = ""
    note: str = ""


def second_opinion(text: str) -> Opinion:
    """Why a piece is not HCL."""
    try:
        judge: Any = import_module("hcl2")
        parse = judge.parses_to_tree
    except ImportError:
        return Opinion(note=" (python-hcl2 is not installed: no second opinion on the place)")
    except AttributeError:
        note = " (bc-python-hcl2 stands where python-hcl2 should: no second opinion on the place)"
        return Opinion(note=note)
    try:
        parse(text)
    except RecursionError:
        return Opinion(reason="not HCL, and nested too deeply")
    except Exception as error:  # noqa: BLE001  # lark's errors, known by what they carry
        line, column = getattr(error, "line", 0), getattr(error, "column", 0)
        if not (isinstance(line, int) and isinstance(column, int) and line > 0 and column > 0):
            return Opinion(reason="not HCL: it ends where more is expected")
        return Opinion(line, column, "not HCL: something else is expected here")
    return Opinion(reason="could not be read, though another parser takes it for HCL")
