"""The part of jq that scripts use on results."""

import json
import subprocess
from shutil import which
from typing import Any

import pytest

from iact_guard.analyze.workflow.run.jq import JqError, run

NEEDS: dict[str, Any] = {
    "a": {"result": "success", "outputs": {"x": "1"}},
    "b": {"result": "failure", "outputs": {}},
}


CASES: list[tuple[str, list[Any] | None]] = [
    (".", [NEEDS]),
    (".a.result", ["success"]),
    ('.["b"].result', ["failure"]),
    ('."a".result', ["success"]),
    (".c.result", [None]),
    (".[].result", ["success", "failure"]),
    (".[] | .result", ["success", "failure"]),
    ("[.[].result]", [["success", "failure"]]),
    ("map(.result)", [["success", "failure"]]),
    ('[.[].result] | all(. == "success")', [False]),
    ('all(.result == "success")', [False]),
    ('all(.[]; .result != "skipped")', [True]),
    ('any(.result == "failure")', [True]),
    ('map(.result == "success") | all', [False]),
    ('map(.result == "failure") | any', [True]),
    ("length", [2]),
    ("keys", [["a", "b"]]),
    ('to_entries[] | select(.value.result != "success") | .key', ["b"]),
    ('to_entries | map(select(.value.result == "failure")) | length == 0', [False]),
    ('to_entries[] | "\\(.key): \\(.value.result)"', ["a: success", "b: failure"]),
    ('[.[] | select(.result | IN("failure", "cancelled"))] | length > 0', [True]),
    ('[.[] | select(.result == "failure" or .result == "cancelled")] | length', [1]),
    ('[.[] | select(.result == "success" and .outputs.x == "1")] | length', [1]),
    ('map(.result) | unique | join(", ")', ["failure, success"]),
    ('[.[].result] | contains(["failure"])', [True]),
    ('[.[].result] | index("failure")', [1]),
    ('[.[].result] | . - ["success"]', [["failure"]]),
    ('.c.result // "none"', ["none"]),
    ("with_entries(.value = 1)", None),
    ('with_entries(select(.value.result == "failure")) | keys', [["b"]]),
    ('.a.result | startswith("suc")', [True]),
    ('.a.result | test("^suc")', [True]),
    ("[.[] | .result | not]", [[False, False]]),
    ("reduce .[] as $x (0; . + 1)", None),
    (".a.result, .b.result", ["success", "failure"]),
    ("(.a, .b) | .result", ["success", "failure"]),
    (".a[", None),
    ("env.HOME", None),
]


@pytest.mark.parametrize(("filter", "expected"), CASES)
def test_filter(filter: str, expected: list[Any] | None) -> None:
    """None: it is not followed, and says so."""
    if expected is None:
        with pytest.raises(JqError):
            run(filter, NEEDS)
    else:
        assert run(filter, NEEDS) == expected


@pytest.mark.skipif(which("jq") is None, reason="there is no jq")
@pytest.mark.parametrize(("filter", "expected"), CASES)
def test_jq_itself_says_the_same(filter: str, expected: list[Any] | None) -> None:
    """The table is right."""
    if expected is None:
        return
    command = ["jq", "-c", filter]
    done = subprocess.run(
        command, input=json.dumps(NEEDS), capture_output=True, text=True, check=True, timeout=20
    )
    assert [json.loads(line) for line in done.stdout.splitlines()] == expected
