"""Versions and specifiers of Python packages (PEP 440), names (PEP 503)."""

from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

MAX_LENGTH = 200


def normal_name(name: str) -> str:
    """`Foo_Bar` and `foo.bar` are `foo-bar`."""
    return str(canonicalize_name(name))


@lru_cache(maxsize=4096)
def version(text: str) -> Version | None:
    """A version that can be compared; None for anything else."""
    try:
        return Version(text) if len(text) <= MAX_LENGTH else None
    except InvalidVersion:
        return None


@lru_cache(maxsize=4096)
def specifiers(text: str) -> SpecifierSet | None:
    """A set of specifiers; None for what is none."""
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        return None


def within(candidate: str, specifier: str) -> bool:
    """Whether a version lies in a set of specifiers; pre-releases count like any other."""
    found, wanted = version(candidate), specifiers(specifier)
    return bool(found and wanted is not None and wanted.contains(found, prereleases=True))
