"""Bad input ends in a message with the file, within bounds, and costs nothing else."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.command import GOOD, UNPINNED, check, still_judged, write

WORKFLOW = ".github/workflows/bad.yml"
MIGRATION = "shop/migrations/0001_initial.py"
JOBS = "on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{run: y}]\n"

TEXTS = [
    pytest.param(WORKFLOW, "on: [push\njobs: {}\n", "not YAML", id="broken yaml"),
    pytest.param("main.tf", 'resource "a" "b" {\n  x = \n', "", id="broken hcl"),
    pytest.param(MIGRATION, "class Migration(:\n", "Python", id="broken python"),
    pytest.param(WORKFLOW, b"on: push\n\x00\x01", "binary", id="binary yaml"),
    pytest.param("main.tf", bytes(range(256)), "", id="binary hcl"),
    pytest.param(MIGRATION, b"\x7fELF\x00", "", id="binary python"),
    pytest.param(WORKFLOW, "on: pùsh\n".encode("latin-1"), "not UTF-8", id="latin yaml"),
    pytest.param("main.tf", 'x = "é"\n'.encode("latin-1"), "not UTF-8", id="latin hcl"),
    pytest.param(MIGRATION, 'x = "é"\n'.encode("latin-1"), "not UTF-8", id="latin python"),
    pytest.param(WORKFLOW, "[" * 40_000, "nested", id="brackets yaml"),
    pytest.param("main.tf", "x = " + "[" * 40_000, "", id="brackets hcl"),
    pytest.param("main.tf", "x = " + "[" * 40_000 + "]" * 40_000, "", id="closed brackets hcl"),
    pytest.param("main.tf", "a {" * 40_000, "", id="blocks hcl"),
    pytest.param(MIGRATION, "x = " + "[" * 40_000, "", id="brackets python"),
    pytest.param(MIGRATION, "x = " + "-" * 400_000 + "1", "", id="signs python"),
    pytest.param(WORKFLOW, JOBS + "jobs: {}\n", "is there already", id="duplicate key"),
    pytest.param(WORKFLOW, JOBS + "---\na: 1\n", "second YAML document", id="two documents"),
    pytest.param(WORKFLOW, JOBS + "    <<: {a: b}\n", "merge key", id="merge key"),
    pytest.param(WORKFLOW, JOBS + "    if: !cancelled()\n", "tag", id="tag"),
    pytest.param(WORKFLOW, JOBS + "    needs: a\n", "cycle", id="cycle"),
    pytest.param(WORKFLOW, "", "empty", id="empty workflow"),
    pytest.param(WORKFLOW, "!!python/object/apply:os.system ['x']", "", id="python tag"),
    pytest.param("action.yml", "runs: [", "not YAML", id="broken action"),
    pytest.param("settings.py", "x = (\n", "Python", id="any broken python"),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one sound file in it."""
    write(tmp_path, GOOD, UNPINNED)
    return tmp_path


@pytest.mark.parametrize(("path", "content", "reason"), TEXTS)
def test_a_bad_file_is_named_and_the_others_judged(
    root: Path, path: str, content: str | bytes, reason: str
) -> None:
    write(root, path, content)
    run = check(root)
    assert run.code == 2, run.err
    assert reason in run.message(path)
    assert still_judged(run)


HUGE = [
    pytest.param(WORKFLOW, b"# x\n" * 13_000_000, id="yaml"),
    pytest.param("main.tf", b"# x\n" * 13_000_000, id="hcl"),
    pytest.param(MIGRATION, b"# x\n" * 13_000_000, id="python"),
    pytest.param("requirements.txt", b"# x\n" * 13_000_000, id="requirements"),
    pytest.param(".github/CODEOWNERS", b"# x\n" * 13_000_000, id="owners"),
]


@pytest.mark.parametrize(("path", "content"), HUGE)
def test_fifty_megabytes_are_over_the_limit(root: Path, path: str, content: bytes) -> None:
    write(root, path, content)
    run = check(root, seconds=20)
    assert run.code == 2
    assert "limit" in run.message(path)
    assert still_judged(run)


DENSE = [
    pytest.param(WORKFLOW, b"a: [" + b"1," * 1_900_000 + b"]", id="yaml"),
    pytest.param("main.tf", b"x = [" + b"1," * 1_900_000 + b"]", id="hcl"),
    pytest.param("data.py", b"x = [" + b"1," * 1_900_000 + b"]", id="python"),
    pytest.param("shop/migrations/0002_a.py", b"x = [" + b"1," * 1_900_000 + b"]", id="migration"),
]


@pytest.mark.parametrize(("path", "content"), DENSE)
def test_the_densest_file_below_the_limit_stays_within_bounds(
    root: Path, path: str, content: bytes
) -> None:
    write(root, path, content)
    run = check(root, seconds=20)
    assert run.code in (1, 2), run.err
    assert still_judged(run)


SLOW = [
    pytest.param("requirements.txt", "a" + " " * 1_000_000 + "==1\n", id="blanks"),
    pytest.param("requirements.txt", "a[,,,]\n" * 20_000, id="unreadable lines"),
    pytest.param(".github/CODEOWNERS", "/a/*/b @x\n" * 100_000, id="owners"),
    pytest.param(".env", "".join(f"A{n}_TOKEN=x{n}k9Zq3\n" for n in range(20_000)), id="secrets"),
    pytest.param("main.tf", "a = b.c\n" * 50_000, id="attributes"),
]


@pytest.mark.parametrize(("path", "content"), SLOW)
def test_long_files_take_no_quadratic_time(root: Path, path: str, content: str) -> None:
    write(root, path, content)
    run = check(root, seconds=20)
    assert run.code in (1, 2), run.err
    assert len(run.report["findings"]) < 21_000
    assert still_judged(run)


def test_a_fifo_that_git_would_open_does_not_hang(root: Path) -> None:
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    os.mkfifo(root / ".gitignore")
    run = check(root, seconds=15)
    assert "IG001" in run.rules(".gitignore")
    assert still_judged(run)


def test_what_calls_itself_a_repository_hides_no_tracked_file(root: Path) -> None:
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    (root / ".github/workflows/.git").mkdir()
    run = check(root)
    assert still_judged(run)
    assert run.report["summary"]["nested"] == [".github/workflows"]


def test_an_alias_bomb(root: Path) -> None:
    lines = ["a0: &a0 {k: v}"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    write(root, WORKFLOW, JOBS + "    env: *a29\n" + "\n".join(lines) + "\n")
    write(root, ".github/workflows/b.yml", "\n".join(lines) + "\n" + JOBS + "    env: *a29\n")
    run = check(root)
    assert run.code == 2
    assert still_judged(run)
    assert check(root, command="model").code == 2


def test_byte_order_marks_and_windows_line_ends_are_fine(root: Path) -> None:
    for number, end in enumerate(("\n", "\r\n", "\r")):
        text = "\ufeff" + UNPINNED.replace("\n", end).replace("acme", f"acme{number}")
        write(root, f".github/workflows/w{number}.yml", text)
    run = check(root)
    assert run.code == 1
    places = {(f["path"], f["line"], f["column"]) for f in run.report["findings"]}
    for number in range(3):
        assert (f".github/workflows/w{number}.yml", 7, 15) in places


def test_links_special_files_and_loops(root: Path) -> None:
    outside = root.parent / f"{root.name}-outside"
    outside.mkdir()
    write(outside, "secret.tf", 'password = "outside-canary-91"\n')
    (root / "leaves.tf").symlink_to(outside / "secret.tf")
    (root / "folder").symlink_to(outside)
    (root / ".github/workflows/loop.yml").symlink_to("loop.yml")
    (root / "self").symlink_to(".")
    (root / "gone.tf").symlink_to("nowhere.tf")
    os.mkfifo(root / ".github/workflows/pipe.yml")
    server = socket.socket(socket.AF_UNIX)
    os.chdir(root)
    server.bind("socket.tf")
    server.close()
    run = check(root)
    assert run.code == 2
    for path in (
        "leaves.tf", "folder", ".github/workflows/loop.yml", "gone.tf",
        ".github/workflows/pipe.yml", "socket.tf",
    ):  # fmt: skip
        assert "IG001" in run.rules(path), path
    assert run.rules("self") == set()
    assert "outside-canary-91" not in run.out
    assert still_judged(run)


@pytest.mark.parametrize("git", [False, True])
def test_special_files_are_named_in_a_checkout_too(root: Path, git: bool) -> None:
    if git:
        subprocess.run(["git", "init", "-q", str(root)], check=True)
    os.mkfifo(root / "pipe.tf")
    run = check(root)
    assert "IG001" in run.rules("pipe.tf")


def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    write(tmp_path, GOOD, UNPINNED)
    write(tmp_path, "secret.tf", "a = 1\n").chmod(0)
    write(tmp_path, "closed/a.tf", "a = 1\n").parent.chmod(0)
    run = check(tmp_path, drop_privileges=True)
    (tmp_path / "closed").chmod(0o755)
    assert run.code == 2, run.err
    assert "permission denied" in run.message("secret.tf")
    assert "cannot be listed" in run.message("closed/")
    assert still_judged(run)


def test_odd_names(root: Path) -> None:
    names = [
        "with space.yml", 'quo"te\'s.yml', "ünï-日本.yml", "-dash.yml", "new\nline.yml",
        "::error::x.yml", "%0A%25.yml", "esc\x1b[31m.yml", "$(touch x).yml", "{{ x }}.yml",
    ]  # fmt: skip
    for name in names:
        write(root, f".github/workflows/{name}", UNPINNED)
    raw = os.fsencode(root / ".github/workflows") + b"/latin\xe9.yml"
    Path(os.fsdecode(raw)).write_text("on: [\n")
    for git in (False, True):
        if git:
            subprocess.run(["git", "init", "-q", str(root)], check=True)
        run = check(root)
        assert run.code == 2
        (finding,) = [f for f in run.report["findings"] if f["rule"] == "WF001"]
        assert len({finding["path"], *(p["path"] for p in finding["places"])}) == len(names) + 1
        console = check(root, "--format", "console")
        assert not any(ord(c) < 32 and c != "\n" for c in console.out)
        assert not any(line.lstrip().startswith("::") for line in console.out.splitlines())
        assert check(root, "--format", "sarif").code == 2


def test_hostile_texts(root: Path) -> None:
    texts = "\\u001b[31m", "\\n::error::x", "\\u009b", "\\u007f", "##[error]x"
    steps = "".join(f'      - uses: "a/b@{text}"\n' for text in texts)
    write(root, WORKFLOW, UNPINNED + steps)
    for format in ("console", "json", "sarif"):
        run = check(root, "--format", format)
        assert run.code == 1
        assert not any(c in run.out for c in "\x1b\x9b\x7f")
        assert not any(line.lstrip().startswith("::") for line in run.out.splitlines())


def test_paths_and_keys_start_no_command(root: Path) -> None:
    write(root, "::error::x/a.tf", "x = [\n")
    write(root, "##[error]y/b.tf", "x = [\n")
    write(root, ".iact-guard.yaml", '"\\x1b[31m\\n::error::key": 1\n')
    broken = check(root, "--format", "console")
    (root / ".iact-guard.yaml").unlink()
    for run in (check(root, "--format", "console"), broken):
        assert run.code == 2
        for line in (run.out + run.err).splitlines():
            assert not line.lstrip().startswith("::"), line
            assert "##[" not in line
            assert "\x1b" not in line


def test_no_git_on_the_path(root: Path) -> None:
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    run = check(root, environment={"PATH": "/nowhere"})
    assert run.code == 1
    assert still_judged(run)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a checkout away")
def test_a_checkout_of_somebody_else(root: Path) -> None:
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    shutil.chown(root, 12345, 12345)
    shutil.chown(root / ".git", 12345, 12345)
    run = check(root, environment={"HOME": "/nowhere"})
    assert run.code == 2
    assert "belongs to another user" in run.message(".git")
    assert "safe.directory" in run.message(".git")
    assert still_judged(run)


def test_empty_and_missing_roots(tmp_path: Path) -> None:
    assert check(tmp_path).code == 3
    write(tmp_path, "README.md", "# x\n")
    write(tmp_path, "a.py", "x = 1\n")
    run = check(tmp_path)
    assert (run.code, run.report["findings"]) == (3, [])
    missing = check(tmp_path / "nowhere")
    assert missing.code == 2
    assert "nowhere" in missing.err


def test_nothing_of_the_repository_runs_and_nothing_is_written(root: Path) -> None:
    trap = f"open({str(root.parent / 'sprung')!r}, 'w').write('x')\n"
    for name in ("yaml", "click", "pydantic", "tree_sitter", "json", "sitecustomize", "bandit"):
        write(root, f"{name}.py", trap)
    write(root, ".checkov.yaml", "external-checks-dir: [.]\n")
    write(root, "conftest.py", trap)
    before = sorted(root.rglob("*"))
    assert check(root).code == 1
    assert not (root.parent / "sprung").exists()
    assert sorted(root.rglob("*")) == before
