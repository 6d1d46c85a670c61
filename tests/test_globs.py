"""Plain patterns are matched here as the library matches them."""

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from iact_guard.globs import _PLAIN, matches, matching, refuse_broken

NAMES = st.lists(st.sampled_from(["a", "b", ".", "-", "*", "ab"]), min_size=1, max_size=4).map(
    lambda parts: "".join(parts).replace("**", "*")
)
PATTERNS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "/", "", "!", "!/"]),
    st.lists(NAMES | st.just("**"), min_size=1, max_size=4).map("/".join),
    st.sampled_from(["", "/"]),
)
_PART = st.text("ab.-", min_size=1, max_size=3).filter(lambda part: part not in (".", ".."))
PATHS = st.lists(_PART, min_size=1, max_size=4).map("/".join)


@settings(max_examples=200)
@given(st.lists(PATTERNS, min_size=1, max_size=3), st.lists(PATHS, min_size=1, max_size=6))
@example(["**"], ["a", "a/b"])
@example(["a/**"], ["a", "a/b", "b/a/b"])
@example(["**/a"], ["a", "b/a", "b/a/c"])
@example(["**/a/"], ["a", "b/a", "b/a/c"])
@example(["a/"], ["a", "a/b", "b/a/c"])
@example(["a/*"], ["a", "a/b", "a/b/c"])
@example(["**/**"], ["a", "a/b"])
@example(["a/", "!a/b"], ["a/b", "a/c"])
@example(["!a/b", "a/"], ["a/b", "a/c"])
@example(["**/m/*", "!__init__", "!**/t/**"], ["m/x", "t/m/x", "m/__init__"])
@example(["a/**/b"], ["a/b", "a/c/b", "a/c/d/b/e", "ab"])
def test_they_take_in_what_the_library_says(patterns: list[str], paths: list[str]) -> None:
    spec = GitIgnoreSpec.from_lines(patterns)
    expected = [path for path in paths if spec.match_file(path)]
    assert matching(paths, patterns) == expected
    assert [path for path in paths if matches(path, patterns)] == expected
    refuse_broken(patterns)


@settings(max_examples=200)
@given(st.text("a*/!#[]\\ ?", min_size=1, max_size=6))
def test_what_is_taken_for_plain_is_plain(pattern: str) -> None:
    if _PLAIN.fullmatch(pattern):
        spec = GitIgnoreSpec.from_lines([pattern])
        for path in ("a", "aa", "a/a", "aaa/a", "a/aa/a"):
            assert matches(path, [pattern]) == spec.match_file(path), path


def test_usual_patterns_are_plain() -> None:
    for pattern in ("**", "/a/", "docs/**", "**/migrations/**", "*.py", ".github/workflows/*.yml"):
        assert _PLAIN.fullmatch(pattern), pattern
    for pattern in ("!", "a b", "a[b]", "a?", "#a", "a//b", "//", "/", "", "**/", "a\\b", "***"):
        assert not _PLAIN.fullmatch(pattern), pattern


def test_other_patterns_are_left_to_the_library() -> None:
    assert matches("a/x.py", ["a/**", "!a/[y].py"])
    assert not matches("a/y.py", ["a/**", "!a/[y].py"])
    assert matching(["ab", "ac", "ad"], ["a[bc]"]) == ["ab", "ac"]
