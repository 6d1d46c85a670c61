"""The configuration: what is read, what is refused, what holds where."""

import pytest

from iact_guard import config
from iact_guard.evaluate.policies import refuse_unknown, shipped
from iact_guard.model.errors import ConfigError
from iact_guard.settings import Config
from iact_guard.tree import DictTree

EXAMPLE = """\
fail_on: high
incomplete: warn
exclude: ["third_party/**"]
policies: {WF001: {severity: low, params: {first_party: [acme]}}, TF010: off}
overrides:
  - {paths: ["staging/**"], policies: {WF001: off}, incomplete: fail}
scanners: {checkov: {timeout: 10}}
waivers: [{rule: WF001, paths: ["a/**"], reason: because, owner: "@a", expires: 2031-01-31}]
environments: {production: {names: ["live*"], roots: [infra/live]}}
database: {engine: mysql, version: 8}
"""


def load(files: dict[str, str]) -> Config:
    return config.load(DictTree(files))


def test_nothing_is_fine() -> None:
    assert load({}).fail_on == "medium"
    assert load({".iact-guard.yaml": ""}).fail_on == "medium"
    assert load({"pyproject.toml": "[tool.other]\nx = 1\n"}).source == ""


def test_every_key_of_the_example_arrives() -> None:
    found = load({".iact-guard.yaml": EXAMPLE})
    assert (found.fail_on, found.incomplete, found.source) == ("high", "warn", ".iact-guard.yaml")
    assert found.setting("WF001", "a.yml").severity == "low"
    assert found.setting("WF001", "staging/x/a.yml").enabled is False
    assert found.setting("TF010", "main.tf").enabled is False
    assert found.incomplete_at("a.yml") == "warn"
    assert found.incomplete_at("staging/a.yml") == "fail"
    assert found.scanners.named == {"checkov"}
    assert found.waivers[0].expires.year == 2031
    assert found.environments["production"].names == ("live*",)


def test_pyproject_says_the_same() -> None:
    text = '[tool.iact-guard]\nfail_on = "low"\npolicies = {WF001 = "off"}\n'
    found = load({"pyproject.toml": text})
    assert (found.fail_on, found.source) == ("low", "pyproject.toml")
    assert found.setting("WF001", "x").enabled is False


REFUSED = [
    ("fail_onn: low", "unknown key `fail_onn`; did you mean `fail_on`?"),
    ("scanners: {bandid: {}}", "did you mean `bandit`"),
    ("scanners: {safety: {max_age: 3}}", "did you mean `max_age_days`"),
    ("waivers: [{rule: A, reson: x, owner: y, expires: 2030-01-01}]", "did you mean `reason`"),
    ("overrides: [{path: [x]}]", "did you mean `paths`"),
    ("fail_on: awful", "fail_on"),
    ("extends: x", "reserved"),
    ("source: x", "unknown key"),
    ("- a", "a mapping is expected"),
    ("a: 1\na: 2", ".iact-guard.yaml:2:1"),
    ("a: [", ".iact-guard.yaml:"),
    ("a: 1\n---\nb: 2", "one document"),
    ("scanners: {checkov: {timeout: -1}}", "timeout"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_mistakes_are_named(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load({".iact-guard.yaml": text})
    assert message in str(caught.value)


def test_two_configurations_are_one_too_many() -> None:
    with pytest.raises(ConfigError, match="keep one"):
        load({".iact-guard.yaml": "", "pyproject.toml": "[tool.iact-guard]\n"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("policies: {WF01: off}", "did you mean `WF001`"),
        ("policies: {WF001: {params: {first_part: []}}}", "did you mean `first_party`"),
        ("overrides: [{paths: [x], policies: {XX999: off}}]", "there is no policy XX999"),
    ],
)
def test_policies_and_parameters_that_do_not_exist(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        refuse_unknown(load({".iact-guard.yaml": text}), shipped())
    assert message in str(caught.value)
