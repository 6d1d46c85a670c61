"""Judging scripts against real bash: what we say of their status is what bash does."""

import itertools
import os
import subprocess
from functools import partial
from shutil import which

import pytest

from iact_guard.analyze.workflow.run.played import Filled, parsed, played
from iact_guard.analyze.workflow.run.programs import UnclearError

RESULTS = ("success", "failure", "cancelled", "skipped")
SCRIPTS = (
    'if [ "$A" != success ]; then exit 1; fi',
    'if [[ "$A" != "success" || "$B" != "success" ]]; then\n  echo no\n  exit 1\nfi\necho yes',
    '[[ $A == success && $B == success ]]',
    '[ "$A" = success ] && [ "$B" = success ]',
    '[ "$A" = success ] && echo a\n[ "$B" = success ] && echo b\necho end',
    'test "$A" = success -a "$B" = success',
    '[ "$A" = success ] || exit 1\n[ "$B" = success ] || { echo b; exit 2; }',
    'for r in $A $B; do\n  if [ "$r" != success ]; then exit 1; fi\ndone',
    'failed=0\nfor r in "$A" "$B"; do [ "$r" = success ] || failed=1; done\nexit $failed',
    'for r in $A $B; do\n  case "$r" in\n    success|skipped) ;;\n    *) exit 1 ;;\n  esac\ndone',
    'case "$A$B" in *failure*) exit 1;; *cancelled*) exit 3;; esac',
    'if echo "$A $B" | grep -q failure; then exit 1; fi',
    'if echo "$A $B" | grep -qE "failure|cancelled"; then exit 1; fi',
    'echo "$A $B" | grep -v failure',
    'echo "$A" | grep -qw success && echo ok',
    'grep -q success <<< "$A"',
    'check() {\n  if [ "$1" != success ]; then return 1; fi\n}\ncheck "$A"\ncheck "$B"',
    'c() { [ "$1" = success ] || [ "$1" = skipped ]; }\nif ! c "$A"; then exit 1; fi\nc $B',
    'ok() { test "$1" = success; }\nok $A && ok $B || exit 1',
    'results="$A,$B"\nif [[ "$results" == *failure* ]]; then exit 1; fi',
    'if [[ "$A" =~ ^(failure|cancelled)$ ]]; then exit 1; fi',
    'bad=$(echo "$A $B" | grep -c failure || true)\nif [ "$bad" -gt 0 ]; then exit 1; fi',
    'r=("$A" "$B")\nfor x in "${r[@]}"; do [ "$x" != failure ] || exit 1; done',
    'set +e\n[ "$A" = success ]\nrc=$?\n[ "$B" = success ] || rc=1\nexit $rc',
    'set +e\nfalse\necho done',
    '! [ "$A" = failure ]\necho after',
    'if ! [ "$A" = success ]; then exit 1; fi',
    '[ "$A" != failure ] && [ "$A" != cancelled ]\necho after',
    'while_not=1\n( [ "$A" = success ] || exit 4 )\necho after',
    'x=$( [ "$A" = success ] && echo yes || echo no )\n[ "$x" = yes ]',
    'x=$(exit 3)\necho after',
    'echo $(exit 3)',
    '{ [ "$A" = success ]; } || exit 1',
    'for r in $A $B; do [ "$r" = skipped ] && continue; [ "$r" = success ] || break; done',
    'if [ "$A" = success ]; then echo a; elif [ "$B" = success ]; then exit 5; else exit 6; fi',
    '[ -n "$A" ] && [ -z "${NOPE:-}" ]',
    'printf "%s\\n" "$A" "$B" | grep -x failure && exit 1\nexit 0',
    'true && false\necho after',
    'false || true\nfalse',
    'echo "$A" > /dev/null\n[ "$A" = "success" ] > /dev/null',
    'A="$B"\n[ "$A" = success ]',
    'n=0\nfor r in $A $B; do [ "$r" = success ] || n=$((n + 1)); done\n[ "$n" -eq 0 ]',
    'n=0\nfor r in $A $B; do\n  if [ "$r" = failure ]; then (( n += 1 )); fi\ndone\nexit $n',
    'n=0\nfor r in $A $B; do [ "$r" = success ] || (( n++ )) || true; done\n(( n == 0 ))',
    'n=0\n[ "$A" = success ] || n=1\nif (( n > 0 )); then exit 1; fi',
    'n=0\n(( n++ ))\necho after',
    'printf "%s\\n" "$A" "$B" | while read -r r; do [ "$r" = success ] || exit 1; done',
    'while read -r r; do [ "$r" != failure ] || bad=1; done <<< "$A"\n[ -z "${bad:-}" ]',
    'echo $(( 2 * (3 - 1) )) | grep -qx 4 && [ "$A" = success ]',
    'local_name=${A:-none}\n[ "$local_name" = success ]',
)  # fmt: skip


def _value(values: dict[str, str], name: str) -> str:
    return values.get(name, "")


@pytest.mark.skipif(which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("pipefail", [False, True])
def test_a_script_ends_as_bash_ends_it(script: str, pipefail: bool) -> None:
    """For every pair of results; nothing here is beyond what is followed."""
    for one, two in itertools.product(RESULTS, repeat=2):
        values = {"A": one, "B": two}
        options = ["-eo", "pipefail"] if pipefail else ["-e"]
        truth = subprocess.run(
            ["bash", "--noprofile", "--norc", *options, "-c", script],
            env={**values, "PATH": os.environ["PATH"]},
            capture_output=True,
            check=False,
            timeout=20,
        ).returncode
        ours = played(
            Filled(parsed(script), {}),
            partial(_value, values),
            errexit=True,
            pipefail=pipefail,
        )
        assert (ours == 0) is (truth == 0), (one, two, ours, truth)


@pytest.mark.parametrize(
    "script",
    [
        "python check.py",
        "./judge.sh",
        'if [ "$(git status --porcelain)" ]; then exit 1; fi',
        "read x; [ $x = y ]",
        "while true; do exit 1; done",
        'eval "exit 1"',
        "[ -f report.xml ] || exit 1",
        "sleep 1 & wait",
        'jq -e "$FILTER" needs.json',
    ],
)
def test_what_it_cannot_tell_it_does_not_guess(script: str) -> None:
    """Files, other programs and loops decide: unclear."""
    with pytest.raises(UnclearError):
        played(Filled(parsed(script), {}), lambda name: None, errexit=True, pipefail=False)


def test_a_variable_that_is_not_known_decides_nothing() -> None:
    """What was set elsewhere may be anything."""
    with pytest.raises(UnclearError):
        played(Filled(parsed('[ "$X" = y ]'), {}), lambda name: None, errexit=True, pipefail=False)
    assert (
        played(Filled(parsed('echo "$X"'), {}), lambda name: None, errexit=True, pipefail=False)
        == 0
    )


def test_an_endless_recursion_ends() -> None:
    """The bound is reached and seen."""
    with pytest.raises(UnclearError):
        played(Filled(parsed("f() { f; }; f"), {}), lambda name: "", errexit=True, pipefail=False)
