"""Text of a tree in Markdown: rendered, it is the same text, and nothing else."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from iact_guard.redact import visible
from iact_guard.report.markup import code, prose
from tests.report.rendered import shown

PIECES = st.sampled_from(
    [
        "`", "``", "|", "\\|", "\\", "*", "_", "__", "~~", "<b>", "</code>", "<!--", "-->", "&lt;",
        "[a](b)", "![a](b)", "[^1]", "@org/team", "#12", "org/repo#12", "GH-12", "$x$", "https://a.b",
        "www.a.b", "me@a.b", "deadbeef1", ":tada:", "\n", "\n\n# x", "- ", "1. ", "> ", "---", "ä",
        "word", " ", "::error::", "<script>", "javascript:x", "\u202e", "\t",
    ]
)  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.text(st.characters(codec="utf-8"), max_size=5)), max_size=12)
ALLOWED = {"p", "code", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "br"}


def seen(text: str) -> str:
    """The text as a page shows it, the characters that nobody sees named."""
    named = re.sub(
        "[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]",
        lambda found: f"\\u{ord(found.group()):04x}",
        visible(text),
    )
    return "".join(named.split())


@settings(max_examples=200)
@given(parts=TEXTS)
@example(parts=["a`b", "|", "c`d"])
@example(parts=["`", "\\", "|"])
def test_prose_is_text_and_nothing_else(parts: list[str]) -> None:
    text = "".join(parts)
    made = prose(text)
    assert "\n" not in made
    for page in (shown(f"x {made} y"), shown(f"| a |\n|---|\n| {made} |\n")):
        assert page.tags <= ALLOWED
        assert page.links == []
    plain = "".join(shown(f"x {made}").text.split())
    assert plain.replace("`", "") == f"x{seen(text)}".replace("`", "")
    cells = shown(f"| a | b |\n|---|---|\n| {made} | end |\n")
    assert "".join(cells.text.split()) == f"ab{plain[1:]}end"


@settings(max_examples=200)
@given(parts=TEXTS)
def test_code_is_code_wherever_it_stands(parts: list[str]) -> None:
    text = "".join(parts)
    made = code(text)
    for around in ("x {} y", "| a |\n|---|\n| {} |\n", "<details><summary>{}<br>\n\n</details>"):
        page = shown(around.format(made))
        assert page.tags <= ALLOWED
        assert page.links == []
    # The source itself holds no address: GitHub's dialect looks for them within code's tags too.
    assert not re.search(r"://|www\.|@", made, re.IGNORECASE)
    assert "".join(shown(f"x {made}").text.split()) == f"x{seen(text)}"


def test_backticks_make_code_in_pairs_only() -> None:
    assert prose("run `a_b` first") == "run <code>a&#95;b</code> first"
    assert prose("a `b") == "a &#96;b"
    assert prose("`a` `b") == "<code>a</code> &#96;b"


@pytest.mark.parametrize(
    "text", ["@org/team", "see https://evil.example/x", "org/repo#1", "deadbeef", ":tada:", "GH-1"]
)
def test_what_github_links_is_code(text: str) -> None:
    assert "<code>" in prose(text)
    assert "<code>" not in prose("plain words, 12 of them: no more")


def test_long_texts_are_cut() -> None:
    assert prose("x" * 50, 10) == "xxxxxxx..."
