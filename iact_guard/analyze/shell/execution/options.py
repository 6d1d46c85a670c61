"""Options of the shell: `set`, `shopt`."""

from collections.abc import Sequence

from iact_guard.analyze.shell.execution.state import Env


def switch(env: Env, letters: str, name: str, *, on: bool) -> None:
    """`set -euo pipefail`: letters, and the name behind `o`."""
    if "e" in letters or name == "errexit":
        env.errexit = on
    if name == "pipefail":
        env.pipefail = on
    if "E" in letters or name == "errtrace":
        env.errtrace = on
    if name == "posix":
        env.posix = on


def shopt(env: Env, words: Sequence[str]) -> int:
    """`shopt -s name`; the status."""
    flags = {word for word in words if word.startswith("-")}
    names = [word for word in words if not word.startswith("-")]
    on, off = any("s" in flag for flag in flags), any("u" in flag for flag in flags)
    if not on and not off:
        return 0
    for name in names:
        if name == "inherit_errexit":
            env.inherit = on
        elif name == "lastpipe":
            env.lastpipe = on
        elif any("o" in flag for flag in flags):
            switch(env, "", name, on=on)
    return 0
