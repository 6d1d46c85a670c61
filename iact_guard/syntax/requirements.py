"""Requirement files as pip reads them: logical lines, options, requirements, with places."""

import shlex
from collections.abc import Iterator
from typing import Literal

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.syntax.text import Text
from iact_guard.syntax.versions import normal_name, version

MAX_LINE = 20_000
"""Characters of a logical line: a requirement with some hundred hashes is shorter."""
_COMMENT = regex(r"(?:^|(?<=\s))#.*")
_INCLUDE = regex(r"(?:-r|--requirement|(-c|--constraint))(?:[ \t]+|=|(?=[^-\s]))(.+)")
_OPTIONS = regex(r"\s--?[A-Za-z]")
_NAME = regex(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_AT_URL = regex(r"[A-Za-z0-9._-]+\s*(?:\[[^\]]*\])?\s*@")
_PLACE = regex(r"[./~\\]|[A-Za-z][A-Za-z0-9+.-]*://|[A-Za-z0-9+.-]+\+[a-z]+:")
_EGG = regex(r"[#&]egg=([A-Za-z0-9][A-Za-z0-9._-]*)")
# Only from where blanks begin: else a long run of them takes quadratic time.
_END = regex(r"(?<!\s)(?:\s*;|\s+--?[A-Za-z]|\s*$)")

Kind = Literal["requirement", "include", "constraint", "option", "unreadable"]


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line. `text` is the file of an include; `name` is empty where there is none."""

    kind: Kind
    location: Location
    text: str = ""
    name: str = ""
    specifier: str = ""
    version: str | None = None
    marker: str = ""
    unpinned: str = ""


def parse(source: Text) -> Iterator[Line]:
    """The logical lines that say something, in order."""
    for start, text in _logical(source):
        line = _COMMENT.sub("", text)
        stripped = line.strip()
        if not stripped:
            continue
        begin = start + len(line) - len(line.lstrip())
        place = _place(source, begin, stripped[:MAX_LINE])
        if len(stripped) > MAX_LINE:
            yield Line("unreadable", place)
        elif stripped.startswith("-"):
            yield _option(stripped, place)
        else:
            yield requirement(stripped, place)


def _logical(source: Text) -> Iterator[tuple[int, str]]:
    r"""Offset and text of each line; a `\` at the end joins the next."""
    pending: list[str] = []
    start = 0
    for number, offset in enumerate(source.starts, 1):
        line = source.line(number)
        if not pending:
            start = offset
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            # As many blanks as the mark and the break are long: offsets stay true.
            following = source.starts[number] if number < len(source.starts) else len(source.text)
            pending.append(line[:-1] + " " * (following - offset - len(line) + 1))
            continue
        yield start, "".join([*pending, line])
        pending = []
    if pending:
        yield start, "".join(pending)


def _place(source: Text, begin: int, stripped: str) -> Location:
    """From the first character to the end of the specifier, cut at the end of its line."""
    line, column = source.position(begin)
    rest = len(source.line(line)[column - 1 :].rstrip("\\ \t"))
    end = _END.search(stripped)
    length = end.start() if end and end.start() else len(stripped)
    return Location(source.path, line, column, line, column + max(1, min(length, rest)))


def _option(stripped: str, place: Location) -> Line:
    """An include, an editable requirement, or an option that asks for nothing."""
    if include := _INCLUDE.fullmatch(stripped):
        target = _unquoted(include[2])
        return Line("constraint" if include[1] else "include", place, target)
    word, _, rest = stripped.partition(" ")
    if word in {"-e", "--editable"} or word.startswith("--editable="):
        return _located(rest or word.partition("=")[2], place, "it is editable")
    return Line("option", place)


def requirement(stripped: str, place: Location) -> Line:
    """What a requirement asks for, as pip and the metadata of packages write it."""
    options = _OPTIONS.search(stripped)
    text = stripped[: options.start()].strip() if options else stripped
    if _PLACE.match(text) and not _AT_URL.match(text):
        return _located(text, place, "it is taken from a folder or a URL")
    try:
        parsed = Parsed(text)
    except (InvalidRequirement, RecursionError):
        return Line("unreadable", place)
    name = normal_name(parsed.name)
    marker = str(parsed.marker or "")
    if parsed.url:
        return Line(
            "requirement", place, name=name, marker=marker, unpinned="it is taken from a URL"
        )
    exact = [item.version for item in parsed.specifier if item.operator == "=="]
    pinned = next((found for found in exact if version(found)), None)
    why = "" if pinned else _why(str(parsed.specifier))
    specifier = str(parsed.specifier)
    return Line("requirement", place, "", name, specifier, pinned, marker, why)


def _why(specifier: str) -> str:
    return "its specifier allows several versions" if specifier else "it has no version"


def _located(text: str, place: Location, why: str) -> Line:
    """A folder, an archive or a repository: its name stands in `#egg=`, or before the `@`."""
    egg = _EGG.search(text)
    before = _NAME.match(text) if _AT_URL.match(text) else None
    found = egg[1] if egg else before[0] if before else ""
    return Line("requirement", place, name=normal_name(found) if found else "", unpinned=why)


def _unquoted(text: str) -> str:
    try:
        return shlex.split(text)[0]
    except (ValueError, IndexError):
        return text
