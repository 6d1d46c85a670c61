"""Environments of scanners: made once, whole or not at all, from hashes alone."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from iact_guard.cache.folders import cache_folder
from iact_guard.model.scan import ScannerName
from iact_guard.scanners import environment, pip_settings
from iact_guard.scanners.request import silent

# One package of the real lock: an environment in a second, made by the very same steps.
_MAKE = """
import sys
from pathlib import Path
from iact_guard.scanners import environment
environment.lock_of = lambda name: Path(sys.argv[1]).read_bytes()
print(environment.ensure("safety", offline=False, progress=lambda text: print(text, flush=True)))
"""


def section(name: ScannerName) -> bytes:
    lock = environment.lock_of(name).decode()
    match = re.search(rf"^{name}==(?:.*\\\n)+.*\n", lock, re.MULTILINE)
    assert match
    return match.group().encode()


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small lock and a cache of its own; downloads stay in the usual place."""
    downloads = os.environ.get("UV_CACHE_DIR", str(cache_folder() / "uv"))
    path = tmp_path / "lock.txt"
    path.write_bytes(section("safety"))
    monkeypatch.setenv("UV_CACHE_DIR", downloads)
    monkeypatch.setenv("IACT_GUARD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(environment, "lock_of", lambda _: path.read_bytes())
    return path


def start(lock: Path) -> subprocess.Popen[str]:
    argv = [sys.executable, "-I", "-c", _MAKE, str(lock)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


def contents(python: Path) -> set[str]:
    root = python.parents[1]
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def importable(python: Path) -> bool:
    code = "import importlib.util as u; raise SystemExit(u.find_spec('safety') is None)"
    return subprocess.run([str(python), "-I", "-c", code], check=False).returncode == 0


def environments(lock: Path) -> list[str]:
    found = (lock.parent / "cache/environments").iterdir()
    return sorted(path.name for path in found if path.suffix != ".lock")


def test_three_at_once_make_one(lock: Path) -> None:
    running = [start(lock) for _ in range(3)]
    outputs = [process.communicate(timeout=120)[0].splitlines() for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len({lines[-1] for lines in outputs}) == 1
    assert sum("making its environment" in line for lines in outputs for line in lines) == 1
    assert len(environments(lock)) == 1
    assert importable(Path(outputs[0][-1]))


def test_a_maker_that_was_killed_leaves_nothing_that_is_taken_for_whole(
    lock: Path, tmp_path: Path
) -> None:
    process = start(lock)
    folder = tmp_path / "cache/environments"
    deadline = time.monotonic() + 60
    while not list(folder.glob("*.tmp-*/bin")) and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert environment.find("safety") is None
    python = environment.ensure("safety", offline=False, progress=silent)
    assert importable(python)
    first = contents(python)
    python.parents[1].rename(tmp_path / "kept")
    assert contents(environment.ensure("safety", offline=False, progress=silent)) == first


def test_a_wrong_hash_is_refused_by_both_and_nothing_stays(lock: Path) -> None:
    digits = re.compile(rb"sha256:[0-9a-f]{8}")
    lock.write_bytes(digits.sub(b"sha256:00000000", lock.read_bytes()))
    told: list[str] = []
    with pytest.raises(environment.UnavailableError, match=r"(?i)hash"):
        environment.ensure("safety", offline=False, progress=told.append)
    assert not any("pip" in line for line in told)
    assert environments(lock) == []
    building = environment.folder_of("safety")
    with pytest.raises(environment._StepError, match=r"(?i)hash"):
        environment._with_pip(building, lock)


def test_pip_does_it_where_uv_cannot(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> str:
        raise environment._StepError("uv is not installed")

    monkeypatch.setattr(environment, "_uv", absent)
    told: list[str] = []
    python = environment.ensure("safety", offline=False, progress=told.append)
    assert importable(python)
    assert any("trying pip" in line for line in told)
    assert [name for name in contents(python) if name.endswith("safety/__pycache__")]


def test_bytecode_is_compiled(lock: Path) -> None:
    python = environment.ensure("safety", offline=False, progress=silent)
    assert [name for name in contents(python) if name.endswith("safety/__pycache__")]


def test_the_name_depends_on_the_lock(lock: Path) -> None:
    before = environment.folder_of("safety")
    lock.write_bytes(lock.read_bytes() + b"# changed\n")
    assert environment.folder_of("safety") != before


def test_a_cache_that_cannot_be_written_says_which_variable_helps(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IACT_GUARD_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(environment.UnavailableError, match="IACT_GUARD_CACHE_DIR"):
        environment.ensure("safety", offline=False, progress=silent)


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("IACT_GUARD_CACHE_DIR", raising=False)
    assert cache_folder() == tmp_path / ".cache/iact-guard"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # the specification says: ignore it
    assert cache_folder() == tmp_path / ".cache/iact-guard"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert cache_folder() == tmp_path / "x/iact-guard"
    monkeypatch.setenv("IACT_GUARD_CACHE_DIR", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
    monkeypatch.delenv("IACT_GUARD_CACHE_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_folder() == tmp_path / "Library/Caches/iact-guard"


@pytest.mark.parametrize(("name", "version"), [("checkov", "3.3.30"), ("safety", "3.7.0")])
def test_locks_pin_every_package_by_hash_and_hold_no_url(name: ScannerName, version: str) -> None:
    lock = environment.lock_of(name).decode()
    assert "://" not in lock
    assert environment.pinned_version(name) == version
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert len(entries) > 40
    for entry in entries:
        assert re.match(r"[a-z0-9][a-z0-9._-]*==\S+", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry
    wanted = Path(environment.__file__).parent / "locks" / f"{name}.in"
    assert wanted.read_text() == f"{name}=={version}\n"


def test_pip_settings_are_read_with_their_precedence() -> None:
    lines = [
        "global.index-url='https://global.example/simple'",
        "install.index-url='https://install.example/simple'",
        ":env:.index-url='https://env.example/simple'",
        "global.find-links='/a /b'",
        "user.unknown='x'",
        "global.broken=nonsense(",
        ":env:.default-timeout='180'",
    ]
    assert pip_settings.parse(lines) == {
        "index-url": "https://env.example/simple",
        "find-links": "/a /b",
        "default-timeout": "180",
    }


def test_pip_settings_become_uv_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith(("UV_", "SSL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("UV_NO_VERIFY_HASHES", "1")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    settings = {
        "index-url": "https://mirror.example/simple",
        "extra-index-url": "https://a.example/simple\nhttps://b.example/simple",
        "find-links": f"{tmp_path} {tmp_path}/missing https://wheels.example",
        "cert": "/etc/ca.pem",
        "trusted-host": "a.example b.example",
        "timeout": "60",
    }
    env = pip_settings.uv_environment(settings, tmp_path / "uv")
    assert env["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert env["UV_INDEX"] == "https://a.example/simple https://b.example/simple"
    assert env["UV_FIND_LINKS"] == f"{tmp_path},https://wheels.example"
    assert env["SSL_CERT_FILE"] == "/etc/ca.pem"
    assert env["UV_INSECURE_HOST"] == "a.example b.example"
    assert env["UV_HTTP_TIMEOUT"] == "60"
    assert env["UV_CACHE_DIR"] == str(tmp_path / "uv")
    assert env["UV_NO_CONFIG"] == "1"
    assert env["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert env["UV_PYTHON_DOWNLOADS"] == "never"
    assert "UV_SYSTEM_CERTS" not in env
    assert not {"UV_NO_VERIFY_HASHES", "PYTHONPATH"} & env.keys()


def test_the_users_own_uv_variables_win(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://own.example/simple")
    env = pip_settings.uv_environment({"index-url": "https://pip.example"}, tmp_path)
    assert env["UV_DEFAULT_INDEX"] == "https://own.example/simple"
    assert env["UV_SYSTEM_CERTS"] == "1"


def test_a_reason_is_one_line_without_credentials() -> None:
    reason = environment._reason(
        "  * No solution\n\u2570\u2500 https://user:hush@mirror.example failed\n"
    )
    assert "hush" not in reason
    assert "No solution" in reason
    assert "\n" not in reason
