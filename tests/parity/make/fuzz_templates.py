"""Random chat templates from a grammar over their features, and mutations of the templates of template_reference.py."""

import re
import signal
from copy import deepcopy
from datetime import datetime

from template_reference import FEATURES, VARIABLES
from transformers.utils.chat_template_utils import _compile_jinja_template

NOW = datetime(2024, 2, 5, 8, 7, 6)
LITERALS = [
    "''", "'a'", "'Ab c'", "' a\\n'", "'ß ﬁ ǆ'", "'ΑΣ ΟΔΟΣ'", "'a,b,,c'", "'1'", "' 12 '", "'3.7'", "'x\\ty'", "'<|im_start|>'", "\"it's\"", "'é'",
    "'🙂'", "'aXbX'", "'-7'", "'a\\r\\nb'", "'²3'", "'O\\'x'", "'%d'", "'_a1'", "'\\n'", "'ab' 'cd'", "'i̇İı'", "'１'", "'1e3'", "'٣'", "'0x1f'",
]
TEXT_FILTERS = [
    "upper", "lower", "title", "capitalize", "trim", "string", "reverse", "indent", "indent(2, true)", "indent('> ', blank=true)", "replace('a', 'o')",
    "replace('a', 'b', 1)", "trim('a ')", "tojson", "default('d')", "safe", "d('e', true)", "replace('', '-')", "join('-')", "first", "last", "replace(1, 2)", "indent(width=1, first=true)",
]
TEXT_METHODS = [
    "strip()", "lstrip()", "rstrip('c ')", "strip('a')", "upper()", "lower()", "title()", "capitalize()", "swapcase()", "replace('a', 'zz')", "replace('', '.', 2)",
    "ljust(6, '*')", "rjust(5)", "center(7, '-')", "center(6)", "zfill(5)", "removeprefix('a')", "removesuffix('c')", "casefold()", "split(' ')[0]", "split()[-1]",
    "splitlines()|join('|')", "partition('a')|join('/')", "rpartition(' ')|join('/')", "rsplit(',', 1)|join('/')", "split(',', maxsplit=1)|join('/')", "split('a', 1)|last", "rsplit()|join",
]
TEXT_TESTS = [
    "startswith('a')", "endswith(('a', ' '))", "isdigit()", "isalpha()", "isalnum()", "isspace()", "isupper()", "islower()", "isdecimal()", "isnumeric()", "startswith('b', 1)",
    "isascii()", "istitle()", "isidentifier()", "isprintable()",
]
LIST_FILTERS = [
    "sort", "sort(reverse=true)", "reverse|list", "unique|list", "list", "map('string')|list", "map('upper')|list", "select|list", "reject('none')|list", "select('string')|list",
    "map('length')|list", "select('odd')|list", "reject('gt', 1)|list", "sort(case_sensitive=true)", "map('default', 'q')|list", "map('tojson')|list", "map('trim')|list", "select('in', [1, 'a'])|list",
    "selectattr('role', 'equalto', 'user')|list", "rejectattr('name')|list", "map(attribute='name')|list", "map(attribute='role', default=none)|list", "map('int')|list", "unique(true)|list",
    "sort(attribute='age,name')|map(attribute='name')|list", "map('replace', 'a', 'b')|list", "selectattr('age', '>', 25)|list", "batch(2)|list", "map('first')|list", "map('round', 1)|list", "map('float')|list",
]
TESTS = [
    "defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "mapping", "sequence", "iterable", "true", "false", "odd", "even", "divisibleby 3", "lower", "upper",
    "callable", "eq(1)", "ne('a')", "in [1, 'a', none]", "gt 2", "le(3)", "sameas(true)", "not none", "not defined", "equalto 'a'", "escaped", "lt 'b'", "filter",
]
FORMATS = ["%d %b %Y", "%Y-%m-%d", "%A, %-d %B", "%H:%M", "%I:%M %p", "%j", "%y%m", "%B %d, %Y", "%c", "%x", "%e", "%U/%V", "%%", "%5d", "%Ey", "%s"]


class Grammar:
    """Writes a template; what is known of the places' types makes most of them sound."""

    def __init__(self, random):
        self.random, self.loops, self.macros, self.names, self.spaces = random, 0, [], [], []

    def pick(self, *choices):
        chosen = self.random.choice(choices)
        return chosen() if callable(chosen) else chosen

    def expression(self, kind, depth):
        # Now and then something of another type, or that nothing was given for.
        if self.random.random() < 0.05:
            kind = self.random.choice(["text", "integer", "float", "truth", "list", "dict", "nothing"])
        made = getattr(self, kind)(depth)
        return f"({made})" if re.search(r"[ ~*/%+-]", made) and not re.fullmatch(r"'[^']*'|\w+", made) else made

    def any(self, depth):
        return self.expression(self.random.choice(["text", "text", "integer", "float", "truth", "list", "dict", "nothing"]), depth)

    def nothing(self, depth):
        return self.pick("missing", "none_value", "none", "dict.zz", "messages[0].tool_calls", "missing|default(none)", "empty|first")

    def text(self, depth):
        leaf = lambda: self.pick(
            lambda: self.random.choice(LITERALS), "word", "padded", "letters", "lines", "messages[0].content", "messages[1]['role']", "messages[-1].content", "words[0]", "people[0].name",
            *(["m.role", "m['content']"] if self.loops else []), *self.names,
        )
        if depth <= 0:
            return leaf()
        inner = depth - 1
        return self.pick(
            leaf, leaf,
            lambda: f"{self.expression('text', inner)} ~ {self.any(inner)}",
            lambda: f"{self.expression('text', inner)} + {self.expression('text', inner)}",
            lambda: f"{self.expression('text', inner)} * {self.pick('2', '0', '-1', 'true', self.expression('integer', 0))}",
            lambda: f"{self.expression('text', inner)}|{self.random.choice(TEXT_FILTERS)}",
            lambda: f"{self.expression('text', inner)}|{self.random.choice(TEXT_FILTERS)}",
            lambda: f"{self.expression('text', inner)}.{self.random.choice(TEXT_METHODS)}",
            lambda: f"{self.expression('text', inner)}.{self.random.choice(TEXT_METHODS)}",
            lambda: f"{self.expression('text', inner)}{self.slice()}",
            lambda: f"{self.expression('text', inner)} if {self.expression('truth', inner)}{self.pick('', ' else ' + self.expression('text', inner))}",
            lambda: f"{self.expression('list', inner)}|join({self.pick('', repr(', '), 'n')})",
            lambda: f"{self.any(inner)}|tojson{self.pick('', '', '(indent=2)', '(sort_keys=true)', '(ensure_ascii=true)', '(indent=1, separators=(' + repr(',') + ', ' + repr(':') + '))')}",
            lambda: f"{self.any(inner)}|string",
            lambda: f"', '.join({self.expression('list', inner)})",
            lambda: f"{self.expression('text', inner)} or {self.expression('text', inner)}",
            lambda: f"strftime_now({self.random.choice(FORMATS)!r})",
            lambda: f"{self.random.choice(self.macros)}({self.any(inner)})" if self.macros else leaf(),
        )

    def slice(self):
        number = lambda: self.random.choice(["", "", "0", "1", "-1", "2", "5", "-3"])
        return self.pick(f"[{self.random.choice(['0', '1', '-1', '2', '9'])}]", f"[{number()}:{number()}]", f"[{number()}:{number()}:{self.random.choice(['', '2', '-1', '-2'])}]")

    def integer(self, depth):
        leaf = lambda: self.pick("n", "0", "1", "3", "-2", "12", "people[1].age", "list[0]", *(["loop.index", "loop.revindex0", "loop.length", "loop.depth"] if self.loops else []), *(f"{s}.count" for s in self.spaces))
        if depth <= 0:
            return leaf()
        inner = depth - 1
        return self.pick(
            leaf,
            lambda: f"{self.any(inner)}|length",
            lambda: f"{self.expression('integer', inner)} {self.random.choice(['+', '-', '*', '//', '%', '**'])} {self.expression('integer', 0)}",
            lambda: f"{self.any(inner)}|int{self.pick('', '', '(5)', '(0, 16)', '(base=2)')}",
            lambda: f"{self.expression('text', inner)}.{self.random.choice(['find', 'count', 'rfind', 'index'])}({self.pick(repr('a'), repr(''), repr('a') + ', 1', repr('c') + ', 0, -1')})",
            lambda: f"{self.expression('list', inner)}|{self.random.choice(['sum', 'min', 'max', 'length', 'count', 'first', 'last'])}",
            lambda: f"-{self.expression('integer', inner)}",
            lambda: f"{self.expression('text', inner)}|wordcount",
            lambda: f"{self.expression('integer', inner)}|abs",
        )

    def float(self, depth):
        if depth <= 0:
            return self.random.choice(["x", "0.5", "1e3", "2.675", "-0.125", "1e16", "0.1", "7.0"])
        inner = depth - 1
        number = lambda: self.expression(self.random.choice(["float", "integer"]), inner)
        return self.pick(
            lambda: f"{number()} {self.random.choice(['+', '-', '*', '/', '//', '%', '**'])} {self.expression('float', 0)}",
            lambda: f"{number()} / {self.expression('integer', 0)}",
            lambda: f"{number()}|round{self.pick('', '(2)', '(1)', '(-1)', '(1, ' + repr('ceil') + ')', '(method=' + repr('floor') + ')')}",
            lambda: f"{self.any(inner)}|float{self.pick('', '', '(1.5)')}",
            lambda: f"{self.expression('list', inner)}|sum",
        )

    def truth(self, depth):
        leaf = lambda: self.random.choice(["yes", "no", "true", "false", "missing", *(["loop.first", "loop.last"] if self.loops else [])])
        if depth <= 0:
            return leaf()
        inner = depth - 1
        return self.pick(
            lambda: f"{self.any(inner)} is {self.random.choice(TESTS)}",
            lambda: f"{self.any(inner)} is {self.random.choice(TESTS)}",
            lambda: f"{self.any(inner)} {self.random.choice(['==', '!='])} {self.any(inner)}",
            lambda: f"{self.expression('integer', inner)} {self.random.choice(['<', '>', '<=', '>='])} {self.expression('float', inner)}",
            lambda: f"{self.expression('text', inner)} {self.random.choice(['<', '==', '>=', 'in', 'not in'])} {self.expression('text', inner)}",
            lambda: f"{self.expression('list', inner)} {self.random.choice(['<', '==', '>='])} {self.expression('list', inner)}",
            lambda: f"{self.any(inner)} in {self.expression(self.random.choice(['list', 'dict']), inner)}",
            lambda: f"not {self.expression('truth', inner)}",
            lambda: f"{self.expression('truth', inner)} {self.random.choice(['and', 'or'])} {self.any(inner)}",
            lambda: f"{self.expression('text', inner)}.{self.random.choice(TEXT_TESTS)}",
            lambda: f"0 < {self.expression('integer', inner)} <= {self.expression('integer', inner)}",
        )

    def list(self, depth):
        leaf = lambda: self.random.choice(["list", "words", "mixed", "empty", "messages", "people", "[1, 2.0, true]", "['b', 'A']", "(1, 'a')", "[[1, 2], [3]]"])
        if depth <= 0:
            return leaf()
        inner = depth - 1
        return self.pick(
            leaf,
            lambda: f"[{', '.join(self.any(inner) for _ in range(self.random.randrange(4)))}]",
            lambda: f"({self.any(inner)}, {self.any(inner)})",
            lambda: f"{self.expression('list', inner)}|{self.random.choice(LIST_FILTERS)}",
            lambda: f"{self.expression('list', inner)}|{self.random.choice(LIST_FILTERS)}",
            lambda: f"{self.expression('list', inner)}[{self.random.choice(['1:', ':-1', '::2', '::-1', '-2:', '5:'])}]",
            lambda: f"range({self.pick('3', '1, 4', '5, 0, -2', 'n', self.expression('integer', 0))}){self.pick('', '|list')}",
            lambda: f"{self.expression('text', inner)}.{self.random.choice(['split()', 'splitlines()', 'splitlines(true)', 'partition(' + repr(' ') + ')', 'split(' + repr(',') + ')', 'rsplit(none, 1)'])}",
            lambda: f"{self.expression('dict', inner)}{self.random.choice(['|dictsort', '.keys()|list', '.items()|list', '.values()|list', '|list', '|items|list', '|dictsort(by=' + repr('value') + ')'])}",
            lambda: f"{self.expression('list', inner)} + {self.expression('list', inner)}",
            lambda: f"{self.expression('list', inner)} * 2",
            lambda: f"{self.expression('text', inner)}|list",
        )

    def dict(self, depth):
        if depth <= 0:
            return self.random.choice(["dict", "messages[0]", "people[0]", "{}", "{'a': 1}", "people[2].tags"])
        inner = depth - 1
        keys = self.random.sample(["'a'", "'b'", "'c d'", "1", "none", "'é'"], self.random.randrange(4))
        return self.pick(
            lambda: "{" + ", ".join(f"{key}: {self.any(inner)}" for key in keys) + "}",
            lambda: f"dict(a={self.any(inner)}, z={self.any(inner)})",
            lambda: f"{self.expression('dict', inner)}.copy()",
            lambda: self.dict(0),
        )

    def tag(self, content, kind="%"):
        open_, close = ("{{", "}}") if kind == "{" else ("{%", "%}")
        before, after = self.random.choice(["", "", "", "-", "+"]), self.random.choice(["", "", "", "-", "+"])
        if kind == "{":
            before, after = before.replace("+", ""), after.replace("+", "")
        return f"{open_}{before} {content} {after}{close}"

    def raw(self):
        return self.random.choice(["", "", "a", " ", "\n", "  ", "\n  ", "x\n", "- ", "\r\n", "\t", "{ ", "% ", "\n\n ", "é", "{# c #}", "{#- c -#}", "\n  {# c\n #}\n", "{% raw %}{{ a }}{% endraw %}", "# "])

    def body(self, depth, count=None):
        return self.raw() + "".join(self.statement(depth) + self.raw() for _ in range(count or self.random.randrange(1, 3)))

    def statement(self, depth):
        output = lambda: self.tag(self.any(self.random.randrange(3)), "{")
        if depth <= 0:
            return output()
        return self.pick(
            output, output, output, self.loop_over(depth), self.loop_over(depth), lambda: self.choice_of(depth), lambda: self.setting(depth), lambda: self.setting(depth),
            lambda: self.block(depth), lambda: self.macro(depth), lambda: self.leave(),
        )

    def leave(self):
        if not self.loops and self.random.random() < 0.95:
            return ""
        return self.tag(f"if {self.expression('truth', 1)}") + self.raw() + self.tag(self.random.choice(["break", "continue"])) + self.tag("endif")

    def loop_over(self, depth):
        def make():
            over = self.pick("messages", "messages", "messages", lambda: self.expression("list", 1), "dict.items()", "'añ🙂'", "messages[1:]", "range(4)")
            target = "m" if over != "dict.items()" else self.random.choice(["k, m", "m"])
            test = self.pick("", "", "", lambda: f" if {self.expression('truth', 1)}", " if m.role != 'system'")
            head = self.tag(f"for {target} in {over}{test}{self.pick('', '', '', '', '', ' recursive')}")
            self.loops += 1
            inside = self.body(depth - 1)
            self.loops -= 1
            other = self.pick("", "", lambda: self.tag("else") + self.body(depth - 1, 1))
            return head + inside + other + self.tag("endfor")

        return make

    def choice_of(self, depth):
        middle = self.pick("", "", lambda: self.tag(f"elif {self.expression('truth', 1)}") + self.body(depth - 1, 1))
        last = self.pick("", lambda: self.tag("else") + self.body(depth - 1, 1))
        return self.tag(f"if {self.expression('truth', 2)}") + self.body(depth - 1) + middle + last + self.tag("endif")

    def setting(self, depth):
        name = self.random.choice(["a", "b", "n", "word"])
        if name in "ab" and name not in self.names:
            self.names.append(name)

        def space():
            if "ns" not in self.spaces:
                self.spaces.append("ns")
                return self.tag(f"set ns = namespace(count={self.expression('integer', 0)}, text='')")
            return self.tag(f"set ns.{self.pick('count', 'text', 'other')} = {self.pick('ns.count + 1', 'ns.text ~ word', lambda: self.any(1))}")

        return self.pick(
            lambda: self.tag(f"set {name} = {self.any(2)}"),
            lambda: self.tag(f"set {name} = {self.expression('text', 1)}"),
            lambda: self.tag(f"set {name}{self.pick('', ' | upper', ' | trim | length')}") + self.body(depth - 1) + self.tag("endset"),
            lambda: self.tag(f"set a, b = {self.any(1)}, {self.any(1)}"),
            space, space,
        )

    def block(self, depth):
        start, end = self.pick(
            lambda: (f"with a = {self.any(1)}{self.pick('', ', b = a')}", "endwith"), ("generation", "endgeneration"),
            lambda: (f"filter {self.random.choice(['upper', 'trim', 'indent(2)', 'replace(' + repr('a') + ', ' + repr('b') + ')', 'title', 'length'])}", "endfilter"),
        )
        return self.tag(start) + self.body(depth - 1) + self.tag(end)

    def macro(self, depth):
        name = self.random.choice(["f", "g"])
        loops, self.loops = self.loops, 0
        parameters = self.random.choice(["a", "a, b=2", "a='z'", "", "a, b=a", "m"])
        inside = self.body(depth - 1) + self.pick("", "", "{{ caller() if caller }}", "{{ varargs }}", "{{ kwargs }}", "{{ caller('q') }}", "{{ a }}")
        self.loops = loops
        self.macros.append(name)
        call = self.pick(
            lambda: self.tag(f"{name}({self.any(1)})", "{"), lambda: self.tag(f"{name}(a={self.any(1)})", "{"), lambda: self.tag(f"{name}()", "{"), lambda: self.tag(f"{name}(*[1, 2])|trim", "{"),
            lambda: self.tag(f"call{self.pick('', '(q)')} {name}({self.any(0)})") + self.body(depth - 1, 1) + self.tag("endcall"),
        )
        return self.tag(f"macro {name}({parameters})") + inside + self.tag("endmacro") + call


TEMPLATES = [template for templates in FEATURES.values() for template in templates]
PIECE = re.compile(r"\{[%{#][-+]?|[-+]?[%}#]\}|\w+|\s+|'[^']*'|.", re.S)


def mutated(random):
    """A template with one to three pieces taken away, doubled, put elsewhere or taken from another."""
    pieces = PIECE.findall(random.choice(TEMPLATES))
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(pieces) + 1)
        other = PIECE.findall(random.choice(TEMPLATES))
        change = random.randrange(6)
        if change == 0 and pieces:
            pieces.pop(min(at, len(pieces) - 1))
        elif change == 1 and pieces:
            pieces.insert(at, random.choice(pieces))
        elif change == 2 and other:
            pieces.insert(at, random.choice(other))
        elif change == 3 and other and pieces:
            words = [i for i, piece in enumerate(pieces) if re.fullmatch(r"\w+|'[^']*'", piece)]
            theirs = [piece for piece in other if re.fullmatch(r"\w+|'[^']*'", piece)]
            if words and theirs:
                pieces[random.choice(words)] = random.choice(theirs)
        elif change == 4:
            tags = [i for i, piece in enumerate(pieces) if re.fullmatch(r"\{[%{#][-+]?|[-+]?[%}#]\}", piece)]
            if tags:
                i = random.choice(tags)
                bare = re.sub(r"[-+]", "", pieces[i])
                sign = random.choice(["", "-", "+"])
                pieces[i] = bare + sign if bare[0] == "{" else sign + bare
        else:
            pieces = pieces + other
    return "".join(pieces)


class TooLong(Exception):
    """A template ran longer than a chat template may."""


def stop(*_):
    raise TooLong


def render(template):
    """The text, or None where jinja2 refuses."""
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        return _compile_jinja_template(template).render(**deepcopy(VARIABLES), strftime_now=NOW.strftime)
    except TooLong:
        raise
    except Exception:  # whatever the template does wrong
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


# What differs from run to run: addresses of objects, the time, chance.
UNSTABLE = re.compile(r" at 0x[0-9a-f]{6,}|lipsum|random")


def rows(random, count):
    """Different templates with their texts; at most a third are refused."""
    made, refused = {}, 0
    while len(made) < count:
        template = mutated(random) if random.random() < 0.3 else Grammar(random).body(random.randrange(1, 4))
        if template in made or len(template) > 420 or "{" not in template:
            continue
        try:
            text = render(template)
        except TooLong:
            continue
        if UNSTABLE.search(template + (text or "")) or len(text or "") > 600:
            continue
        if text is None:
            if refused > len(made) / 3:
                continue
            refused += 1
        made[template] = text
    return list(map(list, made.items()))
