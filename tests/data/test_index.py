"""The index says what tables and policies say, or nothing."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from iact_guard.data import index
from iact_guard.data.tables import read, table
from iact_guard.load.shipped import shipped
from iact_guard.model.errors import ConfigError

ROOT = Path(__file__).parents[2]
NAMES = sorted(file.stem for file in index.TABLES.glob("*.toml"))


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of this one, from which tables and policies are read, with an index."""
    for name in ("iact_guard", "policies", "scripts"):
        copytree(ROOT / name, tmp_path / name, ignore=ignore_patterns("__pycache__", "index.json"))
    script = str(tmp_path / "scripts/index.py")
    subprocess.run([sys.executable, "-I", script], check=True, timeout=60)
    monkeypatch.setattr(index, "PACKAGE", tmp_path / "iact_guard")
    monkeypatch.setattr(index, "TABLES", tmp_path / "iact_guard/data")
    monkeypatch.setattr(index, "FILE", tmp_path / "iact_guard/data/index.json")
    _forget()
    yield tmp_path
    _forget()


def _forget() -> None:
    for remembered in (index.indexed, index._index, table):
        remembered.cache_clear()


def test_it_holds_every_table_and_policy(checkout: Path) -> None:
    assert index.indexed("tables") == {name: read(name) for name in NAMES}
    from_index = shipped()
    index.FILE.unlink()
    _forget()
    assert index.indexed("policies") == {}
    assert shipped() == from_index


def _edit(folder: Path) -> None:
    file = folder / "iact_guard/data/gates.toml"
    file.write_text(file.read_text() + "# more\n")


def _touch(folder: Path) -> None:
    os.utime(folder / "iact_guard/data/waits.toml", ns=(0, 0))


def _add(folder: Path) -> None:
    (folder / "policies/secrets/SC999-new.yaml").write_text("id: SC999\n")


def _remove(folder: Path) -> None:
    next((folder / "policies/secrets").glob("*.yaml")).unlink()


@pytest.mark.parametrize("change", [_edit, _touch, _add, _remove])
def test_it_tells_nothing_once_a_source_has_changed(
    checkout: Path, change: Callable[[Path], None]
) -> None:
    change(checkout)
    assert index.indexed("tables") == index.indexed("policies") == {}


def test_a_new_policy_is_read_though_an_old_index_lacks_it(checkout: Path) -> None:
    _add(checkout)
    with pytest.raises(ConfigError, match=r"policies/secrets/SC999-new\.yaml: a policy needs"):
        shipped()


def test_one_of_a_wheel_holds_whatever_its_files_are_dated(checkout: Path) -> None:
    content = json.loads(index.FILE.read_text("utf-8"))
    index.FILE.write_text(json.dumps({**content, "sources": None}))
    _touch(checkout)
    assert index.indexed("tables") == content["tables"]
