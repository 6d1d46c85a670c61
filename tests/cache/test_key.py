from importlib.metadata import version
from pathlib import Path

import pytest

from iact_guard.cache import key as keys
from iact_guard.cache.key import installed, program, version_of


@pytest.mark.parametrize("package", ["bandit", "click", "PyYAML", "pyyaml", "tree-sitter-hcl"])
def test_the_version_of_a_package_is_that_of_its_metadata(package: str) -> None:
    assert version_of(package) == version(package)


def test_the_packages_of_the_interpreter_are_named_with_their_versions() -> None:
    assert any(name.startswith(f"bandit-{version('bandit')}") for name in installed())


def test_a_changed_file_of_the_program_is_another_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_PACKAGE", tmp_path)
    file = tmp_path / "scanners/bandit.py"
    file.parent.mkdir()
    file.write_text("x = 1\n")
    seen = []
    for change in (
        lambda: None,
        lambda: file.write_text("x = 2\n"),
        lambda: file.rename(file.with_name("b.py")),
        lambda: (file.parent / "more.toml").write_text(""),
    ):
        change()
        program.cache_clear()
        seen.append(program("scanners"))
    assert len(set(seen)) == 4
    (file.parent / "__pycache__").mkdir()
    (file.parent / "__pycache__/b.pyc").write_bytes(b"x")
    program.cache_clear()
    assert program("scanners") == seen[-1]
    program.cache_clear()
