"""What is read without pydantic is what pydantic would have read."""

from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from iact_guard.exact import InexactError, exactly
from iact_guard.settings import Config
from iact_guard.syntax import yaml
from iact_guard.syntax.text import Text

KINDS = get_type_hints(Config)
WORDS = [
    "high", "fail", "off", "**", "2027-01-31", "2027-13-41", "2027-W01-1", "15", "", "ñ", "\ud800",
    "test", "postgresql", "terraform", "none", "prod*", "x",
]  # fmt: skip
FIELDS = sorted(
    {
        "enabled", "severity", "params", "paths", "policies", "incomplete", "tool", "kind", "rule",
        "reason", "owner", "expires", "timeout", "skips", "bandit", "checkov", "frameworks",
        "protected", "names", "roots", "engine", "version", "operations", "released", "minimum",
        "pyramid", "levels", "unit", "rules", "name", "requires", "when", "unknown",
    }
)  # fmt: skip
SCALARS = (
    st.sampled_from(WORDS)
    | st.none()
    | st.booleans()
    | st.integers(-3, 200)
    | st.sampled_from([0.5, 80.0, 10**400])
    | st.dates()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*FIELDS, "WF001", "production"]), inner, max_size=4)
    ),
    max_leaves=8,
)


def _by_pydantic(kind: Any, data: Any) -> Any:
    return TypeAdapter(kind).validate_python(data)


@settings(max_examples=200)
@given(st.sampled_from(sorted(KINDS)), VALUES)
def test_it_reads_the_same_or_nothing(key: str, data: Any) -> None:
    try:
        value = exactly(KINDS[key], data)
    except InexactError:
        return
    theirs = _by_pydantic(KINDS[key], data)
    assert value == theirs
    assert repr(value) == repr(theirs)


WRITTEN = """\
fail_on: high
exclude: ["third_party/**"]
policies: {WF009: {enabled: false}, CV002: {severity: high, params: {minimum: 90}}}
overrides: [{paths: ["a/**"], policies: {TF010: {enabled: false}}, incomplete: warn}]
scanners: {bandit: {}, checkov: {timeout: 300}}
gates: [{tool: ./run, kind: test}]
waivers: [{rule: DM009, paths: [x], reason: razón, owner: "@team", expires: 2027-01-31}]
branches: {protected: [main]}
environments: {production: {names: ["prod*"], roots: ["infra/production"]}}
database: {engine: postgresql, version: 15, hot_tables: [orders]}
coverage: {minimum: 80, reports: [coverage.xml], paths: [{paths: [a], minimum: 1}]}
"""


def test_it_reads_what_is_usually_written() -> None:
    root = yaml.parse(Text("x.yaml", WRITTEN))[0].root
    assert root
    for key, data in yaml.plain(root).items():
        value = exactly(KINDS[key], data)
        assert value == _by_pydantic(KINDS[key], data)
        assert repr(value) == repr(_by_pydantic(KINDS[key], data))


@pytest.mark.parametrize(
    ("key", "data"),
    [
        ("fail_on", "worst"),
        ("exclude", "a"),
        ("gates", [{"tool": "x"}]),
        ("gates", [{"tool": "x", "kind": "test", "more": 1}]),
        ("scanners", {"bandit": {"timeout": -1}}),
    ],
)
def test_what_pydantic_refuses_it_leaves_to_pydantic(key: str, data: Any) -> None:
    with pytest.raises(InexactError):
        exactly(KINDS[key], data)
    with pytest.raises(ValidationError):
        _by_pydantic(KINDS[key], data)


@pytest.mark.parametrize(
    ("key", "data", "meant"),
    [("coverage", {"minimum": True}, "1.0"), ("database", {"hot_tables": ("a",)}, "('a',)")],
)
def test_what_pydantic_turns_into_something_it_leaves_to_pydantic(
    key: str, data: Any, meant: str
) -> None:
    with pytest.raises(InexactError):
        exactly(KINDS[key], data)
    assert meant in repr(_by_pydantic(KINDS[key], data))
