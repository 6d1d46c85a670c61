"""Random scripts: no crash, no hang, and always an answer."""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.analyze.shell.failure import FUEL
from tests.shell.truth import verdict_of

EXAMPLES = int(os.environ.get("SHELL_FUZZ", "150"))
_PIECES = st.sampled_from(
    ["gate", "true", "false", "echo a", "x=$?", "exit $x", "if", "then", "else", "fi", "while",
     "do", "done", "for i in a b", "case $x in", "a) gate;;", "esac", "{", "}", "(", ")", "&&",
     "||", "|", "&", ";", "\n", "!", "[ -n \"$A\" ]", "[[ $x == a* ]]", "((x++))", "$((x+1))",
     "$(gate)",
     "`gate`", "f() {", "f", "return", "break", "continue", "set -e", "set +e", "set -o pipefail",
     "trap 'exit 0' EXIT", "wait", "wait $!", "exit 0", "exit 1", "local x=$(gate)", "eval 'gate'",
     "bash -c 'gate; a'", "ssh h <<E\ngate\nE\n", "> out", "2>&1", "${{ inputs.a }}", "\"$@\"",
     "${x:-a}", "${#x}", "${PIPESTATUS[0]}", "until", "in", "shift", "read x", "x+=(a)", "'", '"',
     "\\", "$", "<(gate)", "<<< a", "case", "time", "exec", "f() { f; }",
     "while true; do gate; done"]
)  # fmt: skip
VERDICTS = {"fails", "swallowed", "conditional", "unknown", "no gate"}


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(_PIECES, max_size=25), st.sampled_from(["", "bash", "sh", "bash {0}"]))
def test_pieces_in_any_order_have_a_verdict(pieces: list[str], chosen: str) -> None:
    assert verdict_of(" ".join(pieces) or ":", chosen) in VERDICTS


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.text(
        alphabet=st.characters(
            codec="utf-8", exclude_characters="\r\0", exclude_categories=("Cc", "Cs")
        ),
        max_size=60,
    )
)
def test_any_text_around_a_gate_has_a_verdict(text: str) -> None:
    assert verdict_of(f"gate {text}; gate", "") in VERDICTS


def test_scripts_that_grow_are_bounded() -> None:
    doubling = "\n".join(f"f{n}() {{ f{n + 1}; f{n + 1}; }}" for n in range(30))
    tests = "\n".join(f'if [ -n "$A{n}" ]; then x{n}=1; fi' for n in range(40))
    reads = "\n".join(f'[ -z "$x{n}" ] || exit 1' for n in range(40))
    assert verdict_of(f"{doubling}\nf30() {{ :; }}\nf0\ngate || true", "") == "unknown"
    assert verdict_of(f"{tests}\n{reads}\nset +e\ngate\n{tests}\n{reads}", "") in VERDICTS
    assert verdict_of("a=x\n" + "a=$a$a\n" * 60 + "gate", "") == "fails"
    assert verdict_of("for i in {1..150}; do for j in {1..150}; do gate || a; done; done", "") == (
        "unknown"
    )
    assert FUEL < 100_000


def test_a_thousand_lines_are_followed_to_their_end() -> None:
    lines = "\n".join(f'if [ -f "a{n}" ]; then echo {n}; fi\nstep{n}' for n in range(500))
    assert verdict_of(f"{lines}\nset +e\ngate\nexit $?", "") == "fails"
