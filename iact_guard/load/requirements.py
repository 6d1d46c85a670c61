"""Requirement files to RequirementsFile entities."""

import posixpath
from collections import Counter

from iact_guard.model.loaded import Loaded
from iact_guard.model.location import Location
from iact_guard.model.regex import regex
from iact_guard.model.requirements import Include, Requirement, RequirementsFile
from iact_guard.model.source import Problem
from iact_guard.syntax import requirements as syntax
from iact_guard.syntax.text import Text

_URL = regex(r"[A-Za-z][A-Za-z0-9+.-]*:")


def load(source: Text) -> Loaded[RequirementsFile]:
    """One entity a file; a line that is no requirement is a problem, the others stand."""
    requirements: list[Requirement] = []
    includes: list[Include] = []
    problems: list[Problem] = []
    names: Counter[str] = Counter()
    for line in syntax.parse(source):
        if line.kind == "unreadable":
            problems.append(Problem(line.location, "not a requirement that pip would accept"))
        elif line.kind in {"include", "constraint"}:
            target = _target(source.path, line.text)
            includes.append(Include(target, line.kind == "constraint", line.location))
        elif line.kind == "requirement":
            names[line.name] += 1
            requirements.append(_requirement(source.path, line, names[line.name]))
    entity = RequirementsFile(
        id=f"requirements:{source.path}",
        path=source.path,
        location=Location(source.path),
        requirements=tuple(requirements),
        includes=tuple(includes),
    )
    return Loaded((entity,), tuple(problems))


def _requirement(path: str, line: syntax.Line, ordinal: int) -> Requirement:
    suffix = f"~{ordinal}" if ordinal > 1 else ""
    return Requirement(
        id=f"requirement:{path}#{line.name}{suffix}",
        path=path,
        location=line.location,
        name=line.name,
        specifier=line.specifier,
        version=line.version,
        marker=line.marker,
        unpinned=line.unpinned,
    )


def _target(path: str, written: str) -> str | None:
    """The included file relative to the root; None where it is outside of it."""
    if _URL.match(written) or written.startswith("/"):
        return None
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), written))
    return None if joined == ".." or joined.startswith("../") else joined
