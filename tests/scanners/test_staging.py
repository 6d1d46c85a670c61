"""The private copy: what is in it, what is not, and which names it gives."""

import os
import stat
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.scanners.staging import staged
from iact_guard.tree import DictTree, DiskTree


def test_files_are_copied_with_their_names_and_the_copy_is_removed() -> None:
    tree = DictTree({"infra/main.tf": "a", ".github/workflows/ci.yml": "b"})
    with staged(tree, tree.listing().files) as copy:
        assert copy.originals == {path: path for path in tree.listing().files}
        assert (copy.folder / "infra/main.tf").read_bytes() == b"a"
        assert stat.S_IMODE(copy.folder.parent.stat().st_mode) == 0o700
    assert not copy.folder.exists()
    assert not copy.folder.parent.exists()


def test_configuration_of_tools_is_left_out_in_any_folder_and_any_case() -> None:
    names = [
        *(".checkov.yaml", "a/.checkov.yml", ".bandit", "a/.safety-policy.yml", "setup.cfg"),
        *(".safety-project.ini", "b/.coveragerc", "pyproject.toml", "B/.CHECKOV.YAML"),
    ]
    with staged(DictTree(dict.fromkeys(names, "x")), names) as copy:
        assert copy.originals == {}
        assert list(copy.folder.iterdir()) == []


def test_a_file_that_cannot_be_read_is_skipped_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "big.py").write_bytes(b"#" * (4 * 1024 * 1024 + 1))
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "ok.py").write_text("x = 1")
    with staged(DiskTree(tmp_path), ["big.py", "ok.py", "pipe.py", "gone.py"]) as copy:
        assert copy.originals == {"ok.py": "ok.py"}
        reasons = {item.path: item.reason for item in copy.skipped}
    assert "over the limit" in reasons["big.py"]
    assert reasons["pipe.py"] == "not a regular file"
    assert "no such file" in reasons["gone.py"]


def test_names_that_differ_in_case_alone_are_kept_apart() -> None:
    with staged(DictTree({"A/x.tf": "1", "a/x.tf": "2"}), ["A/x.tf", "a/x.tf"]) as copy:
        assert len({name.casefold() for name in copy.originals}) == 2
        contents = {copy.originals[n]: (copy.folder / n).read_bytes() for n in copy.originals}
    assert contents == {"A/x.tf": b"1", "a/x.tf": b"2"}


def test_a_very_deep_path_is_skipped_not_a_crash() -> None:
    path = "/".join(["d"] * 3000) + "/x.py"
    with staged(DictTree({path: "x"}), [path]) as copy:
        assert [item.path for item in copy.skipped] == [path]


_NAME = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=60).filter(
    lambda name: name not in {".", ".."}
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(_NAME, min_size=1, max_size=3).map("/".join), unique=True, max_size=6))
def test_every_name_is_safe_and_leads_back_to_its_file(paths: list[str]) -> None:
    # A path cannot be a file and a folder at once.
    paths = [p for p in paths if not any(other.startswith(f"{p}/") for other in paths)]
    with staged(
        DictTree({path: path.encode("utf-8", "surrogatepass") for path in paths}), paths
    ) as copy:
        for name, original in copy.originals.items():
            assert (copy.folder / name).read_bytes() == original.encode("utf-8", "surrogatepass")
            assert name.isascii()
            assert name.isprintable()
            assert not any(part.startswith(("-", " ")) for part in name.split("/"))
            assert (copy.folder / name).resolve().is_relative_to(copy.folder)


def test_a_replaced_name_keeps_what_tells_a_tool_its_kind() -> None:
    with staged(DictTree({"-o\n.tf": "", "Dockerfile.ñ": ""}), ["-o\n.tf", "Dockerfile.ñ"]) as copy:
        kinds = sorted(copy.originals)
    assert kinds[0].startswith("Dockerfile.x")
    assert kinds[1].endswith(".tf")
