"""The user's pip settings for uv, which reads none of them: mirrors, certificates, folders."""

import ast
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

# The first section that has a key wins.
_PRECEDENCE = (":env:", "install", "global")
_TIMEOUT = 60

# They weaken hashes, or aim the installation or the interpreter at something else.
_DROPPED = frozenset({
    "UV_NO_VERIFY_HASHES", "UV_CONSTRAINT", "UV_OVERRIDE", "UV_EXCLUDE", "UV_BUILD_CONSTRAINT",
    "UV_TARGET", "UV_PREFIX", "UV_SYSTEM_PYTHON", "UV_PYTHON", "UV_NO_BINARY", "UV_DRY_RUN",
    "UV_NO_DEPS", "UV_CONFIG_FILE", "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONHOME",
    "PYTHONSTARTUP", "PYTHONDONTWRITEBYTECODE", "PYTHONINSPECT",
})  # fmt: skip


def pip_command() -> list[str] | None:
    """How to run a pip of this interpreter, or of the one behind a virtual environment without."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-I", "-m", "pip"]
    base = getattr(sys, "_base_executable", None)
    return [base, "-I", "-m", "pip"] if base and base != sys.executable else None


def read(cwd: Path) -> dict[str, str]:
    """What `pip config list` says that an installation would use; empty without a pip."""
    command = pip_command()
    if command is None:
        return {}
    try:
        listed = subprocess.run(
            [*command, "config", "list"],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return parse(listed.stdout.decode(errors="replace").splitlines())


def parse(lines: Iterable[str]) -> dict[str, str]:
    """`section.key='value'` lines to the value that wins for each key."""
    found: dict[str, dict[str, str]] = {}
    for line in lines:
        name, _, literal = line.partition("=")
        section, _, key = name.strip().rpartition(".")
        try:
            value = ast.literal_eval(literal.strip())
        except (ValueError, SyntaxError):
            continue
        found.setdefault(section, {})[key] = str(value)
    merged: dict[str, str] = {}
    for section in reversed(_PRECEDENCE):
        merged |= found.get(section, {})
    return merged


def uv_environment(settings: Mapping[str, str], cache: Path) -> dict[str, str]:
    """The variables for uv: the user's own `UV_*` first, then what pip would use."""
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    translated = {name: value for name, value in _translated(settings) if value}
    defaults = {"UV_CACHE_DIR": str(cache)}
    if "cert" not in settings and "SSL_CERT_FILE" not in kept:
        defaults["UV_SYSTEM_CERTS"] = "1"
    forced = {
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_NO_CONFIG": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
    }
    return defaults | translated | kept | forced


def _translated(settings: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    words = {key: value.split() for key, value in settings.items()}
    yield "UV_DEFAULT_INDEX", settings.get("index-url", "")
    yield "UV_INDEX", " ".join(words.get("extra-index-url", ()))
    # A folder that is missing is fatal to uv, and nothing to pip.
    links = (link for link in words.get("find-links", ()) if "://" in link or Path(link).is_dir())
    yield "UV_FIND_LINKS", ",".join(links)
    yield "SSL_CERT_FILE", settings.get("cert", "")
    yield "UV_INSECURE_HOST", " ".join(words.get("trusted-host", ()))
    yield "UV_HTTP_TIMEOUT", settings.get("timeout", settings.get("default-timeout", ""))
