"""Patterns of an owners file mean what GitHub's documentation says."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.analyze.owners.pattern import compiled

CASES = """
*                   a.txt                               yes
*                   a/b/c.txt                           yes
*.js                app.js                              yes
*.js                src/deep/app.js                     yes
*.js                app.jsx                             no
*.js                src/lib.js/readme                   yes
*.JS                app.js                              no
/*                  README                              yes
/*                  src/README                          no
/*.tf               main.tf                             yes
/*.tf               infra/main.tf                       no
/build/logs/        build/logs/today                    yes
/build/logs/        build/logs/a/b                      yes
/build/logs/        build/logs                          no
/build/logs/        src/build/logs/today                no
build/logs/         build/logs/today                    yes
build/logs/         src/build/logs/today                no
docs/*              docs/start.md                       yes
docs/*              docs/build-app/trouble.md           no
docs/*              src/docs/start.md                   no
docs/*              docs                                no
docs/*.md           docs/start.md                       yes
docs/*.md           docs/a/start.md                     no
docs/**             docs/start.md                       yes
docs/**             docs/build-app/trouble.md           yes
docs/**             docs                                no
docs/**             adocs/x                             no
docs/**/*           docs/a/b/c                          yes
docs/**/*           docs/a                              yes
docs/**/*.md        docs/a.md                           yes
docs/**/*.md        docs/a/b.md                         yes
docs/**/*.md        docs/a/b.rst                        no
apps/               apps/web/main.py                    yes
apps/               src/apps/web/main.py                yes
apps/               apps                                no
apps/               src/apps                            no
apps/               myapps/x                            no
/apps/              apps/x                              yes
/apps/              src/apps/x                          no
/docs/              docs/a/b                            yes
/docs               docs/a/b                            yes
/docs               docs                                yes
/docs               docs2                               no
/docs               src/docs                            no
docs                src/docs/x                          yes
docs                src/docs                            yes
Makefile            Makefile                            yes
Makefile            sub/Makefile                        yes
Makefile            sub/Makefile.am                     no
**/logs             logs/x                              yes
**/logs             build/logs/x                        yes
**/logs             deeply/nested/logs/x                yes
**/logs             deeply/nested/logs                  yes
**/logs             catalogs/x                          no
**/logs/            build/logs/x                        yes
**/logs/            build/logs                          no
**/logs/*           build/logs/x                        yes
**/logs/*           build/logs/x/y                      no
a/**/b              a/b                                 yes
a/**/b              a/x/y/b                             yes
a/**/b              a/x/y/b/c                           yes
a/**/b              z/a/b                               no
**                  a/b/c                               yes
/**                 a                                   yes
/                   a                                   no
/apps/github        apps/github                         yes
/apps/github        apps/github/x                       yes
/apps/github        apps/githubx                        no
*/src/              web/src/x                           yes
*/src/              src/x                               no
*/src/              a/web/src/x                         no
file?.txt           file1.txt                           yes
file?.txt           file12.txt                          no
file?.txt           a/file1.txt                         yes
.github/            .github/workflows/ci.yml            yes
.github/workflows/* .github/workflows/ci.yml            yes
.github/workflows   .github/workflows/ci.yml            yes
*.y*ml              a/b.yaml                            yes
test_*/*.py         test_a/b.py                         yes
test_*/*.py         x/test_a/b.py                       no
a\\ b/              a b/c                               yes
*                   .hidden                             yes
/src/*/x.py         src/a/x.py                          yes
/src/*/x.py         src/a/b/x.py                        no
"""


@pytest.mark.parametrize("case", CASES.strip().splitlines())
def test_pattern(case: str) -> None:
    pattern, path, expected = re.split(r" {2,}|(?<=\S) (?=\.github/workflows/ci)", case.strip())
    pattern = pattern.replace("\\\\", "\\")
    assert compiled(pattern).matches(path) is (expected == "yes")


def test_a_hostile_pattern_takes_no_time() -> None:
    assert not compiled("*a" * 100 + "b").matches("a" * 250)
    assert not compiled("**/a/" * 20 + "b").matches("a/" * 50 + "c")


def _oracle(pattern: str, path: str) -> bool:
    """The same by a regular expression, for patterns of literals, `*` and `**`."""
    below, anchored = pattern.endswith("/"), "/" in pattern[:-1]
    parts = pattern.strip("/").split("/")
    regex = "" if anchored else "(?:.+/)?"
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            regex += ".+" if last and not below else "(?:.+/)?"
        else:
            regex += part.replace("*", "[^/]*" if part != "*" else "[^/]+") + ("" if last else "/")
    if below:
        regex += ".+" if regex.endswith("/)?") else "/.+"
    elif not (parts[-1] == "*" and anchored):
        regex += "(?:/.*)?"
    return re.fullmatch(regex, path) is not None


_PARTS = st.sampled_from(["a", "b", "ab", "*", "a*", "*b"])


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["", "/"]),
    st.lists(_PARTS | st.just("**"), min_size=1, max_size=4),
    st.sampled_from(["", "/"]),
    st.lists(st.sampled_from(["a", "b", "ab", "ba"]), min_size=1, max_size=5),
)
def test_agrees_with_a_regular_expression(
    start: str, parts: list[str], end: str, path: list[str]
) -> None:
    if parts[-1] == "**" and end:
        return  # GitHub says nothing of it
    pattern = start + "/".join(parts) + end
    assert compiled(pattern).matches("/".join(path)) is _oracle(pattern, "/".join(path)), pattern
