"""What a name says about where it belongs: production, or a place that users do not depend on."""

import fnmatch
import re
from typing import Literal

from iact_guard.analyze.context import Context
from iact_guard.model.regex import regex

Stage = Literal["production", "other"]
_WORD = regex(r"[a-z]+[0-9]*|[0-9]+")
_CAMEL = regex(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHERS = frozenset({
    "dev", "development", "staging", "stage", "stg", "qa", "uat", "preview", "previews",
    "sandbox", "demo", "nonprod", "nonproduction", "preprod", "preproduction", "prerelease",
    "nightly", "canary", "ephemeral", "docs", "documentation", "storybook", "playground",
})  # fmt: skip
# In the name of a place they say as much; in a title like "Test and deploy" they say nothing.
_IN_PLACES = frozenset({
    "test", "testing", "tests", "ci", "local", "localhost", "lab", "poc", "integration",
    "review", "example", "examples", "minikube", "kind", "e2e",
})  # fmt: skip
_NEGATIONS = frozenset({"non", "pre", "not", "no"})
# `us-docker.pkg.dev`: the top-level domain names no place.
_TOP_LEVEL = regex(r"(\b(?:pkg|workers|pages|fly)|https?://[\w.-]+)\.dev(?![\w.-])", re.IGNORECASE)
# Domains that stand for any (RFC 2606).
_STAND_INS = regex(r"(?<![\w-])example\.(?:com|net|org)\b", re.IGNORECASE)


def patterns_of(ctx: Context) -> tuple[str, ...]:
    """How the configuration names production."""
    setting = ctx.project.config.environments.get("production")
    return setting.names if setting else ()


def stages_in(text: str, patterns: tuple[str, ...], *, title: bool = False) -> frozenset[Stage]:
    """`acme-prod-eu` says production, `pre-prod` another one, `products` nothing.

    A `title` says what is done; anything else names a place.
    """
    plain = _STAND_INS.sub(" ", text)
    plain = _TOP_LEVEL.sub(r"\1 ", plain) if ".dev" in plain else plain
    words = _WORD.findall(_CAMEL.sub(" ", plain).lower())
    found: set[Stage] = set()
    for before, word in zip(["", *words], words, strict=False):
        if word in _OTHERS or (not title and word in _IN_PLACES):
            found.add("other")
        elif _is_production(word, patterns):
            found.add("other" if before in _NEGATIONS else "production")
    if any("*" not in pattern and pattern.lower() == text.lower() for pattern in patterns):
        found.add("production")
    return frozenset(found)


def _is_production(word: str, patterns: tuple[str, ...]) -> bool:
    # `prod*` is meant for prod, prod2, production: not for products and producers.
    if word.startswith(("produc", "prodi")) and not word.startswith("production"):
        return False
    return any(fnmatch.fnmatchcase(word, pattern.lower()) for pattern in patterns)
