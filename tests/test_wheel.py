"""The built wheel, installed where the checkout is not."""

import ast
import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from iact_guard.load.policy import first_document
from iact_guard.load.shipped import sources
from tests.command import GOOD, UNPINNED, write

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without a network, from the checkout."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "uv", "build", "--wheel", "--no-build-isolation", "--offline"]
    subprocess.run([*command, "-q", "-o", str(out)], cwd=ROOT, check=True, timeout=120)
    return next(out.glob("*.whl"))


def test_it_holds_what_is_read_at_run_time(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    policies = [n for n in names if n.startswith("iact_guard/policies/")]
    assert len(policies) == len(list((ROOT / "policies").rglob("*.yaml")))
    for pattern in (r"data/.*\.toml", r"scanners/locks/checkov\.txt", r"py\.typed"):
        assert any(re.fullmatch(f"iact_guard/{pattern}", name) for name in names), pattern
    assert not [name for name in names if name.startswith(("tests/", "fixtures/"))]


def test_its_index_holds_what_its_tables_and_policies_say(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        index = json.loads(archive.read("iact_guard/data/index.json"))
    tables = (ROOT / "iact_guard/data").glob("*.toml")
    assert index == {
        "sources": None,
        "tables": {file.stem: tomllib.loads(file.read_text("utf-8")) for file in tables},
        "policies": {path: first_document(path, text) for path, text in sources()},
    }


def test_it_runs_in_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    uv = [sys.executable, "-m", "uv"]
    quiet = ["-q", "--offline"]
    make = [*uv, "venv", *quiet, "--python", sys.executable, str(environment)]
    subprocess.run(make, check=True)
    python = environment / "bin/python"
    install = [*uv, "pip", "install", *quiet, "--no-deps", "--python", str(python), str(wheel)]
    subprocess.run(install, check=True)
    # The dependencies come from here; of this checkout nothing does.
    purelib = next((environment / "lib").glob("python*/site-packages"))
    (purelib / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    root = tmp_path / "repository"
    write(root, GOOD, UNPINNED)
    command = environment / "bin/iact-guard"
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command, *arguments], cwd=root, env=clean, capture_output=True, text=True, timeout=120
        )

    where = subprocess.run(
        [python, "-I", "-c", "import iact_guard; print(iact_guard.__file__)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(environment))
    done = run("check", "--scanners", "bandit")
    assert done.returncode == 1, done.stderr
    assert "WF001" in done.stdout
    assert "This fails" in run("explain", "WF001").stdout
    assert run("scanners", "list").returncode == 0


def test_every_import_is_a_declared_dependency() -> None:
    modules = {"yaml": "pyyaml", "hcl2": "python-hcl2", "google": "protobuf"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[<>=]", item)[0].lower() for item in project["dependencies"]}
    used: set[str] = set()
    for file in (ROOT / "iact_guard").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                used |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                used.add(node.module.split(".")[0])
    foreign = used - set(sys.stdlib_module_names) - {"iact_guard"}
    assert {modules.get(name, name.replace("_", "-")) for name in foreign} <= declared
