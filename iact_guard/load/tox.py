"""The command lines that `tox` runs: environments, factors, what stands for arguments."""

import re
from collections.abc import Iterator
from itertools import islice, product

from iact_guard.model.authored import Authored
from iact_guard.model.coverage import CoverageConfig
from iact_guard.model.regex import regex

MAX_ENVIRONMENTS = 200
MAX_TEXT = 5_000
"""Characters of a list of environments."""
_BRACES = regex(r"\{([^{}]*)\}")
_FACTORS = regex(r"([\w.!-]+(?:,[\w.!-]+)*):\s+(.*)", re.DOTALL)
_ARGUMENTS = regex(r"\{posargs(?::((?:[^{}]|\{[^{}]*\})*))?\}")
_OTHER = regex(r"\{\[(testenv[^\]]*)\]commands\}")
_PLACES = {"{toxinidir}": ".", "{tox_root}": ".", "{envpython}": "python", "{envbindir}": "."}


def environments(text: str) -> tuple[str, ...]:
    """The names of a list like `py{311,312}-django{4,5}, lint`."""
    found: dict[str, None] = {}
    for item in re.split(r"[\s,]+(?![^{]*\})", text[:MAX_TEXT]):
        pieces = _BRACES.split(item)
        options = [
            piece.replace(" ", "").split(",") if index % 2 else [piece]
            for index, piece in enumerate(pieces)
        ]
        for choice in islice(product(*options), MAX_ENVIRONMENTS - len(found)):
            found.setdefault("".join(choice))
    return tuple(name for name in found if name)


def lines(
    config: CoverageConfig, environment: str, arguments: str | None
) -> Iterator[tuple[Authored, bool]]:
    """The command lines of an environment, and whether each may fail.

    `arguments` are those behind `--`, None without.
    """
    own = f"testenv:{environment}"
    ignored = own in config.tolerated or "testenv" in config.tolerated
    section = own if any(script.name == own for script in config.scripts) else "testenv"
    for text in _of_section(config, section):
        line = _for(text.text, environment)
        if line is not None:
            yield Authored(_filled(line, arguments), text.location), ignored or line[:1] == "-"


def _of_section(config: CoverageConfig, section: str) -> Iterator[Authored]:
    for script in config.scripts:
        if script.name != section:
            continue
        other = _OTHER.fullmatch(script.command.text)
        if other and other[1] != section:  # one level: tox itself allows circles here
            yield from (each.command for each in config.scripts if each.name == other[1])
        else:
            yield script.command


def _for(line: str, environment: str) -> str | None:
    """A line without its condition on the environment's factors; None where it does not hold."""
    match = _FACTORS.fullmatch(line)
    if match is None:
        return line
    factors = set(environment.split("-"))
    for choice in match[1].split(","):
        wanted = choice.split("-")
        if all(
            (each[1:] not in factors) if each[:1] == "!" else each in factors for each in wanted
        ):
            return match[2]
    return None


def _filled(line: str, arguments: str | None) -> str:
    def value(match: re.Match[str]) -> str:
        return (match[1] or "") if arguments is None else arguments

    text = _ARGUMENTS.sub(value, line.lstrip("-! ") if line[:1] in "-!" else line)
    for name, place in _PLACES.items():
        text = text.replace(name, place)
    return _BRACES.sub("${_}", text)
