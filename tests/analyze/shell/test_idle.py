"""Scripts that only speak."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.idle import spoken_by
from iact_guard.project import Project
from iact_guard.tree import DictTree


def _speaks(script: str, shell: str = "bash") -> bool | None:
    body = "".join(f"            {line}\n" for line in script.splitlines())
    text = (
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
        f"      - shell: {shell}\n        run: |\n            :\n{body}"
    )
    project = Project(DictTree({".github/workflows/a.yml": text}))
    fact = spoken_by(Context(project), project.entities("step")[0])
    return None if fact.state != "known" else fact.value is not None


@pytest.mark.parametrize(
    "script",
    [
        "echo hello",
        "# nothing",
        "true; sleep 5; printf '%s' x",
        "set -euo pipefail\nX=1\necho $X $(date)",
        'if [ "$A" = b ]; then echo yes; else echo no; fi',
        "if [[ -f x ]]; then echo there; fi",
        "echo a > /dev/null; echo b >&2",
        "cat <<EOF\ntext\nEOF",
        "for i in 1 2; do echo $i; done; exit 0",
    ],
)
def test_only_speaks(script: str) -> None:
    """Printing, waiting, choosing what to print, ending well."""
    assert _speaks(script) is True


@pytest.mark.parametrize(
    "script",
    [
        "pytest",
        "echo x >> $GITHUB_OUTPUT",
        "echo x > file",
        "echo ::error::x",
        "echo x | tee file",
        "exit 1",
        "[ -f x ]",
        "[[ -f x ]]",
        "test -f x && echo y",
        "echo $(make test)",
        "f() { pytest; }\nf",
        "cat file",
        "if curl -f x; then echo up; fi",
    ],
)
def test_does_something(script: str) -> None:
    """Writing, failing, asking, running."""
    assert _speaks(script) is False


def test_another_shell_is_not_read() -> None:
    """What it does is unknown."""
    assert _speaks("Write-Host x", "pwsh") is None


_LINES = st.sampled_from(["echo a", "true", "# x", "sleep 1", "X=1", "printf b", ":", "set +e"])


@given(st.lists(_LINES, max_size=6), st.integers(0, 6))
@settings(max_examples=100, deadline=None)
def test_one_command_is_enough(lines: list[str], place: int) -> None:
    """Any mixture of what only speaks speaks; a single command anywhere does something."""
    assert _speaks("\n".join(lines)) is True
    assert _speaks("\n".join([*lines[:place], "make", *lines[place:]])) is False
