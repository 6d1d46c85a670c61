"""Scripts of steps: which shell reads them, their commands, what those run."""

import pytest

from iact_guard.load.script import Script
from iact_guard.load.wrappers import inner_of, tool_of, wrapper_of
from iact_guard.model.command import Command
from iact_guard.project import Project
from iact_guard.tree import DictTree


def project(steps: str, job: str = "", workflow: str = "") -> Project:
    text = f"on: push\n{workflow}jobs:\n  a:\n    runs-on: ubuntu-latest\n{job}    steps:\n{steps}"
    return Project(DictTree({".github/workflows/ci.yml": text}))


def commands(script: str) -> tuple[Command, ...]:
    lines = "\n".join(f"          {line}" for line in script.split("\n"))
    return project(f"      - run: |\n{lines}\n").entities("command")


@pytest.mark.parametrize(
    ("script", "tools"),
    [
        ("timeout -k 5 60 pytest -q", ["timeout", "pytest"]),
        ("sudo -E env A=1 B=2 make x", ["sudo", "env", "make"]),
        ("python3.11 -m pytest tests", ["python", "pytest"]),
        ("python -W error manage.py migrate", ["python", "manage.py"]),
        ("python -c 'import x'", ["python"]),
        ("poetry run coverage run --source . -m pytest", ["poetry", "coverage", "pytest"]),
        ("uv run --group test -- pytest", ["uv", "pytest"]),
        ("uv run -m pytest", ["uv", "pytest"]),
        ("npx --yes jest --coverage", ["npx", "jest"]),
        ("bash -exc 'ruff check . && mypy .'", ["bash", "ruff", "mypy"]),
        ("bash -euo pipefail -c ruff", ["bash", "ruff"]),
        ("bash scripts/test.sh fast", ["bash", "test.sh"]),
        ("find . -name x -exec grep -l y {} ;", ["find", "grep"]),
        ("git ls-files | xargs -n 1 -P4 flake8", ["git", "xargs", "flake8"]),
        ("docker compose -f a.yml run --rm -e A=1 web python manage.py migrate",
         ["docker", "python", "manage.py"]),
        ("kubectl exec -n prod deploy/web -- sh -c 'alembic upgrade head'",
         ["kubectl", "sh", "alembic"]),
        ("ssh -i key host 'cd app && ./deploy.sh'", ["ssh", "cd", "deploy.sh"]),
        ("ssh host <<EOF\nterraform apply\n$(date)\nEOF", ["ssh", "terraform", "", "date"]),
        ("cf run-task web --command 'python manage.py migrate' --name m",
         ["cf", "python", "manage.py"]),
        ("command -v jq", ["command"]),
        ("eval \"$(ssh-agent)\"", ["eval", "", "ssh-agent"]),
        ("\"$BIN/python\" -m pip install x", ["python", "pip"]),
        ("${{ inputs.tool }} run", [""]),
        ("x=1", []),
        ("time -p pytest | tee log", ["pytest", "tee"]),
        ("f() { ruff; }; echo $(mypy)", ["ruff", "echo", "mypy"]),
    ],
)  # fmt: skip
def test_commands_and_what_they_run(script: str, tools: list[str]) -> None:
    assert sorted(command.tool for command in commands(script)) == sorted(tools)


def test_a_wrapped_command_names_the_one_that_runs_it() -> None:
    outer, inner = commands("timeout 5 pytest -q")
    assert inner.outer == outer.id == "command:.github/workflows/ci.yml#a/run/timeout"
    assert (inner.text, inner.argv, inner.embedded) == ("pytest -q", ("pytest", "-q"), False)
    _, embedded = commands("bash -c 'pytest -q'")
    assert embedded.embedded


def test_commands_stand_on_the_line_where_they_begin() -> None:
    first, second, third = commands("echo é; pytest \\\n  -q\nbash -c 'ruff check'")[:3]
    assert (second.location.line, second.location.column) == (7, 19)
    assert (second.location.end_line, second.text) == (7, "pytest \\\n  -q")
    assert first.location.line == 7
    assert third.location.line == 9
    inner = commands("bash -c 'ruff check'")[1]
    assert (inner.location.column, inner.location.end_column) == (20, 30)


def test_ids_hold_no_lines_and_tell_equal_commands_apart() -> None:
    ids = [command.id for command in commands("pytest a\npytest b\necho")]
    assert ids == [
        "command:.github/workflows/ci.yml#a/run/pytest",
        "command:.github/workflows/ci.yml#a/run/pytest~2",
        "command:.github/workflows/ci.yml#a/run/echo",
    ]
    assert [c.id for c in commands("\n\npytest a\n\npytest b\necho")] == ids


@pytest.mark.parametrize(
    ("step", "job", "workflow", "expected"),
    [
        ("", "", "", ("bash", True, False)),
        ("bash", "", "", ("bash", True, True)),
        ("sh", "", "", ("sh", True, False)),
        ("bash {0}", "", "", ("bash", False, False)),
        ("bash -leo pipefail {0}", "", "", ("bash", True, True)),
        ("/usr/bin/bash --noprofile -e {0}", "", "", ("bash", True, False)),
        ("python", "", "", ("python", True, False)),
        ("${{ matrix.shell }}", "", "", ("", True, False)),
        ("", "bash", "sh", ("bash", True, True)),
        ("", "", "pwsh", ("pwsh", True, False)),
    ],
)
def test_shell_of_a_step(
    step: str, job: str, workflow: str, expected: tuple[str, bool, bool]
) -> None:
    def defaults(shell: str, margin: str) -> str:
        return f"{margin}defaults: {{run: {{shell: '{shell}'}}}}\n" if shell else ""

    own = f"        shell: '{step}'\n" if step else ""
    found = project(f"      - run: pytest\n{own}", defaults(job, "    "), defaults(workflow, ""))
    (script,) = found.entities("script")
    reader = script.reader
    assert (reader.name, reader.errexit, reader.pipefail) == expected


def test_a_script_of_another_language_has_no_commands() -> None:
    found = project("      - run: print(1)\n        shell: python\n")
    (script,) = found.entities("script")
    assert isinstance(script, Script)
    assert script.tree is None
    assert script.reason == "python reads the script"
    assert found.entities("command") == ()


def test_a_windows_runner_reads_powershell() -> None:
    text = "on: push\njobs:\n  a:\n    runs-on: windows-latest\n    steps: [{run: pytest}]\n"
    found = Project(DictTree({".github/workflows/ci.yml": text}))
    assert found.entities("script")[0].reader.name == "pwsh"


def test_endless_scripts_are_not_read() -> None:
    script = "\n".join(["          echo " + "x" * 900] * 90)
    found = project(f"      - run: |\n{script}\n" * 6)
    trees = [script.tree for script in found.entities("script")]
    assert trees[0] is not None
    assert trees[-1] is None


def test_wrapper_without_a_command() -> None:
    found = wrapper_of(("timeout", "5"))
    assert found is not None
    assert inner_of(("timeout", "5"), *found) is None
    assert wrapper_of(("uv", "sync")) is None
    assert wrapper_of(()) is None
    assert tool_of("C:\\bin\\python.exe") == "python"
    assert tool_of(None) == ""


@pytest.mark.parametrize(
    "line",
    [
        "dotenvx run --strict --env-file=.env.production -- ./deploy.sh",
        "teller run --reset -- ./deploy.sh",
        "sops exec-env secrets.yaml './deploy.sh --fast'",
        "env-cmd -f .env.production ./deploy.sh",
        "envdir /etc/acme ./deploy.sh",
        "with-contenv ./deploy.sh",
        "wait-for-it.sh db:5432 -t 60 -- ./deploy.sh",
        "chpst -u www -e /etc/acme ./deploy.sh",
    ],
)
def test_what_gives_secrets_and_variables_runs_what_stands_behind_it(line: str) -> None:
    names = [command.argv[0] for command in commands(line)]
    assert names[-1] == "./deploy.sh"
