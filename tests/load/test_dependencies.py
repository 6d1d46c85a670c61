"""What projects, requirement and lock files ask of a package, each in its own words."""

import pytest

from iact_guard.load.dependencies import asked, is_asking
from iact_guard.syntax.text import Text

CASES = {
    "requirements.txt": ("celery==5.3\nDjango[argon2]==4.2.1  # why\n", [("lock", "==4.2.1", 2)]),
    "requirements/base.in": ("django~=5.2.0\n", [("requirement", "~=5.2.0", 1)]),
    "a/pyproject.toml": (
        '[project]\ndependencies = [\n  "django-filter>=2",\n'
        "  \"Django>=4.2,<6; os_name>'a'\",\n]\n"
        '[dependency-groups]\ndev = [{include-group = "x"}, "django==5.0"]\n',
        [("requirement", "<6,>=4.2", 4), ("option", "==5.0", 7)],
    ),
    "pyproject.toml": (
        '[tool.poetry.dependencies]\npython = "^3.11"\n'
        'django = [{version = "^3.2 || ~4.2", extras = ["argon2"]}, {git = "https://e.org/d"}]\n'
        '[tool.poetry.group.dev.dependencies]\ndjango = "5.0.1"\n',
        [
            ("requirement", ">=3.2,<4", 3),
            ("requirement", ">=4.2,<4.3", 3),
            ("option", "==5.0.1", 3),
        ],
    ),
    "setup.cfg": (
        "[options]\ninstall_requires =\n    Django>=3.2\n",
        [("requirement", ">=3.2", 3)],
    ),
    "setup.py": (
        "from setuptools import setup\nDEPS = ['x', 'Django >= 4.0, < 5']\n"
        "setup(name='a', install_requires=DEPS + other())\n",
        [],
    ),
    "b/setup.py": (
        "import setuptools\nDEPS = ['x', 'Django >= 4.0, < 5']\n"
        "setuptools.setup(install_requires=DEPS)\n",
        [("requirement", "<5,>=4.0", 2)],
    ),
    "Pipfile": ('[packages]\ndjango = "*"\n', [("requirement", "", 2)]),
    "Pipfile.lock": (
        '{"default": {\n"django": {\n"version": "==4.2.1"}}, "develop": {"django": {}}}',
        [("lock", "==4.2.1", 2)],
    ),
    "poetry.lock": (
        '[[package]]\nname = "django"\nversion = "4.2.11"\n\n[[package]]\nname = "django-x"\n',
        [("lock", "==4.2.11", 3)],
    ),
    "uv.lock": (
        '[[package]]\nname = "django"\nversion = "5.2.17"\n[[package]]\nname = "django"\n'
        'version = "6.0.8"\n',
        [("lock", "==5.2.17", 3), ("lock", "==6.0.8", 6)],
    ),
}


@pytest.mark.parametrize("path", CASES)
def test_each_kind_of_file_is_read(path: str) -> None:
    text, expected = CASES[path]
    assert is_asking(path)
    found = asked(Text(path, text), "django")
    assert [(a.how, a.specifier, a.location.line) for a in found] == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "django = ["),
        ("pyproject.toml", "project = 'django'\ntool = 3\n"),
        (
            "pyproject.toml",
            "[project]\ndependencies = {django = 1}\n[dependency-groups]\nx = 'django'",
        ),
        ("pyproject.toml", "[tool.poetry]\ngroup = 3\nx = 'django'"),
        ("Pipfile.lock", '{"default": [["django"]]}'),
        ("Pipfile.lock", "[" * 100_000 + "django"),
        ("setup.py", "setup(install_requires=['Django>=3')"),
        ("setup.cfg", "django"),
        ("poetry.lock", 'name = "django"'),
        ("requirements.txt", "django ==== 4\n"),
    ],
)
def test_what_is_broken_asks_for_nothing(path: str, text: str) -> None:
    assert asked(Text(path, text), "django") == ()


def test_other_files_do_not_ask() -> None:
    paths = ["requirements.md", "docs/notes.txt", "a/Pipfile.bak", "requirements/README.md"]
    assert not any(map(is_asking, paths))
