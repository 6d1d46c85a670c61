"""The advisory database: where it comes from, what is refused, what it says of itself."""

import datetime
import http.server
import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iact_guard import forge
from iact_guard.model.errors import AdvisoryError, ForgeError
from iact_guard.scanners import advisories

RECORD: dict[str, Any] = {
    "id": "PYSEC-2030-7",
    "modified": "2030-01-02T03:04:05Z",
    "summary": "A sample.",
    "aliases": ["CVE-2030-7"],
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Sample_Pkg"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"}]}],
        }
    ],
}
YAML = """\
id: PYSEC-2030-8
modified: 2030-03-04T00:00:00Z
affected:
- package: {ecosystem: PyPI, name: other}
  versions: ["1.0", "1.1"]
"""


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("IACT_GUARD_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("PYSEC-2030-7.json", json.dumps(RECORD))
        archive.writestr("PYSEC-2030-8.yaml", YAML)
        archive.writestr("README.md", "no record")
    return path


def test_a_zip_becomes_the_users_database(export: Path) -> None:
    assert advisories.find(None, None) is None
    built = advisories.update(str(export))
    assert advisories.find(None, None) == built
    assert (built.source, built.newest, built.count) == ("all.zip", "2030-03-04", 2)
    short = json.loads((built.folder / "insecure.json").read_text())
    assert short["meta"]["schema_version"] == "2.0.0"
    assert short["vulnerable_packages"] == {"other": ["==1.0", "==1.1"], "sample-pkg": ["<1.2"]}
    full = json.loads((built.folder / "insecure_full.json").read_text())
    assert full["vulnerable_packages"]["sample-pkg"][0]["ids"] == [
        {"type": "pyup", "id": "PYSEC-2030-7"},
        {"type": "cve", "id": "CVE-2030-7"},
    ]
    assert advisories.severities(built) == {"PYSEC-2030-7": "critical"}


def test_the_same_records_give_the_same_bytes_and_older_ones_go(export: Path, cache: Path) -> None:
    first = advisories.update(str(export))
    assert advisories.update(str(export)) == first
    single = export.with_name("one.json")
    single.write_text(json.dumps([RECORD]))
    second = advisories.update(str(single))
    assert not first.folder.exists()
    left = {path.name for path in (cache / "advisories").iterdir()}
    assert left == {second.folder.name, "current"}


def test_a_folder_is_read_with_its_yaml_and_follows_no_link(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.json").write_text(json.dumps({"vulns": [RECORD]}))
    (folder / "sub/b.yaml").write_text(YAML)
    (folder / "link.json").symlink_to("/etc/passwd")
    assert advisories.update(str(folder)).count == 2


def test_the_configured_database_is_relative_to_the_root_and_wins(
    export: Path, tmp_path: Path
) -> None:
    advisories.update(str(export))
    own = tmp_path / "repo/security/db"
    own.mkdir(parents=True)
    meta = {"schema_version": "2.0.0", "timestamp": 1893456000}
    packages = {"x": ["<1", "<2"]}
    (own / "insecure.json").write_text(json.dumps({"meta": meta, "vulnerable_packages": packages}))
    found = advisories.find("security/db", tmp_path / "repo")
    assert found is not None
    assert (found.newest, found.count, found.source) == ("2030-01-01", 2, "unknown")


def test_age_is_counted_from_the_newest_advisory() -> None:
    database = advisories.Database(Path(), "x", "2030-01-01", 1)
    assert database.age_days(datetime.date(2030, 1, 11)) == 10
    assert database.age_days(datetime.date(2029, 1, 1)) == 0
    assert advisories.Database(Path(), "x", "", 1).age_days(datetime.date(2030, 1, 1)) is None


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_what_cannot_be_advisories_is_refused_and_the_old_ones_stay(
    export: Path, tmp_path: Path, cache: Path
) -> None:
    built = advisories.update(str(export))
    bomb = _zip(tmp_path / "bomb.zip", {"a.json": b" " * (advisories.MAX_RECORD + 1)})
    (tmp_path / "cut.zip").write_bytes(export.read_bytes()[:-40])
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "text.json").write_text("hello")
    (tmp_path / "empty.json").write_text("[]")
    for source in (
        bomb,
        *(tmp_path / n for n in ("cut.zip", "deep.json", "text.json", "empty.json")),
    ):
        with pytest.raises(AdvisoryError):
            advisories.update(str(source))
    with pytest.raises(AdvisoryError, match="no such file"):
        advisories.update(str(tmp_path / "missing.zip"))
    assert advisories.find(None, None) == built
    assert {p.name for p in (cache / "advisories").iterdir()} == {built.folder.name, "current"}


def test_a_broken_member_is_named_without_its_text(tmp_path: Path) -> None:
    path = _zip(tmp_path / "x.zip", {"PYSEC-1.json": b"{secret"})
    with pytest.raises(AdvisoryError, match=r"PYSEC-1\.json: not an advisory") as caught:
        advisories.update(str(path))
    assert "secret" not in str(caught.value)


def test_the_total_is_bounded(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advisories, "MAX_TOTAL", 100)
    with pytest.raises(AdvisoryError, match="too many"):
        advisories.update(str(export))


def test_a_cache_that_cannot_be_written_is_said(
    export: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IACT_GUARD_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(AdvisoryError, match="not a directory"):
        advisories.update(str(export))


@pytest.fixture
def server(export: Path) -> Iterator[str]:
    content = export.read_bytes()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/elsewhere":
                self.send_response(302)
                self.send_header("Location", "http://example.invalid/all.zip")
                self.end_headers()
                return
            if self.path == "/missing":
                self.send_error(404)
                return
            self.send_response(200)
            cut = self.path == "/cut.zip"
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:-10] if cut else content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://user:hush@127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_a_url_is_fetched_and_shown_without_its_credentials(server: str) -> None:
    plain = server.replace("user:hush@", "")
    built = advisories.update(f"{plain}/all.zip?token=hush")
    assert built.count == 2
    assert built.source.endswith("/all.zip")
    assert "hush" not in (built.folder / "insecure.json").read_text()


@pytest.mark.parametrize(
    ("path", "message"),
    [("/elsewhere", "only https"), ("/missing", "answered 404"), ("/cut.zip", "Incomplete|early")],
)
def test_a_fetch_that_fails_says_why(server: str, path: str, message: str, tmp_path: Path) -> None:
    plain = server.replace("user:hush@", "")
    with pytest.raises(ForgeError, match=message):
        forge.download(f"{plain}{path}", tmp_path / "x", 10**6)


def test_a_fetch_is_bounded(server: str, tmp_path: Path) -> None:
    with pytest.raises(ForgeError, match="more than"):
        forge.download(server.replace("user:hush@", "") + "/all.zip", tmp_path / "x", 10)


@pytest.mark.parametrize(
    "url", ["http://example.com/x", "file:///etc/passwd", "ftp://example.com/x", "https:///x"]
)
def test_only_https_is_fetched(url: str, tmp_path: Path) -> None:
    with pytest.raises(ForgeError, match="only https"):
        forge.download(url, tmp_path / "x", 10)
