"""Shell scripts to trees: structure, exact offsets, what cannot be understood."""

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.syntax import shell
from iact_guard.syntax.shell import (
    AndOr,
    Case,
    Command,
    Conditional,
    Coproc,
    For,
    Function,
    Heredoc,
    If,
    Pipeline,
    Placeholder,
    Redirected,
    Subshell,
    Variable,
    While,
)


def commands(text: str) -> list[str]:
    """The simple commands, as written."""
    tree = shell.parse(text)
    return [text[n.start : n.end] for n in shell.walk(tree.body) if isinstance(n, Command)]


def only(text: str) -> shell.Statement:
    tree = shell.parse(text)
    assert tree.unparsed is None
    assert len(tree.body.items) == 1
    return tree.body.items[0].statement


@pytest.mark.parametrize(
    ("text", "argv"),
    [
        ("a b c", ("a", "b", "c")),
        ("a 'b c' \"d e\"", ("a", "b c", "d e")),
        (r"a b\ c \"", ("a", "b c", '"')),
        ('a "b\\"c\\d"', ("a", 'b"c\\d')),
        ("a 'b'\"c\"d", ("a", "bcd")),
        ("a $'x\\ty\\x41'", ("a", "x\tyA")),
        ("a b\\\nc \\\n d", ("a", "bc", "d")),
        ("a $x ${y:-z} $(w) `v` $((1+2))", ("a", None, None, None, None, None)),
        ("a x$y", ("a", None)),
        ("a \"\" ''", ("a", "", "")),
        ("a *.py ~/x", ("a", "*.py", "~/x")),
        ("a {b,c} {1..3} {d}", ("a", None, None, "{d}")),
        ("a '{b,c}'", ("a", "{b,c}")),
        ("a b#c # comment", ("a", "b#c")),
        ("a --x=${{ inputs.y }}", ("a", None)),
        ("${{ inputs.tool }} run", (None, "run")),
        ("a if then fi", ("a", "if", "then", "fi")),
        ("a x=1 y=(1 2)", ("a", "x=1", "y=(1 2 )")),
        ("X=1 Y=$(b) a c > f 2>&1 < g", ("a", "c")),
        ("> f a b", ("a", "b")),
        ("a $ b", ("a", "$", "b")),
    ],
)
def test_words_of_a_command(text: str, argv: tuple[str | None, ...]) -> None:
    command = only(text)
    assert isinstance(command, Command)
    assert command.argv == argv


def test_offsets_are_those_of_the_text() -> None:
    text = "é && ${{ a }} \\\n  'ü' >x;b"
    assert commands(text) == ["é", "${{ a }} \\\n  'ü' >x", "b"]


def test_operators_are_kept_in_order() -> None:
    node = only("a && b || ! c | d && e")
    assert isinstance(node, AndOr)
    assert node.operators == ("&&", "||", "&&")
    assert isinstance(node.items[2], Pipeline)
    assert node.items[2].negated


def test_background_belongs_to_the_whole_list() -> None:
    tree = shell.parse("a && b & c; d")
    assert [item.background for item in tree.body.items] == [True, False, False]


def test_time_is_a_word_of_the_pipeline() -> None:
    node = only("time -p a | b")
    assert isinstance(node, Pipeline)
    assert node.timed
    assert len(node.commands) == 2


def test_compound_commands() -> None:
    branch = only("if a; then b; elif c; then d; else e; fi")
    assert isinstance(branch, If)
    assert len(branch.branches) == 2
    assert branch.otherwise is not None
    loop = only("until a; do b; done < f")
    assert isinstance(loop, Redirected)
    assert isinstance(loop.body, While)
    assert loop.body.until
    each = only("for x in a $b\ndo c; done")
    assert isinstance(each, For)
    assert each.words is not None
    assert len(each.words) == 2
    arms = only("case $x in (a|b) c;; *) d;& e) f ;;& esac")
    assert isinstance(arms, Case)
    assert [arm.terminator for arm in arms.arms] == [";;", ";&", ";;&"]
    assert isinstance(only("( a; b )"), Subshell)
    assert isinstance(only("f() { a; }"), Function)
    assert isinstance(only("function f { a; } > log"), Function)
    assert isinstance(only("coproc a b"), Coproc)
    assert isinstance(only("[[ -f x && ( $y =~ ^a(b|c)$ ) ]]"), Conditional)


def test_a_compound_command_needs_no_separator_before_a_closing_word() -> None:
    assert commands("if [[ a ]] then b; fi") == ["b"]
    assert commands("if (a) then { b; } fi") == ["a", "b"]


def test_substitutions_hold_scripts_of_their_own() -> None:
    text = 'x=$(a | b) c "$(d "$(e)")" `f` <(g) $(case y in y) h;; esac)'
    assert commands(text) == [text, "a", "b", 'd "$(e)"', "e", "f", "g", "h"]


def test_here_documents() -> None:
    text = "a <<X | b <<-'Y'; c\n1 $(d) ${{ e }}\nX\n\t2 $(no)\n\tY\nf\n"
    found = [n for n in shell.walk(shell.parse(text).body) if isinstance(n, Heredoc)]
    assert [text[n.start : n.end] for n in found] == ["1 $(d) ${{ e }}\n", "\t2 $(no)\n"]
    assert [n.quoted for n in found] == [False, True]
    assert commands(text) == ["a <<X", "d", "b <<-'Y'", "c", "f"]


def test_placeholders_are_remembered_within_quotes() -> None:
    text = "a '${{ b }}' \"x${{ format('\"') }}\" # ${{ c }}"
    found = [n for n in shell.walk(shell.parse(text).body) if isinstance(n, Placeholder)]
    assert [n.expression for n in found] == [" b ", " format('\"') "]
    assert all(n.quoted for n in found)


def test_parameter_expansions_keep_name_operator_and_argument() -> None:
    text = 'a ${x:-$(b)} "${y%%.*}" ${#z} ${w[@]} $1 $?'
    found = [n for n in shell.walk(shell.parse(text).body) if isinstance(n, Variable)]
    assert [(n.name, n.operator) for n in found] == [
        ("x", ":-"), ("y", "%%"), ("z", "#"), ("w", "[@]"), ("1", ""), ("?", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["a 'b", 'a "b', "a $(b", "if a; then", "fi", "a )", "a && | b", "case x in a) b",
     "for in x; do y; done", "{ a", "f() a", "a `b", "[[ a", "if; then a; fi", "a |", "x=(1"],
)  # fmt: skip
def test_what_the_shell_refuses_is_unparsed(text: str) -> None:
    tree = shell.parse("first\n" + text)
    assert commands("first\n" + text)[0] == "first"
    assert tree.unparsed is not None
    assert (tree.unparsed.start, tree.unparsed.end) == (6, 6 + len(text))


@pytest.mark.parametrize(
    "unit", ["$(", "(", "((", "{ ", "if ", "${x:-", '"$(', "case x in a) ", "a | ", "x=(", "`",
             "<(", "[[ ( ", "$((", "f() ", "!", "<<A\n", "'", "\\", "a && "],
)  # fmt: skip
def test_hostile_text_ends_in_a_tree(unit: str) -> None:
    tree = shell.parse(unit * (40_000 // len(unit)))
    assert sum(1 for _ in shell.walk(tree.body)) > 0
    assert shell.parse(unit * 100_001).unparsed is not None


_TOKENS = st.sampled_from(
    ["a", " ", "\n", ";", "&", "|", "&&", "||", "(", ")", "{ ", " }", "'", '"', "`", "$", "$(",
     "${x", "}", "<<E\n", "E\n", "<", ">", "if ", " then ", " fi", "for x in ", " do ", " done",
     "case x in ", " esac", ";;", "[[ ", " ]]", "!", "\\", "#", "x=", "${{ y }}", "f()", "$((",
     "))"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(_TOKENS, max_size=30).map("".join))
def test_any_text_gives_a_tree_whose_offsets_nest(text: str) -> None:
    tree = shell.parse(text)
    for node in shell.walk(tree.body):
        if hasattr(node, "start"):
            assert 0 <= node.start <= node.end <= len(text)
        if isinstance(node, Command):
            assert all(node.start <= p.start <= p.end <= node.end for p in node.parts)


_WORDS = st.lists(
    st.text(st.sampled_from("ab $\\'\"`*~#{,}"), max_size=6).map(
        lambda text: "'" + text.replace("'", "'\\''") + "'"
    )
    | st.text(st.sampled_from("ab \\$'*#"), max_size=5).map(
        lambda text: '"' + text.replace("\\", "\\\\").replace("$", "\\$") + '"'
    )
    | st.text(st.sampled_from("ab_-=.%"), min_size=1, max_size=5)
    | st.sampled_from(["a\\ b", "x'y'\"z\"", "$'t\\tu'", "a\\\nb"]),
    min_size=1,
    max_size=5,
)


@pytest.mark.skipif(shutil.which("bash") is None, reason="it needs bash to compare with")
@settings(max_examples=60, deadline=None)
@given(_WORDS)
def test_static_words_are_those_of_bash(words: list[str]) -> None:
    text = "printf '%s\\0' " + " ".join(words)
    command = only(text)
    assert isinstance(command, Command)
    said = subprocess.run(["bash", "-c", text], capture_output=True, check=True).stdout.decode()
    assert [*said.split("\0")[:-1]] == list(command.argv[2:])
