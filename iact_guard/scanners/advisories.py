"""The database of advisories that Safety reads, built from OSV's public export of PyPI.

A database is a folder with `insecure.json` and `insecure_full.json` in Safety's form. Its `meta`
says where it comes from and of which day its newest advisory is.
"""

import datetime
import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from iact_guard.cache.folders import cache_folder
from iact_guard.model.errors import AdvisoryError, UnreadableError
from iact_guard.model.finding import SEVERITIES, Severity
from iact_guard.model.records import dataclass
from iact_guard.scanners.osv import Advisory, advisories, merged
from iact_guard.syntax import yaml
from iact_guard.syntax.text import decode

WARN_AFTER_DAYS = 7
MAX_DOWNLOAD = 1024**3
MAX_RECORD = 8 * 1024**2
MAX_RECORDS = 1_000_000
MAX_TOTAL = 4 * 1024**3
MAX_DATABASE = 512 * 1024**2
SCHEMA = "2.0.0"
FILES = ("insecure.json", "insecure_full.json")
_SUFFIXES = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Database:
    """A folder that Safety can read, and what is known of it."""

    folder: Path
    source: str
    newest: str
    """The day of its newest advisory, `YYYY-MM-DD`; empty where it does not say."""
    count: int

    def age_days(self, today: datetime.date) -> int | None:
        """Days since the newest advisory."""
        try:
            return max(0, (today - datetime.date.fromisoformat(self.newest)).days)
        except ValueError:
            return None


def find(configured: str | None, root: Path | None) -> Database | None:
    """The configured database (relative to the root), else the user's own, else none."""
    folder = place(configured, root)
    return describe(folder) if folder else None


def place(configured: str | None, root: Path | None) -> Path | None:
    """The folder of that database; whether there is one in it is another question."""
    if configured is not None:
        return (root or Path()) / configured
    pointer = cache_folder() / "advisories" / "current"
    try:
        name = pointer.read_text("utf-8").strip()
    except OSError:
        return None
    return pointer.parent / Path(name).name


def digests(folder: Path) -> tuple[str, ...]:
    """Of a database's files, each: two databases with the same are the same."""
    found = []
    for name in FILES:
        try:
            found.append(hashlib.sha256((folder / name).read_bytes()).hexdigest())
        except OSError as error:
            found.append(type(error).__name__)
    return tuple(found)


def describe(folder: Path) -> Database:
    """What a database says of itself; AdvisoryError where there is none."""
    data = _read_json(folder / "insecure.json")
    meta, packages = data.get("meta"), data.get("vulnerable_packages")
    if not isinstance(meta, dict) or not isinstance(packages, dict):
        raise AdvisoryError(f"{folder.name}: no advisories in Safety's form")
    stamp = str(meta.get("last_updated") or "")[:10]
    if not stamp and isinstance(meta.get("timestamp"), int | float):
        with suppress(ValueError, OverflowError, OSError):
            day = datetime.datetime.fromtimestamp(meta["timestamp"], datetime.UTC).date()
            stamp = day.isoformat()
    count = meta.get("count")
    if not isinstance(count, int):
        count = sum(len(specs) for specs in packages.values() if isinstance(specs, list))
    return Database(folder, str(meta.get("advisory") or "unknown"), stamp, count)


def severities(database: Database) -> dict[str, Severity]:
    """Advisory id to severity, as far as the database knows it."""
    packages = _read_json(database.folder / "insecure_full.json").get("vulnerable_packages")
    entries = (e for es in (packages or {}).values() if isinstance(es, list) for e in es)
    found: dict[str, Severity] = {}
    for entry in entries:
        if isinstance(entry, dict) and entry.get("severity") in SEVERITIES:
            for item in entry.get("ids") or ():
                if isinstance(item, dict) and item.get("type") == "pyup":
                    found[str(item.get("id"))] = entry["severity"]
    return found


def update(source: str, progress: Callable[[str], None] = lambda _: None) -> Database:
    """Build the user's database from a URL, a zip, a JSON file or a folder of records."""
    from iact_guard import forge  # a scan speaks to nobody

    target = cache_folder() / "advisories"
    try:
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(prefix="tmp-", dir=target) as name:
            work = Path(name)
            given, shown = Path(source), Path(source).name
            if "://" in source:
                given, shown = work / "download", forge.shown(source)
                forge.download(source, given, MAX_DOWNLOAD, progress)
            progress(f"reading {shown}")
            found = merged(a for record in records(given) for a in advisories(record))
            if not found:
                raise AdvisoryError(f"{shown}: no advisory of PyPI in it")
            built = work / "built"
            write(found, shown, built)
            return _install(built, target)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise AdvisoryError(f"{error.filename or target}: {why}") from error


def write(found: Iterable[Advisory], source: str, folder: Path) -> None:
    """Write a database in Safety's form; the same advisories give the same bytes."""
    found = list(found)
    short: dict[str, list[str]] = {}
    full: dict[str, list[dict[str, Any]]] = {}
    for advisory in found:
        if advisory.specs:
            short.setdefault(advisory.package, []).extend(advisory.specs)
            full.setdefault(advisory.package, []).append(_entry(advisory))
    meta = {
        "schema_version": SCHEMA,
        "advisory": source,
        "last_updated": max((advisory.modified for advisory in found), default=""),
        "count": sum(map(len, full.values())),
    }
    folder.mkdir()
    for name, packages in zip(FILES, (short, full), strict=True):
        data = {"meta": meta, "vulnerable_packages": packages}
        (folder / name).write_text(json.dumps(data, sort_keys=True), "utf-8")


def records(path: Path) -> Iterator[Any]:
    """Every record of a zip, a file or a folder; AdvisoryError for what is none, or has no end."""
    total = 0
    for number, (name, content) in enumerate(_contents(path)):
        total += len(content)
        if number >= MAX_RECORDS or total > MAX_TOTAL:
            raise AdvisoryError(f"{path.name}: too many advisories to be true")
        data = _parse(name, content)
        if isinstance(data, dict) and isinstance(data.get("vulns"), list):
            data = data["vulns"]
        for record in data if isinstance(data, list) else [data]:
            if isinstance(record, dict):
                yield record


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                file = Path(folder) / name
                if name.endswith(_SUFFIXES) and file.is_file() and not file.is_symlink():
                    yield name, _bounded(file, MAX_RECORD)
    elif zipfile.is_zipfile(path):
        yield from _zipped(path)
    else:
        yield path.name, _bounded(path, MAX_DATABASE)


def _zipped(path: Path) -> Iterator[tuple[str, bytes]]:
    """The members, each up to its bound: what a header says of its size is not believed."""
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.is_dir() or not member.filename.endswith(_SUFFIXES):
                    continue
                with archive.open(member) as file:
                    content = file.read(MAX_RECORD + 1)
                if len(content) > MAX_RECORD:
                    raise AdvisoryError(
                        f"{path.name}: a record of more than {MAX_RECORD >> 20} MiB"
                    )
                yield member.filename, content
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise AdvisoryError(f"{path.name}: a broken archive ({type(error).__name__})") from None


def _parse(name: str, content: bytes) -> Any:
    try:
        if name.endswith((".yaml", ".yml")):
            documents = yaml.parse(decode(name, content))
            root = documents[0].root if documents else None
            return yaml.plain(root) if root else None
        return json.loads(content)
    except (ValueError, RecursionError, UnreadableError):
        raise AdvisoryError(f"{name}: not an advisory: it cannot be parsed") from None


def _bounded(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise AdvisoryError(f"{path.name}: more than {limit >> 20} MiB")
    return content


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(_bounded(path, MAX_DATABASE))
    except OSError as error:
        raise AdvisoryError(f"{path.parent.name}/{path.name}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise AdvisoryError(f"{path.parent.name}/{path.name}: not JSON") from None
    if not isinstance(data, dict):
        raise AdvisoryError(f"{path.parent.name}/{path.name}: no advisories in Safety's form")
    return data


def _entry(advisory: Advisory) -> dict[str, Any]:
    aliases = sorted(name for name in advisory.names if name.startswith("CVE-"))
    entry: dict[str, Any] = {
        "ids": [{"type": "pyup", "id": advisory.id}, *({"type": "cve", "id": n} for n in aliases)],
        "specs": list(advisory.specs),
        "advisory": advisory.summary,
    }
    return entry | ({"severity": advisory.severity} if advisory.severity else {})


def _install(built: Path, target: Path) -> Database:
    """Put the folder in its place and point to it: a reader sees the old one or the new one."""
    digest = hashlib.sha256((built / "insecure_full.json").read_bytes()).hexdigest()[:16]
    final = target / f"osv-{digest}"
    with suppress(OSError):  # the same advisories stand there already
        built.rename(final)
    pointer = built.parent / "current"
    pointer.write_text(final.name, "utf-8")
    pointer.replace(target / "current")
    for old in target.glob("osv-*"):
        if old != final:
            shutil.rmtree(old, ignore_errors=True)
    return describe(final)
