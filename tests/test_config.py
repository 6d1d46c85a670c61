"""The configuration: what is read, what is refused, what holds where."""

import jsonschema
import pytest

from iact_guard import config
from iact_guard.evaluate.policies import refuse_unknown
from iact_guard.load.shipped import shipped
from iact_guard.model.errors import ConfigError
from iact_guard.settings import Config
from iact_guard.syntax import yaml
from iact_guard.syntax.text import Text
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
    ("coverage: {reprots: [a]}", "did you mean `reports`"),
    ("secrets: {rule: [a]}", "did you mean `rules`"),
    ("gates: [{tool: x, kind: tset}]", "kind"),
    ("migrations: {operations: {a.B: brief_writ_block}}", "operations"),
    (
        "waivers: [{rule: A, reason: '', owner: y, expires: 2030-01-01}]",
        "waivers.0: a waiver needs",
    ),
    ("waivers: {}", "waivers: Input should be a list"),
    ("exclude: ['!']", "not a pattern"),
    ("overrides: [{paths: ['[z-a]']}]", "not a pattern"),
    ("scanners: {safety: {advisory_db: 'https://u:p@h'}}", "is a folder"),
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
        ("policies: {WF0011: off}", "did you mean `WF001`"),
        ("policies: {WF001: {params: {first_part: []}}}", "did you mean `first_party`"),
        ("overrides: [{paths: [x], policies: {XX999: off}}]", "there is no policy XX999"),
        ("policies: {CV002: {params: {minimum: ninety}}}", "`minimum` must be of type int"),
        ("waivers: [{rule: WF00l, reason: r, owner: o, expires: 2030-01-01}]", "no policy WF00l"),
    ],
)
def test_policies_and_parameters_that_do_not_exist(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        refuse_unknown(load({".iact-guard.yaml": text}), shipped())
    assert message in str(caught.value)


CONTRACT = """\
fail_on: medium
incomplete: fail
exclude: ["third_party/**"]
policies: {WF009: off, CV002: {severity: high, params: {minimum: 90}}}
overrides: [{paths: ["infrastructure/staging/**"], policies: {TF010: off}, incomplete: warn}]
scanners: {bandit: {}, checkov: {timeout: 300}, safety: {advisory_db: path, max_age_days: 30}}
gates: [{tool: ./scripts/run_all_tests.sh, kind: test}]
waivers: [{rule: DM009, paths: [a], reason: "r", owner: "@team", expires: 2027-01-31}]
branches: {protected: [main, develop]}
environments: {production: {names: ["prod*"], roots: ["infrastructure/production"]}}
database: {engine: postgresql, version: 15, hot_tables: [orders], small_tables: [x]}
migrations: {operations: {"pgtrigger.migrations.AddTrigger": brief_write_block}, released: "v*"}
coverage:
  reports: ["*.xml"]
  junit: ["*.xml"]
  minimum: 80
  changed_minimum: 80
  branch_minimum: null
  paths: [{paths: [a], minimum: 90}]
  ratchet: file
  pyramid: {unit: 70, integration: 20, e2e: 10, tolerance: 10}
  levels: {unit: ["tests/unit/**"]}
approvals:
  rules:
    - {name: m, paths: [a], labels: [b], when: "x > 0", requires: {count: 1}}
secrets: {rules: [file.toml]}
"""


def test_every_key_that_other_programs_rely_on_is_accepted() -> None:
    refuse_unknown(load({".iact-guard.yaml": CONTRACT}), shipped())


def test_the_published_schema_takes_what_the_program_takes() -> None:
    schema = config.json_schema()
    for text in (EXAMPLE, CONTRACT):
        data = yaml.plain(yaml.parse(Text("x", text))[0].root)  # type: ignore[arg-type]
        jsonschema.Draft202012Validator(schema).validate(data)


def test_overrides_change_what_they_name_and_no_more() -> None:
    found = load(
        {
            ".iact-guard.yaml": "policies: {TF010: {params: {days: 30}}, WF002: off}\n"
            "overrides:\n"
            "  - {paths: ['infra/**'], policies: {TF010: low, WF002: {on_unknown: fail}}}\n"
        }
    )
    here = found.setting("TF010", "infra/a.tf")
    assert (here.severity, here.params) == ("low", {"days": 30})
    assert found.setting("WF002", "infra/x").enabled is False
    assert found.setting("TF010", "", "infra/a.tf").severity == "low"
    assert found.setting("TF010", "", "other.tf").severity is None


def test_naming_the_roots_of_production_keeps_its_name() -> None:
    found = load({".iact-guard.yaml": "environments: {production: {roots: [live]}}\n"})
    assert found.environments["production"].names == ("prod*",)


@pytest.mark.parametrize("text", ["tool = 3", "x = [ # iact-guard\n"])
def test_a_pyproject_that_says_nothing_of_us_is_not_our_business(text: str) -> None:
    assert load({"pyproject.toml": text}).source == ""
