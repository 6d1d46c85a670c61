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
    kind = words(source.path.rpartition("/")[2].removeprefix(".env"))
    trust = 0 if any(word in _TEMPLATES for word in kind) else 2
    for item in dotenv.parse(source):
        if means_secret(item.name) and not (item.expands and item.value.startswith("$")):
            yield Candidate(item.name, item.value, item.location, trust)
