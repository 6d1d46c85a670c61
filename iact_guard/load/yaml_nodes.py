"""Small questions that the loaders of YAML formats ask of nodes."""

from iact_guard.model.authored import Authored, Pair
from iact_guard.model.errors import UnreadableError
from iact_guard.model.location import Location
from iact_guard.model.source import Problem
from iact_guard.syntax import yaml
from iact_guard.syntax.text import Text


def authored(node: yaml.Node | None) -> Authored | None:
    """A scalar as its author wrote it; None for anything else."""
    if not isinstance(node, yaml.Scalar):
        return None
    return Authored(node.text, node.location, node.region, node.style == "plain")


def authored_list(node: yaml.Node | None) -> tuple[Authored, ...]:
    """A scalar or a list of scalars."""
    if isinstance(node, yaml.Sequence):
        return tuple(text for item in node.items if (text := authored(item)))
    text = authored(node)
    return (text,) if text and not is_null(node) else ()


def is_null(node: yaml.Node | None) -> bool:
    """Nothing was written, or `null` was."""
    return node is None or (isinstance(node, yaml.Scalar) and node.value is None)


def mapping(node: yaml.Node | None) -> tuple[yaml.Entry, ...]:
    """The entries of a mapping, none for anything else."""
    return node.entries if isinstance(node, yaml.Mapping) else ()


def get(node: yaml.Node | None, *names: str) -> yaml.Node | None:
    """The value under a path of keys."""
    for name in names:
        if not isinstance(node, yaml.Mapping):
            return None
        node = node.get(name)
    return node


def pairs(node: yaml.Node | None) -> tuple[Pair, ...]:
    """Keys and their scalar values; a value that is none keeps an empty text."""
    if not isinstance(node, yaml.Mapping):
        return ()
    if not node.made:
        node.made.append(
            tuple(
                Pair(
                    Authored(entry.key.text, entry.key.location),
                    authored(entry.value) or Authored("", entry.value.location),
                )
                for entry in node.entries
            )
        )
    made: tuple[Pair, ...] = node.made[0]
    return made


def single_document(source: Text, what: str) -> tuple[yaml.Node | None, list[Problem]]:
    """The only document of a file that GitHub reads, and what GitHub refuses about its YAML."""
    documents = yaml.parse(source)
    if not documents or is_null(documents[0].root):
        raise UnreadableError(Location(source.path), f"{what} is empty")
    problems = [
        Problem(oddity.location, f"GitHub refuses {oddity.message}")
        for document in documents
        for oddity in document.oddities
    ]
    if len(documents) > 1:
        where = documents[1].location
        problems.append(Problem(where, "GitHub refuses a second YAML document in one file"))
    return documents[0].root, problems
