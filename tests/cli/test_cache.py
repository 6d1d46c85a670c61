"""The cache from the command line: the same bytes with it, without it and in spite of it."""

import shutil
from pathlib import Path

import pytest

from iact_guard.cache import upkeep
from tests.command import GOOD, UNPINNED, Run, iact_guard, write

CANARY = "c4nary-Zx81q7Lw0"
ON = {"IACT_GUARD_NO_CACHE": ""}
FORMATS = ("console", "json", "sarif", "markdown", "github", "junit")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    write(root, GOOD, UNPINNED)
    write(root, ".github/CODEOWNERS", "* @a/b\n")
    write(root, "app/settings.py", f'import os\nDB_PASSWORD = "{CANARY}"\nos.system(input())\n')
    return root


def check(root: Path, cache: Path, *arguments: str, environment: dict[str, str] = ON) -> Run:
    return iact_guard(
        "check", str(root), "--scanners", "bandit", "--cache-dir", str(cache), *arguments,
        environment=environment,
    )  # fmt: skip


def entries(cache: Path) -> list[bytes]:
    return [item.path.read_bytes() for item in upkeep.items(cache / "results")]


@pytest.mark.parametrize("format", FORMATS)
def test_a_hit_gives_the_same_bytes_as_a_miss(root: Path, tmp_path: Path, format: str) -> None:
    arguments = ("--format", format)
    without = check(root, tmp_path / "cache", "--no-cache", *arguments)
    assert not entries(tmp_path / "cache")
    miss = check(root, tmp_path / "cache", *arguments)
    assert entries(tmp_path / "cache")
    hit = check(root, tmp_path / "cache", *arguments)
    assert without == miss == hit


def test_no_value_of_the_tree_gets_into_the_cache(root: Path, tmp_path: Path) -> None:
    check(root, tmp_path / "cache")
    assert entries(tmp_path / "cache")
    assert not [content for content in entries(tmp_path / "cache") if CANARY.encode() in content]


def test_damaged_entries_are_a_warning_and_the_same_report(root: Path, tmp_path: Path) -> None:
    first = check(root, tmp_path / "cache")
    for item in upkeep.items(tmp_path / "cache/results"):
        item.path.write_bytes(b"\0\xff" * 40)
    again = check(root, tmp_path / "cache")
    assert (again.code, again.out) == (first.code, first.out)
    assert again.err.startswith("warning: cache: a damaged entry in ")


def test_a_file_in_the_place_of_the_folder_is_a_warning(root: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    run = check(root, tmp_path / "cache" / "below")
    assert run.code == 1
    assert "cannot be written: not a directory" in run.err
    assert run.out == check(root, tmp_path / "other").out


def test_a_folder_within_the_tree_is_not_used(root: Path) -> None:
    """A change to the tree could bring the answers along."""
    run = check(root, root / ".cache")
    assert "lies in the tree that is checked" in run.err
    assert not (root / ".cache").exists()


def test_the_environment_turns_it_off(root: Path, tmp_path: Path) -> None:
    check(root, tmp_path / "cache", environment={"IACT_GUARD_NO_CACHE": "1"})
    assert not (tmp_path / "cache").exists()


def test_show_and_clear(root: Path, tmp_path: Path) -> None:
    folder = ("--cache-dir", str(tmp_path / "cache"))
    assert "entries  0\n" in iact_guard("cache", "show", *folder).out
    check(root, tmp_path / "cache")
    count = len(entries(tmp_path / "cache"))
    shown = iact_guard("cache", "show", *folder).out
    assert f"folder   {tmp_path / 'cache/results'}\nentries  {count}\n" in shown
    (tmp_path / "cache/environments").mkdir()
    cleared = iact_guard("cache", "clear", *folder)
    assert cleared.out.startswith(f"{count} entr")
    assert not entries(tmp_path / "cache")
    assert (tmp_path / "cache/environments").exists()
    shutil.rmtree(tmp_path / "cache")
    assert iact_guard("cache", "clear", *folder).out == "0 entries deleted\n"
