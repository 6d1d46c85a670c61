"""A git repository of a test's own, with commits."""

import subprocess
from pathlib import Path

from tests.command import write


class Checkout:
    """A repository below a folder; nothing of the machine's configuration reaches it."""

    def __init__(self, root: Path, branch: str = "main") -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", branch, ".")

    def git(self, *arguments: str) -> str:
        """Standard output of git, without the last line end."""
        done = subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@b.c", *arguments],
            cwd=self.root,
            check=True,
            capture_output=True,
            env={
                "PATH": "/usr/bin:/bin:/usr/local/bin",
                "HOME": "/nonexistent",
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_ALLOW_PROTOCOL": "file",
            },
        )
        return done.stdout.decode().removesuffix("\n")

    def write(self, path: str, text: str) -> None:
        """A file, not yet committed."""
        write(self.root, path, text)

    def commit(self, message: str = "a change") -> str:
        """Everything that is there; the commit."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")
