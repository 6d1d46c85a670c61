"""Statements: lists, pipelines, compound and simple commands."""

from collections.abc import Callable
from typing import Final

from iact_guard.model.regex import regex
from iact_guard.syntax.shell.cursor import MAX_LENGTH, Cursor, ShellError
from iact_guard.syntax.shell.nodes import (
    AndOr,
    ArithmeticCommand,
    Arm,
    Assignment,
    Block,
    Case,
    Command,
    Conditional,
    Coproc,
    For,
    ForArithmetic,
    Function,
    Group,
    Heredoc,
    If,
    Item,
    Literal,
    Pipeline,
    Redirect,
    Redirected,
    Script,
    Statement,
    Subshell,
    Unparsed,
    While,
    Word,
)
from iact_guard.syntax.shell.words import Words

_RESERVED_WORD = regex(r"""(?:[a-z]+|[{}!]|\[\[)(?=[ \t\n|&;()<>]|\\\n|\Z)""")
_CLOSING = frozenset({"then", "elif", "else", "fi", "do", "done", "esac", "}", "in"})
_ASSIGNMENT = regex(r"([A-Za-z_][A-Za-z0-9_]*)(\[[^\]\n]*\])?(\+?)=")
_REDIRECT = regex(r"(\d+|\{[A-Za-z_]\w*\})?(<<<|<<-|<<|<>|<&|>>|>&|>\||<(?!\()|>(?!\())|()(&>>|&>)")
_REDIRECTS = frozenset("0123456789{<>&")
_FUNCTION = regex(r"""([^ \t\n'"\\$`|&;()<>=]+)[ \t]*\([ \t]*\)""")
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*(?![A-Za-z0-9_=-])")
_TEST_SIGN = regex(r"&&|\|\||[()<>!](?=[ \t\n]|\Z)|[()]")
_NOTHING: Final[frozenset[str]] = frozenset()


def parse(text: str) -> Script:
    """The tree of a script; from a statement that cannot be understood on it is Unparsed."""
    if len(text) > MAX_LENGTH:
        rest = Unparsed(0, len(text), f"longer than {MAX_LENGTH} characters")
        return Script(text, Block(0, len(text), (Item(rest),)))
    return Script(text, _Parser(text).script())


class _Parser:
    def __init__(self, text: str) -> None:
        self.cursor = Cursor(text)
        self.words = Words(self.cursor, self.block)
        self._compound: dict[str, Callable[[], Statement]] = {
            "if": self._if,
            "while": self._while,
            "until": self._while,
            "for": self._for,
            "select": self._for,
            "case": self._case,
            "{": self._group,
            "[[": self._test,
            "function": self._function,
            "coproc": self._coproc,
        }

    def script(self) -> Block:
        """The whole text. A shell runs the lines before the one that it cannot read."""
        items, line, end = list[Item](), list[Item](), len(self.cursor.text)
        start = 0
        try:
            while True:
                self.cursor.blanks()
                if self.cursor.at() == "\n":
                    self.cursor.newlines()
                    items += line
                    line = []
                start = line[0].statement.start if line else self.cursor.position
                if self.cursor.position >= end:
                    break
                line.append(self._item())
        except ShellError as error:
            line = [Item(Unparsed(start, end, error.reason))]
        return Block(0, end, (*items, *line))

    def block(self, closing: frozenset[str] = _NOTHING) -> Block:
        """Statements up to a closing word, a `)`, a `;;` or the end."""
        cursor, items = self.cursor, list[Item]()
        cursor.descend()
        cursor.newlines()
        start = cursor.position
        while cursor.at() not in (")", "") and not self._arm_ends() and self._peek() not in closing:
            items.append(self._item())
            cursor.newlines()
        cursor.depth -= 1
        return Block(start, cursor.position, tuple(items))

    def _arm_ends(self) -> bool:
        return self.cursor.sees(";;") or self.cursor.sees(";&")

    def _peek(self) -> str:
        """A word that may be reserved, where a command may begin."""
        match = self.cursor.match(_RESERVED_WORD)
        return match.group() if match else ""

    def _take(self, word: str) -> None:
        if self._peek() != word:
            raise self.cursor.error(f"`{word}` is missing")
        self.cursor.position += len(word)

    def _body(self, opening: str, *closing: str) -> Block:
        """`then ...`, `do ...`, without the closing word."""
        self._take(opening)
        body = self.block(frozenset(closing))
        if not body.items:
            raise self.cursor.error("a command is missing")
        return body

    def _item(self) -> Item:
        cursor = self.cursor
        statement = self._list()
        if cursor.at() == "&":
            cursor.position += 1
            return Item(statement, background=True)
        if cursor.at() == ";" and not self._arm_ends():
            cursor.position += 1
        elif cursor.at() not in ("\n", ")", "") and not self._arm_ends() and not self._closes():
            raise cursor.error("a command ends unexpectedly")
        return Item(statement)

    def _closes(self) -> bool:
        """A compound command needs no `;` before the word that closes what stands around it."""
        return self.cursor.text[self.cursor.position - 1] in ")] \t" and self._peek() in _CLOSING

    def _list(self) -> Statement:
        cursor, items, operators = self.cursor, [self._pipeline()], list[str]()
        end = cursor.position
        cursor.blanks()
        while cursor.sees("&&") or cursor.sees("||"):
            operators.append(cursor.at() * 2)
            cursor.position += 2
            cursor.newlines()
            items.append(self._pipeline())
            end = cursor.position
            cursor.blanks()
        if not operators:
            return items[0]
        return AndOr(items[0].start, end, tuple(items), tuple(operators))

    def _pipeline(self) -> Statement:
        cursor, start = self.cursor, self.cursor.position
        negated = timed = False
        while (word := self._peek()) in ("!", "time"):
            negated, timed = negated ^ (word == "!"), timed or word == "time"
            cursor.position += len(word)
            cursor.blanks()
            if timed and cursor.sees("-p "):
                cursor.position += 3
                cursor.blanks()
        commands = [self._command()]
        end = cursor.position
        cursor.blanks()
        while cursor.at() == "|" and cursor.at(1) != "|":
            cursor.position += 2 if cursor.at(1) == "&" else 1
            cursor.newlines()
            commands.append(self._command())
            end = cursor.position
            cursor.blanks()
        if len(commands) == 1 and not negated and not timed:
            return commands[0]
        return Pipeline(start, end, tuple(commands), negated, timed)

    def _command(self) -> Statement:
        cursor, start = self.cursor, self.cursor.position
        word = self._peek()
        if word in _CLOSING and word != "in":
            raise cursor.error(f"`{word}` has nothing to close")
        if word in self._compound:
            body = self._compound[word]()
        elif cursor.at() == "(":
            body = self._parenthesis()
        elif match := cursor.match(_FUNCTION):
            cursor.position = match.end()
            return self._defined(start, match[1])
        else:
            return self._simple()
        redirects = self._redirects()
        if not redirects:
            return body
        return Redirected(start, redirects[-1].end, body, redirects)

    def _redirects(self) -> tuple[Redirect, ...]:
        found, end = [], self.cursor.position
        self.cursor.blanks()
        while redirect := self._redirect():
            found.append(redirect)
            end = redirect.end
            self.cursor.blanks()
        self.cursor.position = end
        return tuple(found)

    def _simple(self) -> Command:
        cursor, start = self.cursor, self.cursor.position
        words, assignments, redirects = list[Word](), list[Assignment](), list[Redirect]()
        while cursor.at() not in ("\n", ";", "|", ")", ""):
            if redirect := self._redirect():
                redirects.append(redirect)
            elif cursor.at() == "&":
                break
            elif not words and cursor.match(_ASSIGNMENT):
                assignments.append(self._assignment())
            else:
                words.append(self.words.word())
            cursor.blanks()
        ends = [part.end for parts in (assignments, words, redirects) for part in parts]
        if not ends:
            raise cursor.error("a command is missing")
        return Command(start, max(ends), tuple(words), tuple(assignments), tuple(redirects))

    def _assignment(self) -> Assignment:
        cursor, start = self.cursor, self.cursor.position
        match = cursor.match(_ASSIGNMENT)
        if match is None:
            raise cursor.error("an assignment is missing")
        cursor.position = match.end()
        array = cursor.at() == "("
        if array:
            value = self.words.elements()
        elif cursor.at() in (" ", "\t", "\n", ";", "|", "&", ")", "<", ">", "") and not (
            cursor.at() in ("<", ">") and cursor.at(1) == "("
        ):
            value = ()
        else:
            value = (self.words.word(),)
        end = cursor.position if array or not value else value[0].end
        return Assignment(start, end, match[1], value, bool(match[3]), array)

    def _redirect(self) -> Redirect | None:
        cursor, start = self.cursor, self.cursor.position
        match = cursor.match(_REDIRECT) if cursor.at() in _REDIRECTS else None
        if match is None:
            return None
        descriptor, operator = match[1] or "", match[2] or match[4]
        cursor.position = match.end()
        cursor.blanks()
        target = self.words.word()
        heredoc = None
        if operator in ("<<", "<<-"):
            heredoc = self._heredoc(target, tabs=operator == "<<-")
        return Redirect(start, target.end, operator, descriptor, target, heredoc)

    def _heredoc(self, target: Word, *, tabs: bool) -> Heredoc:
        cursor = self.cursor
        delimiter = target.static if target.static is not None else target.literal
        start, end, closed = cursor.heredoc(delimiter, tabs=tabs)
        if target.quoted:
            text = Literal(start, end, cursor.text[start:end], quoted=True)
            return Heredoc(start, end, delimiter, True, (text,), closed)
        here, cursor.position = cursor.position, start
        cursor.descend()
        parts = self.words.expanded(end)
        cursor.depth -= 1
        cursor.position = here
        return Heredoc(start, end, delimiter, False, parts, closed)

    def _parenthesis(self) -> Statement:
        cursor, start = self.cursor, self.cursor.position
        if cursor.sees("((") and (end := self.words.arithmetic_end(start + 2)) is not None:
            cursor.position += 2
            parts = self.words.expanded(end)
            cursor.position = end + 2
            return ArithmeticCommand(start, end + 2, parts)
        cursor.position += 1
        body = self.block()
        cursor.expect(")")
        return Subshell(start, cursor.position, body)

    def _group(self) -> Group:
        start = self.cursor.position
        body = self._body("{", "}")
        self._take("}")
        return Group(start, self.cursor.position, body)

    def _if(self) -> If:
        start = self.cursor.position
        branches, otherwise, word = list[tuple[Block, Block]](), None, "if"
        while word in ("if", "elif"):
            condition = self._body(word, "then")
            branches.append((condition, self._body("then", "elif", "else", "fi")))
            word = self._peek()
        if word == "else":
            otherwise = self._body("else", "fi")
        self._take("fi")
        return If(start, self.cursor.position, tuple(branches), otherwise)

    def _while(self) -> While:
        start, word = self.cursor.position, self._peek()
        condition = self._body(word, "do")
        body = self._body("do", "done")
        self._take("done")
        return While(start, self.cursor.position, condition, body, word == "until")

    def _for(self) -> Statement:
        cursor, start, word = self.cursor, self.cursor.position, self._peek()
        cursor.position += len(word)
        cursor.blanks()
        if cursor.sees("(("):
            return self._for_arithmetic(start)
        match = cursor.match(_NAME)
        if match is None:
            raise cursor.error("a variable is missing")
        cursor.position = match.end()
        cursor.newlines()
        words: list[Word] | None = None
        if self._peek() == "in":
            cursor.position += 2
            cursor.blanks()
            words = []
            while cursor.at() not in (";", "\n", ""):
                words.append(self.words.word())
                cursor.blanks()
        if cursor.at() == ";":
            cursor.position += 1
        cursor.newlines()
        body = self._body("do", "done")
        self._take("done")
        listed = None if words is None else tuple(words)
        return For(start, cursor.position, match.group(), listed, body, word == "select")

    def _for_arithmetic(self, start: int) -> ForArithmetic:
        cursor = self.cursor
        end = self.words.arithmetic_end(cursor.position + 2)
        if end is None:
            raise cursor.error("`))` is missing")
        cursor.position += 2
        parts = self.words.expanded(end)
        cursor.position = end + 2
        cursor.blanks()
        if cursor.at() == ";":
            cursor.position += 1
        cursor.newlines()
        body = self._body("do", "done")
        self._take("done")
        return ForArithmetic(start, cursor.position, parts, body)

    def _case(self) -> Case:
        cursor, start = self.cursor, self.cursor.position
        cursor.position += len("case")
        cursor.blanks()
        word = self.words.word()
        cursor.newlines()
        self._take("in")
        cursor.newlines()
        arms: list[Arm] = []
        while self._peek() != "esac":
            arms.append(self._arm())
            cursor.newlines()
            if not arms[-1].terminator:
                break
        self._take("esac")
        return Case(start, cursor.position, word, tuple(arms))

    def _arm(self) -> Arm:
        cursor, start, patterns = self.cursor, self.cursor.position, list[Word]()
        if cursor.at() == "(":
            cursor.position += 1
            cursor.blanks()
        while not patterns or cursor.at() == "|":
            cursor.position += bool(patterns)
            cursor.blanks()
            patterns.append(self.words.word())
            cursor.blanks()
        cursor.expect(")")
        body = self.block(frozenset({"esac"}))
        terminator = next((sign for sign in (";;&", ";;", ";&") if cursor.sees(sign)), "")
        cursor.position += len(terminator)
        return Arm(start, cursor.position, tuple(patterns), body, terminator)

    def _test(self) -> Conditional:
        cursor, start, words = self.cursor, self.cursor.position, list[Word]()
        while True:
            regex = bool(words) and words[-1].static == "=~"
            words.append(self._operand(regex=regex))
            if words[-1].static == "]]":
                return Conditional(start, cursor.position, tuple(words))
            cursor.newlines()

    def _operand(self, *, regex: bool) -> Word:
        cursor, start = self.cursor, self.cursor.position
        match = None if regex else cursor.match(_TEST_SIGN)
        if match is None:
            return self.words.word(regex=regex)
        cursor.position = match.end()
        sign = Literal(start, match.end(), match.group(), quoted=False)
        return Word(start, match.end(), (sign,))

    def _function(self) -> Statement:
        cursor, start = self.cursor, self.cursor.position
        cursor.position += len("function")
        cursor.blanks()
        name = self.words.word()
        cursor.blanks()
        if cursor.at() == "(":
            cursor.position += 1
            cursor.blanks()
            cursor.expect(")")
        return self._defined(start, name.literal)

    def _defined(self, start: int, name: str) -> Function:
        self.cursor.newlines()
        self.cursor.descend()
        body = self._command()
        self.cursor.depth -= 1
        if isinstance(body, Command):
            raise self.cursor.error("a function's body is missing")
        return Function(start, self.cursor.position, name, body)

    def _coproc(self) -> Coproc:
        cursor, start = self.cursor, self.cursor.position
        cursor.position += len("coproc")
        cursor.blanks()
        cursor.descend()
        body = self._command()
        cursor.depth -= 1
        return Coproc(start, cursor.position, body)
