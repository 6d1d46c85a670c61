"""The policies that ship."""

from collections.abc import Iterable, Iterator
from typing import Any

from iact_guard.data.index import indexed, policies_folder
from iact_guard.load.policy import first_document, load_policy
from iact_guard.model.errors import ConfigError
from iact_guard.model.policy import Policy
from iact_guard.syntax import yaml
from iact_guard.syntax.text import Text


def shipped() -> tuple[Policy, ...]:
    """Every policy that ships, by id."""
    documents = indexed("policies") or {p: first_document(p, text) for p, text in sources()}
    if not documents:
        raise ConfigError(f"no policies in {policies_folder()}: the installation is broken")
    loaded = [load_policy(path, data) for path, data in documents.items()]
    return tuple(sorted(loaded, key=lambda policy: policy.id))


def sources() -> Iterator[tuple[str, str]]:
    """The files of the policies: each with its path below the project's root, and its text."""
    base = policies_folder()
    for file in sorted(base.glob("*/*.yaml")):
        yield f"policies/{file.relative_to(base).as_posix()}", file.read_text("utf-8")


def examples(policy: Policy) -> list[dict[str, Any]]:
    """The policy's examples: the second document of its file."""
    path = policies_folder() / policy.path.removeprefix("policies/")
    documents = yaml.parse(Text(policy.path, path.read_text(encoding="utf-8")))
    root = documents[1].root if len(documents) > 1 else None
    return (yaml.plain(root) or []) if root else []


def find(id: str) -> Policy:
    """A policy by its id or name, in any case; ConfigError with the nearest."""
    policies = shipped()
    for policy in policies:
        if id.lower() in (policy.id.lower(), policy.name):
            return policy
    known = {policy.id for policy in policies} | {policy.name for policy in policies}
    raise ConfigError(f"there is no policy {id}{nearest(id, known)}")


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint for a message: the known word that is meant, or all of a few."""
    import difflib  # for a message only

    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; known: {', '.join(names)}" if 0 < len(names) <= 12 else ""
