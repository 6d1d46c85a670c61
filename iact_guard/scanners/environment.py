"""An environment of its own for a scanner whose requirements cannot live beside ours.

Made once from a hashed lock that ships in the package, in the user's cache folder, under a name
that depends on all that decides its content. It is built beside its place and renamed, so that
what stands there is always whole; it is never repaired.
"""

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import uuid
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from filelock import FileLock, Timeout

from iact_guard.cache.folders import OVERRIDE, cache_folder
from iact_guard.model.scan import ScannerName
from iact_guard.redact import Redactor
from iact_guard.scanners import pip_settings

STEP_TIMEOUT = 900
"""Seconds that one step of making an environment may take, and that another process may."""

Progress = Callable[[str], None]


class UnavailableError(Exception):
    """There is no environment, and none could be made: why, in a sentence."""


class _StepError(Exception):
    """A step of making an environment failed; its text is for the user."""


def lock_of(name: ScannerName) -> bytes:
    """The hashed requirement file that ships for a scanner."""
    return files("iact_guard.scanners").joinpath("locks", f"{name}.txt").read_bytes()


def pinned_version(name: ScannerName) -> str:
    """The version of the scanner that its lock pins."""
    start = f"{name}==".encode()
    lines = lock_of(name).splitlines()
    return next(line[len(start) :].split()[0].decode() for line in lines if line.startswith(start))


def python_version() -> str:
    """The version of the interpreter that every environment is made from: ours."""
    return platform.python_version()


def folder_of(name: ScannerName) -> Path:
    """Where the environment stands, or will; the name holds all that decides its content."""
    parts = (
        lock_of(name),
        sys.version.encode(),
        sysconfig.get_platform().encode(),
        "-".join(platform.libc_ver()).encode(),
        os.fsencode(_interpreter()),
    )
    digest = hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts))
    return cache_folder() / "environments" / f"{name}-{digest.hexdigest()[:24]}"


def find(name: ScannerName) -> Path | None:
    """The interpreter of the environment; None where it was not made yet."""
    python = _python_in(folder_of(name))
    return python if python.exists() else None


def ensure(name: ScannerName, *, offline: bool, progress: Progress) -> Path:
    """The interpreter of the environment, made if need be; UnavailableError with the reason."""
    if python := find(name):
        return python
    if offline:
        raise UnavailableError(
            f"not installed, and --offline makes no environment: run "
            f"`iact-guard scanners install {name}` once with a network"
        )
    return _make(name, progress)


def _make(name: ScannerName, progress: Progress) -> Path:
    target = folder_of(name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(f"{target}.lock", timeout=STEP_TIMEOUT):
            if python := find(name):  # another process made it meanwhile
                return python
            for stale in target.parent.glob(f"{target.name}.tmp-*"):
                _remove(stale)
            progress(f"{name} {pinned_version(name)}: making its environment, once")
            building = target.parent / f"{target.name}.tmp-{uuid.uuid4().hex}"
            try:
                _build(name, building, progress)
                building.rename(target)
            finally:
                _remove(building)
    except _StepError as error:
        raise UnavailableError(f"its environment could not be made: {error}") from None
    except Timeout:
        raise UnavailableError("another process has been making its environment too long") from None
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise UnavailableError(
            f"its environment could not be made in the cache folder: {why}; "
            f"{OVERRIDE} names another one"
        ) from None
    return _python_in(target)


def _build(name: ScannerName, building: Path, progress: Progress) -> None:
    """Fill a new folder: by uv in seconds, by pip in a minute where uv cannot."""
    lock = building.with_name(f"{building.name}.txt")
    lock.write_bytes(lock_of(name))
    try:
        try:
            _with_uv(building, lock)
        except _StepError as error:
            if "hash" in str(error).lower():  # pip must not get a second try at a wrong file
                raise
            progress(f"{name}: uv could not do it ({error}); trying pip, about a minute")
            _remove(building)
            _with_pip(building, lock)
    finally:
        lock.unlink(missing_ok=True)


def _with_uv(building: Path, lock: Path) -> None:
    uv = _uv()
    settings = pip_settings.read(building.parent)
    env = pip_settings.uv_environment(settings, cache_folder() / "uv")
    no_index = ["--no-index"] if settings.get("no-index", "").lower() in _TRUE else []
    python = _python_in(building)
    make = ["venv", "-q", "--no-project", "--relocatable", "--clear", "--python", _interpreter()]
    sync = ["pip", "sync", "-q", "--require-hashes", "--no-build", "--compile-bytecode"]
    _step([uv, *make, str(building)], env, building.parent)
    _step([uv, *sync, *no_index, "--python", str(python), str(lock)], env, building.parent)


def _with_pip(building: Path, lock: Path) -> None:
    own = importlib.util.find_spec("pip") is not None
    env = dict(os.environ) | {"PIP_CONSTRAINT": "", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    without = ["--without-pip"] if own else []
    _step([_interpreter(), "-I", "-m", "venv", *without, str(building)], env, building.parent)
    python = str(_python_in(building))
    pip = (
        [sys.executable, "-I", "-m", "pip", "--python", python]
        if own
        else [python, "-I", "-m", "pip"]
    )
    install = ["install", "-q", "--no-deps", "--only-binary=:all:", "--require-hashes", "--compile"]
    _step([*pip, *install, "-r", str(lock)], env, building.parent)


def _remove(path: Path) -> None:
    """Delete a file or a folder, even while its killed maker's children still write to it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _uv() -> str:
    try:
        import uv

        return str(uv.find_uv_bin())
    except (ImportError, FileNotFoundError):
        if found := shutil.which("uv"):
            return found
        raise _StepError("uv is not installed") from None


def _step(argv: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
    try:
        done = subprocess.run(
            argv,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=STEP_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _StepError(f"{Path(argv[0]).name} took more than {STEP_TIMEOUT} s") from None
    if done.returncode:
        raise _StepError(_reason(done.stderr.decode(errors="replace")))


def _reason(stderr: str) -> str:
    """What uv or pip says is wrong, on one line, without credentials of an index."""
    # uv draws a tree around its words.
    lines = [line.encode("ascii", "ignore").decode().strip() for line in stderr.splitlines()]
    telling = [line for line in lines if line and not line.startswith(("hint:", "[notice]"))]
    return Redactor().text("; ".join(telling)[:400]) or "it gave no reason"


def _interpreter() -> str:
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _python_in(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


_TRUE = frozenset({"1", "true", "yes", "on"})
