"""The commands, as a user types them."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from iact_guard.cli import COMMANDS, main
from tests.command import GOOD, UNPINNED, iact_guard, write

runner = CliRunner()


def run(*arguments: str) -> tuple[int, str]:
    result = runner.invoke(main, list(arguments), prog_name="iact-guard")
    return result.exit_code, result.output


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A checkout with one finding in it."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    write(tmp_path, GOOD, UNPINNED)
    write(tmp_path, "main.tf", "locals {\n  a = 1\n}\n")
    write(tmp_path, ".github/CODEOWNERS", "* @a/b\n")
    return tmp_path


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(name: str) -> None:
    code, text = run(name, "--help")
    assert code == 0
    assert "Usage: iact-guard" in text
    assert f"iact-guard {name}" in text.split("Usage:", 1)[1].split("\n", 1)[1]


def test_check_a_folder_and_files_of_it(repository: Path) -> None:
    code, text = run("check", str(repository), "--scanners", "none", "--format", "json")
    assert code == 1
    assert {f["rule"] for f in json.loads(text)["findings"]} == {"WF001"}
    workflow, terraform = str(repository / GOOD), str(repository / "main.tf")
    assert run("check", workflow, "--scanners", "none")[0] == 1
    assert run("check", terraform, "--scanners", "none")[0] == 0
    assert (
        run("check", workflow, terraform, "--root", str(repository), "--scanners", "none")[0] == 1
    )


def test_a_file_that_is_gone_costs_the_others_nothing(repository: Path) -> None:
    good, gone = str(repository / GOOD), str(repository / "gone.md")
    code, text = run("check", good, gone, "--scanners", "none", "--format", "json")
    assert code == 2
    found = {(f["rule"], f["path"]) for f in json.loads(text)["findings"]}
    assert found == {("WF001", GOOD), ("IG001", "gone.md")}
    code, text = run("check", gone, "--scanners", "none")
    assert code == 2
    assert "does not exist" in text


def test_several_reports_from_one_run(repository: Path, tmp_path: Path) -> None:
    target = tmp_path / "reports"
    code, text = run(
        "check", str(repository), "--scanners", "none",
        "-o", f"sarif:{target}/a.sarif", "-o", f"json:{target}/a.json",
    )  # fmt: skip
    assert code == 1
    assert "WF001" in text
    assert json.loads((target / "a.json").read_text())["summary"]["exit_code"] == 1
    assert json.loads((target / "a.sarif").read_text())["version"] == "2.1.0"


def test_the_severity_that_gates_can_be_said_on_the_command_line(repository: Path) -> None:
    write(repository, ".iact-guard.yaml", "fail_on: low\n")
    usual = ("check", str(repository), "--scanners", "none", "--format", "json")
    assert run(*usual)[0] == 1
    code, text = run(*usual, "--fail-on", "critical")
    assert code == 0
    assert json.loads(text)["findings"][0]["rule"] == "WF001"


MISTAKES = [
    (("check", "nowhere"), "nowhere"),
    (("check", "--scanners", "bandid"), "is no scanner"),
    (("check", "-o", "xml:a"), "FORMAT:FILE"),
    (("check", "--format", "yaml"), "yaml"),
    (("explain", "WF01"), "did you mean"),
    (("chek",), "chek"),
]


@pytest.mark.parametrize(("arguments", "message"), MISTAKES)
def test_mistakes_are_exit_code_2_with_a_message(arguments: tuple[str, ...], message: str) -> None:
    code, text = run(*arguments)
    assert code == 2
    assert message in text


def test_two_folders_and_files_outside_are_mistakes(repository: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", "x.tf", "")
    assert run("check", str(repository), str(other.parent))[0] == 2
    code, text = run("check", str(other), "--root", str(repository / ".github"))
    assert code == 2
    assert "does not lie below the root" in text


def test_configuration_decides(repository: Path) -> None:
    config = repository / ".iact-guard.yaml"
    config.write_text("fail_on: critical\n")
    assert run("check", str(repository), "--scanners", "none")[0] == 0
    config.write_text("policies: {WF001: off}\n")
    assert run("check", str(repository), "--scanners", "none")[0] == 0
    config.write_text("exclude: ['.github/workflows/**']\n")
    assert run("check", str(repository / GOOD), "--scanners", "none")[0] == 0
    waiver = "{rule: WF001, reason: r, owner: '@a', expires: 2999-01-01}"
    config.write_text(f"waivers: [{waiver}]\n")
    assert run("check", str(repository), "--scanners", "none")[0] == 0
    config.write_text(f"waivers: [{waiver.replace('2999', '2001')}]\n")
    assert run("check", str(repository), "--scanners", "none")[0] == 1
    config.write_text("fail_onn: low\n")
    code, text = run("check", str(repository), "--scanners", "none")
    assert code == 2
    assert "did you mean `fail_on`" in text


def test_a_key_without_effect_is_said_to_have_none(repository: Path) -> None:
    text = "coverage: {minimum: 90}\npolicies: {WF009: off}\n"
    (repository / ".iact-guard.yaml").write_text(text)
    out = run("check", str(repository), "--scanners", "none")[1]
    assert "`coverage`: no policy asks for it yet" in out
    assert "WF009 is not there yet" in out


def test_a_file_that_is_excluded_although_named_is_a_warning(repository: Path) -> None:
    (repository / ".iact-guard.yaml").write_text("exclude: ['.github/workflows/**']\n")
    code, out = run("check", str(repository / GOOD), "--scanners", "none")
    assert code == 0
    assert "was named, and the configuration excludes it" in out


def test_a_report_that_cannot_be_written_is_no_finding(repository: Path) -> None:
    code, out = run("check", str(repository), "--scanners", "none", "-o", f"json:{repository}")
    assert code == 2
    assert "WF001" in out
    assert "cannot be written" in out


def test_incomplete_can_be_a_warning_for_a_path(repository: Path) -> None:
    write(repository, "bad.tf", "x = {\n")
    config = repository / ".iact-guard.yaml"
    config.write_text("policies: {WF001: off}\n")
    assert run("check", str(repository), "--scanners", "none")[0] == 2
    override = "overrides: [{paths: [bad.tf], incomplete: warn}]\n"
    config.write_text("policies: {WF001: off}\n" + override)
    code, text = run("check", str(repository), "--scanners", "none")
    assert code == 0
    assert "IG001" in text


def test_policies_and_explain(repository: Path) -> None:
    code, text = run("policies")
    assert code == 0
    assert "WF001  high" in text
    assert json.loads(run("policies", "--format", "json")[1])[0]["id"]
    code, text = run("explain", "wf001")
    assert code == 0
    assert "What to do" in text
    assert "uses: acme/setup@v2" in text
    assert "FAIL: repository:" in run("explain", "WF001", str(repository))[1]
    assert "main.tf" not in run("explain", "WF001", str(repository / GOOD))[1]


def test_colors_and_bars_need_a_terminal(repository: Path) -> None:
    done = iact_guard("check", str(repository), "--scanners", "none")
    assert "\x1b" not in done.out + done.err
    assert done.err == ""


def test_module_and_version() -> None:
    assert iact_guard("--version").out.startswith("iact-guard, version ")
