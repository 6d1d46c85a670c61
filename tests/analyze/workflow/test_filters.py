"""GitHub's filter patterns, as its documentation describes them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.analyze.workflow.triggers.filters import (
    MAX_PATTERN,
    Pattern,
    lets_through,
    pattern,
    selects,
)

# The tables of "Filter pattern cheat sheet": a pattern, names that it takes in, names it does not.
DOCUMENTED = [
    ("feature/*", ["feature/my-branch", "feature/your-branch"], ["feature/a/b", "feature"]),
    ("feature/**", ["feature/beta-a/my-branch", "feature/your-branch"], ["features/x"]),
    ("main", ["main"], ["mainline", "a/main", "Main"]),
    ("releases/mona-the-octocat", ["releases/mona-the-octocat"], ["releases/mona"]),
    ("*", ["main", "releases", "README.md", "server.rb"], ["a/b"]),
    ("**", ["all/the/branches", "every/tag", "all/the/files.md"], []),
    ("*feature", ["mona-feature", "feature", "ver-10-feature"], ["features", "a/feature"]),
    ("v2*", ["v2", "v2.0", "v2.9"], ["v1", "v2/x"]),
    ("v[12].[0-9]+.[0-9]+", ["v1.10.1", "v2.0.0"], ["v3.0.0", "v1..1", "v1.0"]),
    ("*.jsx?", ["page.js", "page.jsx"], ["page.ts", "src/page.js", "page.jsxx"]),
    ("*.js", ["app.js", "index.js"], ["js/index.js"]),
    ("**.js", ["index.js", "js/index.js", "src/js/app.js"], ["a.jsx"]),
    ("docs/*", ["docs/README.md", "docs/file.txt"], ["docs/a/b.md", "a/docs/x"]),
    ("docs/**", ["docs/README.md", "docs/mona/octocat.txt"], ["docs", "mydocs/a"]),
    ("docs/**/*.md", ["docs/README.md", "docs/mona/hello-world.md", "docs/a/markdown/file.md"],
     ["docs/a.txt", "README.md"]),
    ("**/docs/**", ["docs/hello.md", "dir/docs/my-file.txt", "space/docs/plan/space.doc"],
     ["mydocs/a"]),
    ("**/README.md", ["README.md", "js/README.md"], ["README.md/x", "xREADME.md"]),
    ("**/*src/**", ["a/src/app.js", "my-src/code/js/app.js"], ["srcs/app.js"]),
    ("**/*-post.md", ["my-post.md", "path/their-post.md"], ["post.md"]),
    ("**/migrate-*.sql", ["migrate-10909.sql", "db/migrate-v1.0.sql", "db/sept/migrate-v1.sql"],
     ["db/migrate.sql"]),
    ("Octo*", ["Octocat"], ["octocat"]),
    ("[CB]at", ["Cat", "Bat"], ["at", "cat"]),
    ("[1-2]00", ["100", "200"], ["300", "1-200"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "inside", "outside"), DOCUMENTED)
def test_documented_pattern(text: str, inside: list[str], outside: list[str]) -> None:
    """It takes in the examples that GitHub gives, and not what lies beside them."""
    assert [name for name in inside if not Pattern(text).covers(name)] == []
    assert [name for name in outside if Pattern(text).covers(name)] == []


@pytest.mark.parametrize(
    ("patterns", "inside", "outside"),
    [
        (["*.md", "!README.md"], ["hello.md"], ["README.md", "docs/hello.md"]),
        (["*.md", "!README.md", "README*"], ["hello.md", "README.md", "README.doc"], []),
        (["sub-project/**", "!sub-project/docs/**"],
         ["sub-project/index.js", "sub-project/src/index.js"], ["sub-project/docs/readme.md"]),
        (["releases/**", "!releases/**-alpha"], ["releases/10", "releases/beta/mona"],
         ["releases/10-alpha", "releases/beta/3-alpha"]),
        (["!docs/**"], [], ["src/a.py", "docs/a.md"]),
    ],
)  # fmt: skip
def test_order_of_patterns_decides(
    patterns: list[str], inside: list[str], outside: list[str]
) -> None:
    """A negation takes back, a later pattern takes in again; negations alone take in nothing."""
    assert [name for name in inside if not selects(patterns, name)] == []
    assert [name for name in outside if selects(patterns, name)] == []


@pytest.mark.parametrize(
    "text", ["./api/**", "/api/**", "api", "api/", "$DIR/**", "${{ env.D }}/**"]
)
def test_pattern_that_looks_right_and_is_not(text: str) -> None:
    """Names have no leading dot or slash, a folder is not its files, nothing is expanded."""
    assert not Pattern(text).covers("api/views.py")


def test_filter_and_its_opposite() -> None:
    """One name that is let through is enough."""
    assert lets_through(None, None, ["a"])
    assert lets_through(["main"], None, ["develop", "main"])
    assert not lets_through(None, ["docs/**", "**.md"], ["docs/a.txt", "README.md"])
    assert lets_through(None, ["docs/**"], ["docs/a.txt", "src/a.py"])
    assert not lets_through((), None, ["a"])


def test_pattern_beyond_the_bound_takes_in_everything() -> None:
    """It is never the reason to say that something does not run."""
    assert pattern("a" * (MAX_PATTERN + 1)) is None
    assert selects(["a" * (MAX_PATTERN + 1)], "b")


def test_hostile_pattern_ends() -> None:
    """What makes a backtracking matcher run for ever."""
    assert not Pattern("*a" * 200 + "b").covers("a" * 5_000)
    assert not Pattern("+?*+**?" * 50 + "x").covers("y" * 1_000)


_PIECES = st.sampled_from(["a", "b", "/", "*", "**", "**/", "/**/", "[ab]", "a?", "b+", "."])


def _reference(text: str) -> re.Pattern[str]:
    """The same by regular expressions, piece by piece."""
    table = (
        (r"(?<![^/])\*\*+/", "(?:.+/)?"), (r"\*\*+", ".*"), (r"\*", "[^/]*"),
        (r"\[[^]]+\]", None), (r"[?+]", None), (r".", "literal"),
    )  # fmt: skip
    found, rest = "", text
    while rest:
        at = len(text) - len(rest)
        for source, target in table:
            match = re.compile(source).match(text, at)
            if match:
                literal = re.escape(match[0]) if target == "literal" else target
                found += match[0] if literal is None else literal
                rest = text[match.end() :]
                break
    return re.compile(found, re.DOTALL)


@given(st.lists(_PIECES, min_size=1, max_size=7), st.text("ab/.", max_size=10))
@settings(max_examples=200, deadline=None)
def test_like_regular_expressions(pieces: list[str], name: str) -> None:
    """The set of places agrees with a backtracking matcher."""
    text = "".join(pieces)
    if re.search(r"\*[?+]|[?+]{2}|^[?+]", text):
        return  # nothing is documented of those
    assert Pattern(text).covers(name) == bool(_reference(text).fullmatch(name)), text


@given(st.text("ab*?+[]!/\\-.", max_size=30), st.text("ab/.-", max_size=20))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_pattern(text: str, name: str) -> None:
    """Nothing crashes; and a pattern of plain characters is that name alone."""
    assert Pattern(text).covers(name) in (True, False)
    assert Pattern(name).covers(name)
