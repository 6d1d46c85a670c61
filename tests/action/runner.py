"""Plays the steps of `action.yml` as a runner does: expressions, outputs, real bash.

Actions of others are only noted down, with the outputs that they would give. Python is a stand-in:
it makes an environment with this checkout's iact-guard, and a pip that notes its arguments.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from iact_guard.syntax.expression import Unknown, evaluate, parse, parts, to_text, truth

ROOT = Path(__file__).parent.parent.parent

_PYTHON = """\
#!/bin/sh
if [ "$2" = -V ]; then echo "Python 3.13.0"; exit 0; fi
if [ "$2 $3" != "-m venv" ]; then echo "unexpected: $*" >&2; exit 1; fi
mkdir -p "$4/bin"
printf '#!/bin/sh\\nprintf "%%s\\\\n" "$*" >>"{log}"\\n' >"$4/bin/python"
printf '#!/bin/sh\\nexec "{python}" -I -m iact_guard "$@"\\n' >"$4/bin/iact-guard"
chmod +x "$4/bin/python" "$4/bin/iact-guard"
"""


@dataclass
class Played:
    """What a run of the action left behind."""

    conclusion: str = "success"
    outputs: dict[str, str] = field(default_factory=dict)
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    """Actions of others, by name, with their inputs."""
    skipped: list[str] = field(default_factory=list)
    log: str = ""
    summary: str = ""
    pip: list[str] = field(default_factory=list)


def document() -> dict[str, Any]:
    """`action.yml`."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    return loaded


class Runner:
    """One job on one machine: a checkout, an event, and inputs."""

    def __init__(
        self,
        checkout: Path,
        temp: Path,
        event_name: str,
        event: dict[str, Any],
        inputs: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.checkout, self.temp = checkout, temp
        self.event_name, self.event = event_name, event
        self.document = document()
        given = {name: spec.get("default", "") for name, spec in self.document["inputs"].items()}
        self.inputs = {**given, **(inputs or {})}
        self.environment = dict(environment or {})
        self.played = Played()
        self.steps: dict[str, Any] = {}
        temp.mkdir(parents=True, exist_ok=True)

    def play(self) -> Played:
        """Every step in order; a failed one skips those that do not ask for more."""
        self._machine()
        for step in self.document["runs"]["steps"]:
            self._step(step)
        for name, spec in self.document["outputs"].items():
            self.played.outputs[name] = self._text(spec["value"])
        pip = self.temp / "pip.log"
        self.played.pip = pip.read_text().splitlines() if pip.exists() else []
        return self.played

    def _machine(self) -> None:
        python = self.temp / "python"
        text = _PYTHON.replace("{log}", str(self.temp / "pip.log"))
        python.write_text(text.replace("{python}", sys.executable))
        python.chmod(0o755)
        (self.temp / "event.json").write_text(json.dumps(self.event))

    def _contexts(self) -> dict[str, Any]:
        failed = self.played.conclusion == "failure"
        return {
            "inputs": {name: self._input(value) for name, value in self.inputs.items()},
            "github": {
                "event": self.event,
                "event_name": self.event_name,
                "repository": "acme/shop",
                "token": "the-token",
            },
            "steps": self.steps,
            "success()": not failed,
            "failure()": failed,
            "cancelled()": False,
        }

    def _input(self, value: str) -> str:
        return "the-token" if value == "${{ github.token }}" else value

    def _value(self, expression: str) -> Any:
        found = evaluate(parse(expression), self._contexts())
        assert not isinstance(found, Unknown), expression
        return found

    def _text(self, template: str) -> str:
        return "".join(
            to_text(self._value(part.text)) if part.is_expression else part.text
            for part in parts(template)
        )

    def _step(self, step: dict[str, Any]) -> None:
        condition = str(step.get("if", "success()"))
        if "always()" not in condition:
            condition = f"success() && ({condition})"
        if not truth(self._value(condition)):
            self.played.skipped.append(step["name"])
            self.steps[step.get("id", "")] = {"outputs": {}}
            return
        if "uses" in step:
            name = step["uses"].split("@")[0]
            self.played.used[name] = {k: self._text(str(v)) for k, v in step["with"].items()}
            self.steps[step.get("id", "")] = {"outputs": {"python-path": str(self.temp / "python")}}
            return
        self._bash(step)

    def _bash(self, step: dict[str, Any]) -> None:
        script, output = self.temp / "step.sh", self.temp / "output"
        script.write_text(step["run"])
        output.write_text("")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.checkout,
            env=self._environment(step, output),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        self.played.log += done.stdout + done.stderr
        lines = [line.partition("=") for line in output.read_text().splitlines()]
        outputs = {name: value for name, equals, value in lines if equals}
        self.steps[step.get("id", "")] = {"outputs": outputs}
        if done.returncode:
            self.played.conclusion = "failure"
        summary = self.temp / "summary"
        self.played.summary = summary.read_text() if summary.exists() else ""

    def _environment(self, step: dict[str, Any], output: Path) -> dict[str, str]:
        kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        own = {name: self._text(str(value)) for name, value in step.get("env", {}).items()}
        return {
            **kept,
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_WORKSPACE": str(self.checkout),
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_EVENT_NAME": self.event_name,
            "GITHUB_EVENT_PATH": str(self.temp / "event.json"),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary"),
            **self.environment,
            **own,
        }


def bash_scripts() -> dict[str, str]:
    """The scripts of the action, by the step's name."""
    return {s["name"]: s["run"] for s in document()["runs"]["steps"] if "run" in s}


def installed(program: str) -> bool:
    """Whether a program of the developer's is on this machine."""
    return shutil.which(program) is not None
