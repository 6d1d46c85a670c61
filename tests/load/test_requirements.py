"""Requirement files: what pip reads, at the right place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.load.requirements import load
from iact_guard.model.requirements import RequirementsFile
from iact_guard.syntax.text import Text, decode


def read(text: str, path: str = "backend/requirements.txt") -> RequirementsFile:
    return load(Text(path, text)).entities[0]


def pins(text: str) -> list[tuple[str, str | None]]:
    return [(item.name, item.version) for item in read(text).requirements]


@pytest.mark.parametrize(
    ("line", "name", "version"),
    [
        ("Django==4.2.1", "django", "4.2.1"),
        ("zope.interface == 5.0", "zope-interface", "5.0"),
        ("celery[redis,tests]==5.3.0", "celery", "5.3.0"),
        ("a==1.0 ; python_version < '3.9'", "a", "1.0"),
        ("a==1.0;python_version<'3.9'  # why", "a", "1.0"),
        ("a==1.0 --hash=sha256:00 --hash=sha256:11", "a", "1.0"),
        ("a == 1!2.0rc1", "a", "1!2.0rc1"),
        ("a==1.0,!=1.1", "a", "1.0"),
        ("(a)", "", None),
        ("a==1.*", "a", None),
        ("a===1.0", "a", None),
        ("a>=1,<2", "a", None),
        ("a", "a", None),
        ("a @ https://example.com/a-1.0.zip#sha256=00", "a", None),
        ("git+https://example.com/x.git@main#egg=Some_Name", "some-name", None),
        ("-e git+https://example.com/x.git#egg=pkg&subdirectory=s", "pkg", None),
        ("-e .", "", None),
        ("./wheels/a-1.0-py3-none-any.whl", "", None),
        ("https://example.com/a-1.0.tar.gz", "", None),
    ],
)
def test_a_line_is_read_as_pip_reads_it(line: str, name: str, version: str | None) -> None:
    loaded = load(Text("r.txt", line))
    if not name and line == "(a)":
        assert loaded.problems
        return
    [found] = loaded.entities[0].requirements
    assert (found.name, found.version) == (name, version)
    assert bool(found.unpinned) == (version is None)


def test_places_span_name_and_specifier() -> None:
    text = "# é\n\n  Django == 4.2 ; python_version > '3'  # c\nb==1 \\\n    --hash=sha256:00\n"
    first, second = read(text).requirements
    assert (first.location.line, first.location.column, first.location.end_column) == (3, 3, 16)
    assert (second.location.line, second.location.column, second.location.end_column) == (4, 1, 5)


def test_a_specifier_on_the_next_line_keeps_the_place_on_the_first() -> None:
    [found] = read("django \\\n  ==4.2\n").requirements
    assert (found.version, found.location.line, found.location.end_line) == ("4.2", 1, 1)
    assert found.location.end_column == 7


def test_line_ends_marks_and_comments_change_nothing() -> None:
    plain = pins("a==1\nb==2 # x\n#c==3\n")
    assert plain == [("a", "1"), ("b", "2")]
    assert pins("a==1\r\nb==2 # x\r\n#c==3\r\n") == plain
    marked = decode("r.txt", b"\xef\xbb\xbfa==1\nb==2\n")
    assert [r.location.column for r in load(marked).entities[0].requirements] == [1, 1]
    assert pins("a==1#fragment\n") == []  # pip: a comment needs a blank before it


def test_a_comment_that_ends_with_a_backslash_hides_nothing() -> None:
    assert pins("# note \\\na==1\n") == [("a", "1")]


def test_includes_are_resolved_below_the_root() -> None:
    text = "-r base.txt\n-r ../common/r.txt\n--requirement=x.txt\n-c constraints.txt\n-rshort.txt\n"
    text += (
        "-r ../../outside.txt\n-r https://example.com/r.txt\n-r /etc/passwd\n-r 'with blank.txt'\n"
    )
    found = [(item.target, item.constraint) for item in read(text).includes]
    assert found == [
        ("backend/base.txt", False),
        ("common/r.txt", False),
        ("backend/x.txt", False),
        ("backend/constraints.txt", True),
        ("backend/short.txt", False),
        (None, False),
        (None, False),
        (None, False),
        ("backend/with blank.txt", False),
    ]


def test_options_ask_for_nothing() -> None:
    options = "-i https://u:p@example.com/simple\n--extra-index-url x\n--pre\n--find-links ./w\n"
    entity = read(options)
    assert (entity.requirements, entity.includes) == ((), ())


def test_a_line_that_is_none_is_a_problem_without_its_text_and_the_rest_stands() -> None:
    loaded = load(Text("r.txt", "a==1\n{{ secret-Zx9 }}\nb==2\n"))
    assert [r.name for r in loaded.entities[0].requirements] == ["a", "b"]
    [problem] = loaded.problems
    assert problem.location.line == 2
    assert "Zx9" not in repr(problem)


def test_the_same_name_twice_has_two_ids() -> None:
    ids = [item.id for item in read("a==1\nb==1\nA==2\n", "r.txt").requirements]
    assert ids == ["requirement:r.txt#a", "requirement:r.txt#b", "requirement:r.txt#a~2"]


@pytest.mark.parametrize(
    "text", ["(" * 40_000, "a;" + "(" * 40_000, "a[" * 40_000, "\\\n" * 40_000]
)
def test_deep_nesting_is_a_problem_not_a_crash(text: str) -> None:
    load(Text("r.txt", text))


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="abz019=<>!~.,;[]()@#\\ \t\n\r'\"-_+:/é$\x0b\x85", max_size=200))
def test_any_text_is_read_and_every_place_lies_in_the_file(text: str) -> None:
    source = Text("r.txt", text)
    loaded = load(source)
    places = [r.location for e in loaded.entities for r in e.requirements]
    for place in [*places, *(problem.location for problem in loaded.problems)]:
        assert place.line == place.end_line
        line = source.line(place.line)
        assert 1 <= place.column < place.end_column <= len(line) + 1
