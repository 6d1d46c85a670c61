"""Scripts from a grammar: every one has the gate at exactly one place."""

import random

from tests.shell.truth import GATE

_SLOT = "\0"
_TESTS = ('[ -n "$RUN" ]', "[ -f conf ]", '[ "$MODE" = full ]', "grep -q x log", "command -v tool",
          '[[ $MODE == full ]]', '[ -z "$SKIP" ]', "true", "false", "[ -d src ]", "check",
          '[ "$rc" -eq 0 ]', '[ "$failed" = 1 ]', '[[ $rc -ne 0 ]]', "(( failed ))",
          '[ "${MODE:-full}" != fast ]')  # fmt: skip
_PLAIN = ("echo a", "setup", "build all", "x=1", "cd .", "printf a", "export A=b", "log > out",
          "mkdir -p d", "rc=$?", "failed=0", "unset q", "echo $rc", ":", "failed=1",
          "rc=0")  # fmt: skip
_ENDS = ("exit $rc", "exit ${rc:-0}", '[ "$failed" != 1 ]', "exit 0", "exit 1", "exit $failed",
         'if [ "$failed" = 1 ]; then exit 1; fi', "exit", 'test "$rc" = 0', "wait",
         'exit "${failed:-0}"')  # fmt: skip
_OPTIONS = ("set -e", "set +e", "set -o pipefail", "set -eo pipefail", "set +o pipefail", "set -E",
            "set -u +e", "set -euo pipefail")  # fmt: skip


class Grammar:
    """One script after the other, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.bash = True

    def script(self) -> tuple[str, str]:
        """A script and the shell that reads it."""
        while True:
            chosen = self.random.choice(("", "", "bash", "bash {0}", "sh"))
            self.bash = chosen != "sh"
            lines = [self.statement(3) for _ in range(self.random.randint(1, 4))]
            if self.random.random() < 0.25:
                lines.insert(0, self.option())
            if self.random.random() < 0.15:
                lines.insert(self.random.randrange(len(lines)), self.option())
            if self.random.random() < 0.3:
                lines.append(self.random.choice(_ENDS))
            if self.random.random() < 0.06:
                lines.insert(0, self.trap())
            text = self.placed("\n".join(lines)).replace("&;", "&").replace("& ||", "||")
            if text and (self.bash or "[[" not in text):
                return text, chosen

    def placed(self, text: str) -> str:
        """The gate in one of the places for it, something else in the others."""
        places = text.count(_SLOT)
        if not places:
            return ""
        gate = self.random.randrange(places)
        pieces = text.split(_SLOT)
        found = pieces[0]
        for index, piece in enumerate(pieces[1:]):
            found += (GATE if index == gate else self.random.choice(_PLAIN[:5])) + piece
        return found

    def option(self) -> str:
        return self.random.choice(_OPTIONS[:2] if not self.bash else _OPTIONS)

    def trap(self) -> str:
        traps = ["trap 'echo bye' EXIT", "trap 'exit 0' EXIT", "trap 'rm -f x; exit 3' EXIT"]
        if self.bash:
            traps += ["trap 'exit 0' ERR", "trap 'failed=1' ERR", "trap 'echo no; exit 1' ERR"]
        return self.random.choice(traps)

    def test(self) -> str:
        found = self.random.choice(_TESTS)
        return found if self.bash or ("[[" not in found and "((" not in found) else "[ -f conf ]"

    def simple(self) -> str:
        return _SLOT if self.random.random() < 0.5 else self.random.choice(_PLAIN)

    def condition(self, depth: int) -> str:
        roll = self.random.random()
        if roll < 0.5:
            return self.test()
        if roll < 0.7:
            return _SLOT
        if roll < 0.8:
            return f"! {_SLOT}"
        if roll < 0.9:
            return f"{self.test()} {self.random.choice(('&&', '||'))} {_SLOT}"
        return self.statement(depth - 1)

    def body(self, depth: int) -> str:
        count = 1 if self.random.random() < 0.6 else 2
        return "; ".join(self.statement(depth - 1) for _ in range(count))

    def statement(self, depth: int) -> str:
        if depth <= 0:
            return self.simple()
        kinds = (
            (self.simple, 9), (self.and_or, 6), (self.pipeline, 3), (self.branch, 4),
            (self.group, 3), (self.loop, 2), (self.function, 3), (self.substituted, 3),
            (self.background, 1), (self.saved, 3), (self.case, 1), (self.other, 2),
            (self.ending, 1),
        )  # fmt: skip
        makers = [maker for maker, weight in kinds for _ in range(weight)]
        maker = self.random.choice(makers)
        return maker() if maker in (self.simple, self.ending) else maker(depth)  # type: ignore[call-arg]

    def ending(self) -> str:
        return self.random.choice(("exit 1", "exit 0", "return 0", "exit $rc", "false"))

    def and_or(self, depth: int) -> str:
        count = self.random.choice((1, 1, 2))
        text = self.part(depth)
        for _ in range(count):
            handler = self.random.choice(
                ("true", "echo no", "exit 1", "failed=1", "rc=$?", "{ echo no; exit 2; }",
                 "{ echo no; false; }", self.part(depth), self.part(depth), _SLOT)
            )  # fmt: skip
            text += f" {self.random.choice(('&&', '||'))} {handler}"
        return text

    def part(self, depth: int) -> str:
        roll = self.random.random()
        if roll < 0.4:
            return _SLOT
        if roll < 0.6:
            return self.test()
        return self.group(depth) if roll < 0.8 else self.simple()

    def pipeline(self, depth: int) -> str:
        parts = [self.random.choice((_SLOT, "log", self.group(depth))), "cat > /dev/null"]
        if self.random.random() < 0.2:
            parts.insert(1, "sort")
        if self.random.random() < 0.15:
            parts = ["log", _SLOT]
        text = " | ".join(parts)
        if self.bash and self.random.random() < 0.15:
            text += "\nexit ${PIPESTATUS[0]}"
        return text

    def branch(self, depth: int) -> str:
        text = f"if {self.condition(depth)}; then {self.body(depth)}"
        if self.random.random() < 0.2:
            text += f"; elif {self.condition(depth)}; then {self.body(depth)}"
        if self.random.random() < 0.5:
            text += f"; else {self.body(depth)}"
        return f"{text}; fi"

    def group(self, depth: int) -> str:
        inner = self.body(depth)
        if self.random.random() < 0.15:
            inner = f"set -e; {inner}"
        return f"( {inner} )" if self.random.random() < 0.5 else f"{{ {inner}; }}"

    def loop(self, depth: int) -> str:
        words = self.random.choice(("a b", "1", '"$@"', "x y z"))
        inner = self.body(depth)
        if self.random.random() < 0.3:
            inner += self.random.choice((" || break", " && break", "; continue", " || continue"))
        if self.random.random() < 0.2:
            return f"n=0; while [ $n -lt 2 ]; do n=$((n+1)); {inner}; done"
        return f"for i in {words}; do {inner}; done"

    def function(self, depth: int) -> str:
        name = self.random.choice(("f", "run", "check_all"))
        inner = self.body(depth)
        if self.random.random() < 0.3:
            inner += "; " + self.random.choice(("return $?", "return 0", "return 1", "echo done"))
        call = self.random.choice((name, name, f"{name} || true", f"{name} && echo ok",
                                   f"if {name}; then echo ok; else exit 1; fi", f"! {name}",
                                   f"x=$({name})"))  # fmt: skip
        return f"{name}() {{ {inner}; }}\n{call}"

    def substituted(self, depth: int) -> str:
        inner = self.body(depth)
        forms = [f"x=$({inner})", f"echo $({inner})", f"x=`{_SLOT}`", f"export x=$({inner})",
                 f'x="$({inner})" || exit 1', f"x=$({inner} || true)"]  # fmt: skip
        if self.bash:
            forms += [f"cat <({inner}) > /dev/null", f"declare x=$({inner})"]
        return self.random.choice(forms)

    def background(self, depth: int) -> str:
        return self.random.choice((f"{_SLOT} &", f"{_SLOT} &\nwait", f"{_SLOT} &\nwait $!",
                                   f"{_SLOT} &\npid=$!\nsetup\nwait $pid"))  # fmt: skip

    def saved(self, depth: int) -> str:
        return self.random.choice((
            f"{_SLOT} || rc=$?", f"set +e\n{_SLOT}\nrc=$?\nset -e", f"{_SLOT} && rc=0 || rc=$?",
            f"{_SLOT} || failed=1", f"if ! {_SLOT}; then failed=1; fi",
            f"{_SLOT} || failed=$((failed+1))", f"rc=0; {_SLOT} || rc=$(( rc || $? ))",
        ))  # fmt: skip

    def case(self, depth: int) -> str:
        word = self.random.choice(("$MODE", "full", '"$rc"'))
        return f"case {word} in full) {self.body(depth)};; f*|0) {self.body(depth)};; *) {_SLOT};; esac"  # noqa: E501

    def other(self, depth: int) -> str:
        return self.random.choice((
            f"timeout 5 {_SLOT}", f"env A=b {_SLOT}", f"bash -c '{_SLOT}'",
            f"bash -c '{_SLOT}; echo a'", f"bash -ec '{_SLOT}; echo a'", f"time {_SLOT}"
            if self.bash else _SLOT, f"eval '{_SLOT}'", f"eval '{_SLOT}; echo'", f"command {_SLOT}",
            f"A=b {_SLOT}", f"{_SLOT} > out 2>&1", f"ssh host '{_SLOT}; echo'",
            f"bash <<'EOF'\n{_SLOT}\necho a\nEOF", f"sh -c '{_SLOT} || exit 1'",
            f"echo a | xargs {_SLOT}",
        ))  # fmt: skip
