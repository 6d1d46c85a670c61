from pathlib import Path

import pytest

from iact_guard.cache.folders import cache_folder


def test_a_user_without_a_home_has_that_of_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobody)
    for name in ("IACT_GUARD_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert cache_folder() == Path("/.cache/iact-guard")
