"""`explain WF201`: the proof, the trace, the picture."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from iact_guard.cli import main
from tests.command import write

DEPLOY = """\
on: {push: {branches: [main]}}
jobs:
  test: {runs-on: x, steps: [{run: pytest}]}
  deploy:
    needs: test
    if: IF
    runs-on: x
    environment: production
    steps: [{run: kubectl apply -f k8s/}]
"""
PATH = ".github/workflows/deploy.yml"


def explain(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["explain", *arguments], prog_name="iact-guard")
    return result.exit_code, result.output


@pytest.fixture
def guarded(tmp_path: Path) -> Path:
    write(tmp_path, PATH, DEPLOY.replace("IF", "github.ref == 'refs/heads/main'"))
    write(tmp_path, ".github/CODEOWNERS", ".github/ @acme/platform\n")
    return tmp_path


@pytest.fixture
def leaky(tmp_path: Path) -> Path:
    write(tmp_path, PATH, DEPLOY.replace("IF", "always()"))
    return tmp_path


def test_a_proof_says_what_it_assumes(guarded: Path) -> None:
    """Who must approve an edit of what the gate rests on."""
    code, out = explain("WF201", str(guarded))
    assert code == 0
    assert "in every run a test stands before it: test must pass" in out
    assert "runs its own .github/workflows/deploy.yml: @acme/platform must approve an edit" in out


def test_a_hole_is_told_as_a_run(leaky: Path) -> None:
    """Event, jobs, the deploying step, in this order."""
    _, out = explain("WF201", str(leaky))
    steps = [
        "push to main starts it",
        "test ends as failure",
        "deploy runs",
        "and this deploys to production",
    ]
    places = [out.index(each) for each in steps]
    assert places == sorted(places)


def test_the_picture_of_a_root_and_of_a_file(leaky: Path) -> None:
    """The same for both; a flowchart and nothing else."""
    _, whole = explain("WF201", str(leaky), "--format", "mermaid")
    assert whole.startswith("flowchart TD\n")
    assert "HOLE" in whole
    _, named = explain("WF201", str(leaky / PATH), "--root", str(leaky), "--format", "mermaid")
    assert named == whole


def test_the_picture_holds_no_secret(leaky: Path) -> None:
    """Names of jobs pass the same filter as every other text."""
    secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
    text = (leaky / PATH).read_text().replace("needs: test", f"needs: test\n    name: {secret}")
    write(leaky, PATH, text)
    _, out = explain("WF201", str(leaky), "--format", "mermaid")
    assert secret not in out


def test_other_policies_have_no_picture(leaky: Path) -> None:
    """An error that names the one that has."""
    code, out = explain("WF001", str(leaky), "--format", "mermaid")
    assert code == 2
    assert "WF201" in out


def test_what_fails_comes_first_and_the_rest_is_one_line(leaky: Path) -> None:
    """Findings, passes, then a count of what the policy does not speak of."""
    _, out = explain("WF201", str(leaky))
    assert out.index("FAIL: ") < out.index("not applicable (1): the job brings nothing new")


def test_the_trace_names_the_gate_and_what_lets_it_run(leaky: Path) -> None:
    """The command that fails, at its line, and the status function."""
    _, out = explain("WF201", str(leaky))
    assert f"{PATH}:3:36: test ends as failure: `pytest` fails" in out
    assert "deploy runs: `always()` lets it run although test failed" in out
