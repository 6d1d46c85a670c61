"""The hook's lines go into what people wrote, and nothing else changes."""

import textwrap

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from iact_guard.pipeline.init.hooks import with_hook

HOOK = "- repo: https://example.org/guard\n  rev: v1\n  hooks:\n    - id: guard\n"
ITEM = {"repo": "https://example.org/guard", "rev": "v1", "hooks": [{"id": "guard"}]}

INDENTED = """\
# ours
default_stages: [pre-commit]
repos:
  - repo: https://example.org/ruff   # fast
    rev: v0.1
    hooks:
      - id: ruff

# at the end
"""


def test_the_lines_become_the_last_item_and_the_rest_stays_byte_by_byte() -> None:
    new = with_hook(INDENTED, HOOK)
    assert new is not None
    assert new.replace(textwrap.indent(HOOK, "  "), "") == INDENTED
    assert yaml.safe_load(new)["repos"][-1] == ITEM


@pytest.mark.parametrize(
    "existing",
    [
        "repos:\n- repo: a\n  rev: b\n  hooks: []\n",
        "repos:\n- repo: a\n  rev: b\n  hooks: []",
        "repos:\n    - repo: a\n      hooks:\n      - {id: x, exclude: b}\nfail_fast: true\n",
        "repos:\n  - repo: a\n    note: |\n      a\n      # b\nfail_fast: true\n",
        "repos:\n  - {repo: a, hooks: []}\nci: {skip: []}\n",
        # As `pre-commit sample-config` writes it.
        "repos:\n-   repo: a\n    rev: b\n    hooks:\n    -   id: x\n",
        "repos:\n  -   repo: a\n      hooks: []\nfail_fast: true\n",
    ],
)
def test_any_indentation_and_any_place_of_the_key(existing: str) -> None:
    new = with_hook(existing, HOOK)
    assert new is not None
    before, after = yaml.safe_load(existing), yaml.safe_load(new)
    assert after == {**before, "repos": [*before["repos"], ITEM]}


@pytest.mark.parametrize(
    "existing",
    [
        "repos: []\n",
        "repos: [{repo: a}]\n",
        "",
        "- a\n",
        "repos: {a: b}\n",
        "a: b\n",
        "repos:\n  - a: [\n",
    ],
)
def test_what_cannot_be_added_to_safely_is_left_alone(existing: str) -> None:
    assert with_hook(existing, HOOK) is None


@given(st.text(alphabet="repos:- \n#ab[]{}|'\"", max_size=60))
def test_whatever_stands_there_keeps_its_meaning(tail: str) -> None:
    existing = f"repos:\n  - repo: a\n{tail}"
    new = with_hook(existing, HOOK)
    if new is not None:
        before, after = yaml.safe_load(existing), yaml.safe_load(new)
        assert after["repos"] == [*before["repos"], ITEM]
