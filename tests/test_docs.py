"""The generated documentation is that of this code."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def _pages() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("docs", ROOT / "scripts/docs.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pages: dict[str, str] = module.pages()
    return pages


PAGES = _pages()


@pytest.mark.parametrize("path", sorted(PAGES))
def test_page_is_up_to_date(path: str) -> None:
    """`make docs` writes it anew."""
    assert (ROOT / "docs" / path).read_text(encoding="utf-8") == PAGES[path]
