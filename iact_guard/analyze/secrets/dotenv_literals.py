"""Literals given to names that mean a secret, in `.env` files."""

from collections.abc import Iterator

from iact_guard.analyze.secrets.candidate import Candidate
from iact_guard.redact.names import means_secret, words
from iact_guard.syntax import dotenv
from iact_guard.syntax.text import Text

# `.env.example` and the like are there to be copied.
_TEMPLATES = frozenset({
    "example", "sample", "template", "tpl", "tmpl", "dist", "default", "defaults", "test", "tests",
    "testing", "ci", "schema", "docs", "e", "stub", "demo",
})  # fmt: skip


def search(source: Text) -> Iterator[Candidate]:
    """Yield the candidates of a file."""
    trust = 0 if is_template(source.path) else 2
    for item in dotenv.parse(source):
        if means_secret(item.name) and not (item.expands and item.value.startswith("$")):
            yield Candidate(item.name, item.value, item.location, trust)


def is_template(path: str) -> bool:
    """Whether the file is there to be copied and filled in."""
    kind = words(path.rpartition("/")[2].removeprefix(".env"))
    return any(word in _TEMPLATES for word in kind)
