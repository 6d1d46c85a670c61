"""What Safety is asked: the pinned requirements of every requirement file, with their places."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import field

from iact_guard.discover import kind_of
from iact_guard.load.requirements import load
from iact_guard.model.errors import UnreadableError
from iact_guard.model.records import dataclass
from iact_guard.model.requirements import Include, Requirement, RequirementsFile
from iact_guard.model.scan import Skipped
from iact_guard.model.source import Kind
from iact_guard.syntax.text import decode
from iact_guard.syntax.versions import version
from iact_guard.tree import Tree


@dataclass(slots=True)
class Pins:
    """Requirements by name and normal version, those without a version, and files left out."""

    pinned: dict[tuple[str, str], list[Requirement]] = field(
        default_factory=lambda: defaultdict(list)
    )
    unpinned: list[Requirement] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    files: int = 0


def collect(tree: Tree, paths: Iterable[str]) -> Pins:
    """Read the requirement files, and what they include of the tree, each once."""
    known = frozenset(paths)
    pins = Pins()
    files: dict[str, RequirementsFile | None] = {}
    pending = sorted(path for path in known if kind_of(path) == Kind.REQUIREMENTS)
    while pending:
        path = pending.pop(0)
        if path not in files:
            files[path] = _read(tree, path, pins)
            targets = (include.target for include in _includes(files[path]))
            pending += [target for target in targets if target in known]
    for entity in filter(None, files.values()):
        pins.files += 1
        held = _constrained(entity, files)
        for requirement in entity.requirements:
            if found := version(requirement.version or ""):
                pins.pinned[requirement.name, str(found)].append(requirement)
            elif requirement.name not in held:
                pins.unpinned.append(requirement)
    return pins


def _read(tree: Tree, path: str, pins: Pins) -> RequirementsFile | None:
    try:
        loaded = load(decode(path, tree.read(path)))
    except UnreadableError as error:
        pins.skipped.append(Skipped(path, error.reason))
        return None
    for problem in loaded.problems:
        pins.skipped.append(Skipped(path, f"line {problem.location.line}: {problem.reason}"))
    return loaded.entities[0]


def _includes(entity: RequirementsFile | None) -> tuple[Include, ...]:
    return entity.includes if entity else ()


def _constrained(
    entity: RequirementsFile, files: dict[str, RequirementsFile | None]
) -> frozenset[str]:
    """Names that a constraint file pins for this file; they are audited where they are pinned."""
    names: set[str] = set()
    pending = [item.target for item in entity.includes if item.constraint]
    seen: set[str | None] = set()
    while pending:
        target = pending.pop()
        constraint = files.get(target or "")
        if target in seen or constraint is None:
            continue
        seen.add(target)
        names |= {item.name for item in constraint.requirements if item.version}
        pending += [item.target for item in constraint.includes]
    return frozenset(names)
