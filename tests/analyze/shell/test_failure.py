"""Whether a command's failure fails its step: what is certain, and what stays unknown."""

import shutil
import subprocess

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.failure import failure_of, prevents
from iact_guard.model.command import Command
from iact_guard.project import Project
from iact_guard.tree import DictTree


def load(script: str, shell: str = "") -> tuple[Context, dict[str, Command]]:
    lines = "\n".join(f"          {line}" for line in script.split("\n"))
    own = f"        shell: {shell}\n" if shell else ""
    text = (
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
        f"      - run: |\n{lines}\n{own}"
    )
    project = Project(DictTree({".github/workflows/ci.yml": text}))
    return Context(project), {command.tool: command for command in project.entities("command")}


CASES = [
    ("gate", "", "fails"),
    ("gate && echo ok", "", "fails"),
    ("gate; true", "", "fails"),
    ("x && gate", "", "fails"),
    ("gate || exit 1", "", "fails"),
    ("gate || { echo; exit 1; }", "", "fails"),
    ("{ gate; } || exit 1", "", "fails"),
    ("if ! gate; then echo; exit 1; fi", "", "fails"),
    ("if gate; then echo; else exit 2; fi", "", "fails"),
    ("x=$(gate)", "", "fails"),
    ("(gate; echo)", "", "fails"),
    ("timeout 5 gate", "", "fails"),
    ("bash -c 'gate'", "", "fails"),
    ("set +e\ngate", "", "fails"),
    ("set +e\nset -e\ngate\necho", "", "fails"),
    ("for i in a b; do gate; done", "", "fails"),
    ("gate | tee x", "bash", "fails"),
    ("set -o pipefail\ngate | tee x", "", "fails"),
    ("set -euo pipefail\ngate | cat", "sh", "fails"),
    ("gate", "bash {0}", "fails"),
    ("gate || true", "", "swallowed"),
    ("gate || echo no >&2", "", "swallowed"),
    ("gate || { echo; :; }", "", "swallowed"),
    ("gate && echo ok\necho b", "", "swallowed"),
    ("gate | tee x", "", "swallowed"),
    ("set +e\ngate\necho x", "", "swallowed"),
    ("if gate; then echo; fi", "", "swallowed"),
    ("if ! gate; then echo no; fi", "", "swallowed"),
    ("export x=$(gate)", "", "swallowed"),
    ("echo $(gate)", "", "swallowed"),
    ("cat <(gate)", "", "swallowed"),
    ("gate &", "", "swallowed"),
    ("(gate; echo) || exit 1", "", "swallowed"),
    ("gate\necho x", "bash {0}", "swallowed"),
    ("if [ -f x ]; then gate; fi", "", "conditional"),
    ("for i in $(ls); do gate; done", "", "conditional"),
    ("[ -f x ] && gate\necho", "", "conditional"),
    ("x || gate", "", "conditional"),
    ("case $x in a) gate;; esac", "", "conditional"),
    ("set +e\ngate\nrc=$?\nexit $rc", "", "fails"),
    ("gate || failed=1", "", "swallowed"),
    ("gate && ok=1\n[ -n \"$ok\" ]", "", "fails"),
    ("gate && OK=${OK:-1}\n[ -n \"$OK\" ]", "", "conditional"),
    ("gate && exit 0\nexit 1", "", "fails"),
    ("if gate; then exit 0; fi\nexit 1", "", "fails"),
    ("f() { gate; }\nf || true", "", "swallowed"),
    ("! gate\necho", "", "swallowed"),
    ("bash -c 'gate; x'", "", "swallowed"),
    ("until gate; do x; done", "", "unknown"),
    ("[ -n \"$x\" ] && set +e\ngate\nx", "", "conditional"),
    ("set $flags\ngate\nx", "", "unknown"),
    ("gate || x\nif then", "", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "shell", "verdict"), CASES)
def test_verdict(script: str, shell: str, verdict: str) -> None:
    context, commands = load(script, shell)
    fact = failure_of(context, commands["gate"])
    assert (fact.known.verdict if fact.state == "known" else fact.state) == verdict
    assert fact.state != "known" or fact.evidence
    assert fact.reason


@pytest.mark.skipif(shutil.which("bash") is None, reason="it needs bash for the truth")
@pytest.mark.parametrize(("script", "shell", "verdict"), CASES)
def test_a_certain_verdict_is_what_the_shell_does(script: str, shell: str, verdict: str) -> None:
    if verdict not in ("fails", "swallowed"):
        return
    stubs = "x() { true; }; tee() { cat > /dev/null; }; export -f gate x tee\n"
    options = {"bash": "-eo pipefail", "bash {0}": "", "sh": "-e"}.get(shell, "-e")
    status = [
        subprocess.run(
            ["bash", *options.split(), "-c", f"gate() {{ return {code}; }}; {stubs}{script}"],
            capture_output=True,
            check=False,
        ).returncode
        for code in (0, 1)
    ]
    if "timeout" in script:
        return  # it runs no function
    assert status[0] == 0
    assert (status[1] != 0) == (verdict == "fails")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("first\nsecond", True),
        ("first && second || true", True),
        ("first || true\nsecond", False),
        ("first || true && second", False),
        ("first & second", False),
        ("set +e\nfirst\nsecond", False),
        ("first | gzip\nsecond", False),
        ("f() { first; }\nf\nsecond", True),
    ],
)
def test_whether_a_failure_keeps_a_later_command_from_running(
    script: str, expected: bool | None
) -> None:
    context, commands = load(script)
    assert prevents(context, commands["first"], commands["second"]) is expected
