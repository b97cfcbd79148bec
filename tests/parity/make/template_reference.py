"""Small templates, one a feature, as jinja2 renders them in the environment that transformers makes for chat templates.

`template_reference.py` writes ../references/templates/reference.json: rows of [feature, template, text], or
[feature, template, null] where jinja2 refuses. All templates are rendered with VARIABLES.
"""

import json
from copy import deepcopy
from pathlib import Path

from transformers.utils.chat_template_utils import _compile_jinja_template

VARIABLES = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "\n  indented code\n"},
    ],
    "none_value": None,
    "yes": True,
    "no": False,
    "n": 7,
    "x": 2.5,
    "word": "heArt ache's",
    "padded": " \t\n a b \u00a0\u2003\x1c",
    "letters": "Grüße 你好 🙂 <&'\">",
    "lines": "one\n\ntwo\r\nthree\u2028four",
    "list": [3, 1, 2],
    "words": ["pear", "Apple", "fig", "apple"],
    "mixed": [1, "a", None, True, 2.0001, ["b"], {"c": "d'e"}],
    "dict": {"b": 1, "a": None, "items": "own", "A": [1, 2]},
    "people": [{"name": "Ann", "age": 30, "tags": {"x": 1}}, {"name": "bob", "age": 25}, {"name": "Cid", "age": 30, "tags": {"x": 0}}],
    "empty": [],
}

LOOP = "{% for m in messages %}"
FEATURES = {
    "line ends": [
        LOOP + "\r\n<{{ m.role }}>\r\n{{ m.content }}\r\n{% endfor %}\r\n",
        "a\rb\r\n{% if yes %}\rc\r{% endif %}\r",
        "a\n", "a\n\n", "\na", "{# c #}\nx\n", "{{ 'a\r\nb' }}", "  {% if yes %}  \n  x\n  {% endif %}  \n  y",
    ],
    "white space control": [
        " a {%- if yes -%} b {%- endif %} c ", "a\n  {{- 'b' -}}\n  c", "a  {#- c -#}  b", "a\n   {%+ if yes %} b{% endif %}",
        "a {% if yes +%}\nb{% endif %}", "  {% if yes %}x{% endif %}  {% if yes %}y{% endif %}\n", "x  {% if yes %}\n\n y{% endif %}",
        "{% if yes %}\n    {{ n }}\n    {% endif %}\nend", "\u00a0{% if yes %}a{% endif %}", "a\n\t {# c #} b", "a\n \x0b{% if yes %}b{% endif %}",
        "  {#- c #}\n  x", "{% if yes -%}\n\n  a\n\n  {%- endif %}\n\n", "{{ '-%}\n' }}x", "{{ '{% generation %}' }}", "a-}\nb{#}\n#}c",
        "{%- for i in [1, 2] -%}\n {{ i }}\n{%- endfor -%}\n", "{# a {% b %} #}c", "a{{ 1 }}\nb", "  {{ 1 }}  \n  {{ 2 }}", "{%if yes%}a{%endif%}",
    ],
    "raw": ["{% raw %}{{ a }}{% if %}{% endraw %}b", "{%- raw -%} \n {{ a }} {%- endraw -%} \n b", "a\n  {% raw %}\n  b\n  {% endraw %}\n  c", "{% raw %}{# x #}{% endraw %}"],
    "continue and break": [
        LOOP + "{% if m.role == 'system' %}[system] {{ m.content }}\n{% continue %}{% endif %}[{{ m.role }}] {{ m.content }}\n{% endfor %}",
        LOOP + "{{ m.role }};{% if m.role == 'user' %}stop{% break %}{% endif %}after;{% endfor %}end",
        "{% for a in [1, 2] %}{% for b in [1, 2, 3] %}{{ a }}{{ b }} {% if b == 2 %}{% break %}{% endif %}{% endfor %}|{% if a == 1 %}{% continue %}{% endif %}!{% endfor %}",
        "{% for i in [1, 2, 3] %}{{ loop.index }}{% if i == 2 %}{% continue %}{% endif %}{% if loop.last %}last{% endif %}{% else %}none{% endfor %}",
        "{% for i in [1] %}{% break %}{% else %}none{% endfor %}x", "{% break %}", "{% for i in list %}{% with a = i %}{% if a == 1 %}{% break %}{% endif %}{{ a }}{% endwith %}{% endfor %}",
    ],
    "loop": [
        "{% for i in list %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}",
        "{% for i in list %}{{ loop.previtem }}-{{ loop.nextitem }} {% endfor %}", "{% for i in list %}{{ loop.cycle('a', 'b') }}{% endfor %}",
        "{% for i in [1, 1, 2] %}{{ loop.changed(i) }} {% endfor %}", "{% for i in empty %}a{% else %}none{% endfor %}", "{% for i in list if i > 1 %}{{ loop.index }}:{{ i }}/{{ loop.length }} {% endfor %}",
        "{% for k, v in dict.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in dict %}{{ k }}{% endfor %}", "{% for c in 'añ🙂' %}{{ c }}.{% endfor %}", "{% for i in missing %}a{% endfor %}b",
        "{% for i in none_value %}a{% endfor %}", "{% for (a, b) in [(1, 2), (3, 4)] %}{{ a + b }} {% endfor %}", "{% for a, b in [(1, 2, 3)] %}{% endfor %}",
        "{% for i in [1, [2, [3]]] recursive %}{% if i is iterable %}({{ loop(i) }}){% else %}{{ i }}@{{ loop.depth }}{% endif %}{% endfor %}",
        "{% for i in 1, 2, 3 %}{{ i }}{% endfor %}", "{% for i in range(3) %}{{ i }}{% endfor %}{{ i }}", "{% for i in list %}{% for j in list %}{{ loop.index }}{% endfor %}{{ loop.index }};{% endfor %}",
        "{% for m in messages[1:] %}{{ m['role'] }}{% endfor %}", "{% for m in messages[::-1] %}{{ m.role }} {% endfor %}", "{% for i in list|sort %}{{ i }}{% endfor %}", "{% for i in n %}{% endfor %}",
        "{% for i in list if i is odd %}{{ i }}{% else %}e{% endfor %}", "{{ loop }}",
    ],
    "scope": [
        "{% set a = 1 %}{% for i in list %}{% set a = a + 1 %}{{ a }}{% endfor %}{{ a }}", "{% set ns = namespace(a=1, b='x') %}{% for i in list %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }}{{ ns.b }}{{ ns.c }}",
        "{% if yes %}{% set a = 5 %}{% endif %}{{ a }}", "{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a }}", "{% set a, b = 1, 'z' %}{{ a }}{{ b }}", "{% set a = (1, 2) %}{{ a }}{% set b = 1, %}{{ b }}",
        "{% set a %}x{{ n }}{% endset %}{{ a }}{{ a|length }}", "{% set a | upper | trim %} x {% endset %}[{{ a }}]", "{% generation %}{% set a = 1 %}{{ a }}{% endgeneration %}[{{ a }}]",
        "{% filter upper %}a{% set q = 3 %}{{ n }}b{% endfilter %}[{{ q }}]", "{% set ns = namespace() %}{% set ns.a = [] %}{{ ns.a }}", "{% set d = {} %}{% set d.a = 1 %}", "{% set n = none %}[{{ n }}]", "{% set namespace_ = 1 %}{{ namespace_ }}",
        "{% set ns = namespace({'a': 1}) %}{{ ns.a }}", "{% set ns = namespace(_a=1) %}", "{% for i in [1, 2] %}{% set messages = [] %}{% endfor %}{{ messages|length }}", "{% set a = b = 1 %}",
        "{% set ns = namespace(x=none) %}{{ ns.x is none }}{{ ns.x }}", "{% set true = 1 %}",
    ],
    "macro": [
        "{% macro f(a, b=2) %}{{ a }}-{{ b }};{% endmacro %}{{ f(1) }}{{ f(1, 3) }}{{ f(b=4, a=0) }}{{ f() }}", "{% macro f() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 'a', k=2) }}", "{% macro f() %}x{% endmacro %}{{ f(1) }}",
        "{% macro f(a) %}{{ a }}{{ caller('z') }}{% endmacro %}{% call(q) f(1) %}[{{ q }}{{ n }}]{% endcall %}", "{% macro fact(k) %}{% if k < 2 %}1{% else %}{{ k }}*{{ fact(k - 1) }}{% endif %}{% endmacro %}{{ fact(4) }}",
        "{% set a = 1 %}{% macro f() %}{{ a }}{% endmacro %}{% set a = 2 %}{{ f() }}", "{% macro f(x=n) %}{{ x }}{% endmacro %}{{ f() }}{{ f(none) }}", "{% macro f() %} a {% endmacro %}[{{ f()|trim }}]{{ f is callable }}", "{{ f() }}",
        "{%- macro f(d, depth=0) -%}\n{%- for k, v in d|dictsort -%}\n{{ k }}{{ depth }}\n{%- if v is mapping -%}({{ f(v, depth + 1) }}){%- endif -%}\n{%- endfor -%}\n{%- endmacro -%}\n{{ f({'a': {'b': 1}, 'c': 2}) }}", "{% macro f(a) %}{% endmacro %}{{ f(1, a=2) }}",
    ],
    "printing": [
        "{{ none_value }}|{{ yes }}|{{ no }}|{{ n }}|{{ x }}", "{{ missing }}|", "{{ mixed }}", "{{ dict }}", "{{ (1,) }}{{ () }}{{ ('a', none) }}", "{{ 1.0 }} {{ 1e3 }} {{ 1e16 }} {{ 1.5e-7 }} {{ 0.0001 }} {{ 123456789.125 }} {{ 1e22 }} {{ 2e-5 }}",
        "{{ -0.0 }} {{ 10 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 2 ** 3 }} {{ 2 ** -1 }} {{ 7.5 // 2 }} {{ 7.5 % 2 }}", "{{ ['a\\'b', 'c\"d', 'e\\n\\t\\\\', 'é', '\\x07', '\\u200b'] }}", "{{ dict.items() }}{{ dict.keys() }}", "{{ [missing] }}", "{{ {} }}{{ [] }}", "{{ 1, 2 }}", "{{ true }}{{ True }}{{ none }}{{ None }}", "{{ 'a' 'b' \"c\" }}",
    ],
    "string literals": [r"{{ 'a\nb\t\\\'\"' }}", r"{{ '\d\q\%' }}", r"{{ '\x41\u00e9\U0001F642\101\0' }}", r"{{ 'a\
b' }}", "{{ '🙂é' }}", r"{{ '\x4' }}", "{{ \"it's\" }}", "{{ '{{ }}' }}", r"{{ '\a\b\f\v\r'|length }}"],
    "arithmetic": [
        "{{ 1 + 2 * 3 - 4 }}", "{{ 'a' ~ 1 + 2 }}", "{{ 1 ~ 2 ~ none ~ missing ~ true }}", "{{ 'a' + 'b' }}", "{{ 'a' + 1 }}", "{{ 'ab' * 2 }}{{ 2 * 'ab' }}", "{{ [1] + [2] }}{{ [0] * 3 }}{{ (1,) + (2,) }}", "{{ 2 ** 3 ** 2 }}", "{{ -2 ** 2 }}", "{{ -n|abs }}{{ (-n)|abs }}", "{{ 1 / 0 }}", "{{ yes + 1 }}",
        "{{ none_value + 'a' }}", "{{ missing + 'a' }}", "{{ 'a' ~ 'b' * 2 }}", "{{ (1 + 2) * 3 }}", "{{ 1 - -1 }}{{ +n }}", "{{ n-1 }}{{ 3 -1 }}{{ [1,2][0]-1 }}", "{{ 1_000 + 0x1f + 0b11 + 0o17 }}", "{{ 1 if no }}|{{ 1 if yes else 2 }}{{ 1 if no else 2 if no else 3 }}", "{{ [1] + (2,) }}", "{{ 5.0 }}{{ 5 // 1.0 }}{{ 3 * 1.5 }}",
    ],
    "comparison": [
        "{{ 1 == 1.0 }}{{ 1 == '1' }}{{ none == false }}{{ '' == false }}{{ true == 1 }}{{ [] == [] }}{{ [1, 'a'] == [1, 'a'] }}{{ {'a': 1} == {'a': 1} }}", "{{ 1 < 2 < 3 }}{{ 3 > 2 > 2 }}{{ 1 < 3 == true }}", "{{ 'a' < 'b' }}{{ 'Z' < 'a' }}{{ [1, 2] < [1, 3] }}", "{{ 1 < 'a' }}", "{{ none < 1 }}", "{{ missing == none }}{{ missing == missing2 }}{{ missing != 1 }}",
        "{{ missing < 1 }}", "{{ 'ea' in word }}{{ 'q' not in word }}{{ 2 in list }}{{ 'a' in dict }}{{ 'z' in dict }}{{ [1] in [[1]] }}{{ 'x' in missing }}{{ 1 in (1, 2) }}{{ 'role' in messages[0] }}", "{{ 1 in 'a' }}", "{{ 1 in none_value }}", "{{ not 1 == 2 }}{{ not yes and no }}{{ yes or 1 / 0 }}{{ no and 1 / 0 }}", "{{ '' or 'd' }}{{ 0 or none }}{{ [] and 1 }}", "{{ 'a' is string and 'b' in ['b'] }}", "{{ 1 not in list and 5 not in list }}", "{{ {'a': 1} in [{'a': 1}] }}", "{{ (1, 2) == [1, 2] }}",
    ],
    "access": [
        "{{ dict.b }}{{ dict['b'] }}{{ dict.a }}{{ dict['items'] }}{{ dict.zz }}|", "{{ dict.items is callable }}", "{{ list[0] }}{{ list[-1] }}{{ list[9] }}|{{ list.0 }}", "{{ word[0] }}{{ word[-1] }}{{ letters[9] }}{{ word[99] }}", "{{ missing.a }}", "{{ missing['a'] }}", "{{ dict.zz.b }}", "{{ none_value.a }}|", "{{ none_value.a.b }}", "{{ n.a }}|",
        "{{ list[1:] }}{{ list[:-1] }}{{ list[::2] }}{{ list[::-1] }}{{ list[-2:] }}{{ list[5:] }}{{ list[2:0:-1] }}", "{{ word[1:4] }}{{ word[::-1] }}{{ letters[7:9] }}", "{{ (1, 2, 3)[1:] }}{{ range(10)[2:5]|list }}", "{{ messages[0]['role'] }}{{ messages[-1].role }}", "{{ messages.0.role }}", "{{ 'abc'.upper().lower() }}", "{{ people[0].tags.x }}{{ people[1].tags.x }}", "{{ dict.get('b') }}{{ dict.get('q') }}{{ dict.get('q', 4) }}{{ dict.get('a', 4) }}", "{{ dict.keys()|list }}{{ dict.values()|list }}", "{{ dict.update({'q': 1}) }}", "{{ list.append(1) }}", "{{ list.index(2) }}{{ list.count(3) }}", "{{ 'a'.zzz }}|", "{{ 'a'.zzz() }}", "{{ list['a'] }}|", "{{ dict[1] }}|", "{{ missing() }}", "{{ n() }}", "{{ messages[0].content.split('.')[0] }}", "{{ word.__class__ }}", "{{ ''[0] }}|{{ ''[:1] }}|", "{{ {'a': {'b': {'c': 5}}}.a.b.c }}", "{{ dict.A[1] }}",
    ],
    "strip": [
        LOOP + "{{ m.role }}:{{ m.content.lstrip('\\n') }}|{% endfor %}", "[{{ padded.strip() }}][{{ padded.lstrip() }}][{{ padded.rstrip() }}]", "{{ 'xxaxbxx'.strip('x') }}{{ '--a-'.strip('-') }}{{ ']a^b['.strip('[]^') }}", "{{ '🙂a🙂'.strip('🙂') }}|{{ 'abc'.strip('') }}|{{ 'abcba'.strip('ab') }}", "[{{ padded|trim }}][{{ 'xxaxx'|trim('x') }}][{{ ' a '|trim(none) }}]", "{{ '\\ufeffa\\ufeff'.strip()|length }}{{ '\\u0085a'.strip()|length }}", "{{ 'a'.strip(1) }}", "{{ '\\n\\nx\\n'.rstrip('\\n') }}|{{ 'a\\n'.strip(none) }}|{{ '<t>a</t>'.lstrip('<t>') }}", "{{ none_value|trim }}{{ n|trim }}{{ missing|trim }}|",
    ],
    "split": ["{{ 'a,b,,c'.split(',') }}{{ ' a  b '.split() }}{{ 'a b c d'.split(' ', 2) }}{{ 'a b  c d '.split(none, 2) }}", "{{ 'a'.split('') }}", "{{ 'a,b,c'.rsplit(',', 1) }}{{ ' a b  c '.rsplit(none, 1) }}{{ ''.split() }}{{ ''.split(',') }}", "{{ lines.splitlines() }}{{ 'a\\nb'.splitlines(true) }}{{ ''.splitlines() }}", "{{ 'a=b=c'.partition('=') }}{{ 'a=b=c'.rpartition('=') }}{{ 'a'.partition('=') }}", "{{ '<think>a</think>b'.split('</think>')[-1].lstrip('\\n') }}", "{{ 'a-b'.split(sep='-', maxsplit=1) }}"],
    "methods of texts": [
        "{{ word.upper() }}{{ word.lower() }}{{ word.title() }}{{ word.capitalize() }}{{ word.swapcase() }}{{ 'ß'.upper() }}", "{{ word.startswith('he') }}{{ word.startswith(('a', 'he')) }}{{ word.endswith(\"'s\") }}", "{{ word.replace('a', 'o') }}{{ word.replace('a', 'o', 1) }}{{ 'aaa'.replace('a', 'b', -1) }}{{ 'ab'.replace('', '-') }}{{ 'aa'.replace('a', '', 1) }}", "{{ ', '.join(words) }}{{ '-'.join('abc') }}", "{{ '-'.join([1]) }}", "{{ word.find('A') }}{{ word.find('q') }}{{ letters.find('<') }}{{ word.rfind('e') }}{{ word.count('a') }}{{ 'aaa'.count('aa') }}", "{{ word.index('q') }}", "{{ 'a1'.isalnum() }}{{ 'a'.isalpha() }}{{ '12'.isdigit() }}{{ ' '.isspace() }}{{ 'A'.isupper() }}{{ 'a b'.islower() }}{{ ''.isdigit() }}{{ '1'.isupper() }}", "{{ 'prefix-a'.removeprefix('prefix-') }}{{ 'a.py'.removesuffix('.py') }}{{ 'a'.removesuffix('') }}", "{{ 'a'.ljust(3) }}|{{ 'a'.rjust(3, '*') }}|{{ 'a'.center(4, '*') }}|{{ '-7'.zfill(4) }}", "{{ 'straße'.casefold() }}", "{{ 'o\\'neil mc2x'.title() }}",
    ],
    "filters of texts": ["{{ word|upper }}{{ word|lower }}{{ word|title }}{{ word|capitalize }}{{ 'a-b (c) d'|title }}", "{{ none_value|upper }}{{ missing|lower }}{{ n|string }}{{ yes|string }}{{ list|string }}", "{{ word|replace('a', 'o') }}{{ 'aaa'|replace('a', 'b', 2) }}{{ 121|replace('1', 'x') }}", "{{ 'a\\nb\\n\\nc'|indent }}|{{ 'a\\nb'|indent(2, true) }}|{{ 'a\\n\\nb\\n'|indent(2, blank=true) }}|{{ 'a\\nb'|indent('> ') }}|{{ ''|indent }}", "{{ letters|length }}{{ letters|count }}{{ 'a b_c 3d'|wordcount }}", "{{ 'abc'|first }}{{ 'abc'|last }}{{ 'abc'|reverse }}{{ 'abc'|list }}{{ ''|first }}|", "{{ '<a>'|safe }}{{ 'a'|string|length }}"],
    "tojson": [
        "{{ mixed|tojson }}{{ letters|tojson }}{{ '</script>'|tojson }}", "{{ dict|tojson(indent=2) }}", "{{ [[], {}, [1]]|tojson(indent=1) }}", "{{ dict|tojson(sort_keys=true) }}{{ {'b': 1, 'a': {'d': 1, 'c': 2}}|tojson(sort_keys=true, separators=(',', ':')) }}", "{{ letters|tojson(ensure_ascii=true) }}{{ '\\x7f\\x1f\\u2028'|tojson }}{{ '\\x7f'|tojson(ensure_ascii=true) }}", "{{ missing|tojson }}", "{{ [1.0, 1e-7, 1e22, 2.5, -0.0]|tojson }}", "{{ {1: 2, none: 3}|tojson }}", "{{ (1, 'a')|tojson }}{{ none|tojson }}{{ true|tojson }}", "{{ messages|tojson(true) }}", "{{ dict|tojson(indent='--') }}", "{{ list|map('string')|tojson }}", "{{ {'é': 'é'}|tojson }}", "{{ [1, 2]|tojson(indent=0) }}",
    ],
    "filters of lists": [
        "{{ list|length }}{{ empty|length }}{{ dict|length }}{{ missing|length }}", "{{ none_value|length }}", "{{ n|length }}", "{{ list|first }}{{ list|last }}{{ empty|first }}|{{ empty|last }}|{{ empty|first is defined }}", "{{ words|join(', ') }}{{ list|join }}{{ mixed|join('|') }}{{ people|join(',', attribute='name') }}{{ 'abc'|join('-') }}", "{{ list|sort }}{{ list|sort(reverse=true) }}{{ words|sort }}{{ words|sort(case_sensitive=true) }}{{ people|sort(attribute='age')|map(attribute='name')|list }}", "{{ mixed|sort }}", "{{ words|unique|list }}{{ [1, 1, 2]|unique|list }}{{ people|unique(attribute='age')|map(attribute='name')|join }}", "{{ list|reverse|list }}{{ list|min }}{{ list|max }}{{ list|sum }}{{ people|sum(attribute='age') }}{{ words|min }}{{ empty|max }}|", "{{ people|map(attribute='name')|list }}{{ words|map('upper')|join(' ') }}{{ people|map(attribute='tags.x')|list }}{{ people|map(attribute='tags', default='q')|list }}{{ words|map('replace', 'p', 'b')|list }}", "{{ list|select('odd')|list }}{{ list|reject('odd')|list }}{{ mixed|select|list }}{{ list|select('gt', 1)|list }}{{ mixed|select('string')|list }}",
        "{{ messages|selectattr('role', 'equalto', 'user')|list|length }}{{ messages|selectattr('role', '==', 'user')|map(attribute='content')|first }}{{ messages|rejectattr('role', 'in', ['user', 'system'])|list|length }}{{ people|selectattr('tags')|list|length }}{{ people|selectattr('tags', 'defined')|map(attribute='name')|list }}{{ people|selectattr('tags.x')|list|length }}", "{% if messages|selectattr('role', 'equalto', 'tool') %}true{% endif %}", "{{ messages|selectattr('role')|length }}", "{% set g = list|map('string') %}{{ g|list }}{{ g|list }}", "{{ dict|dictsort }}{{ {'b': 1, 'a': 2}|dictsort(by='value') }}{{ {'b': 1, 'B': 2, 'a': 0}|dictsort(true) }}{{ {'b': 1, 'a': 2}|dictsort(reverse=true) }}", "{{ {'a': 1}|items|list }}{{ missing|items|list }}{% for k, v in dict|items %}{{ k }}{% endfor %}", "{{ dict|list }}{{ (1, 2)|list }}{{ range(3)|list }}{{ range(5, 1, -2)|list }}{{ range(2, 5)|list }}", "{{ none_value|list }}", "{{ list|last - 1 }}", "{{ words|map('nope')|list }}", "{{ list|nope }}", "{{ messages|map(attribute='content')|map('trim')|join('/') }}", "{{ none_value|map(attribute='a')|list }}{{ none_value|selectattr('a')|list }}{{ no|reject('odd')|list }}", "{{ n|map('string')|list }}", "{{ n[:] }}", "{{ none_value[1:] }}", "{{ list[no:yes] }}", "{{ missing is callable }}{{ 'a'.upper is callable }}", "{{ n|indent }}", "{{ missing[1:] }}", "{{ 1.5 is odd }}{{ 3.0 is odd }}{{ true is odd }}",
    ],
    "filters of numbers": ["{{ -3|abs }}{{ (-3)|abs }}{{ (-2.5)|abs }}", "{{ '12'|int }}{{ ' 12 '|int }}{{ 'a'|int }}{{ 'a'|int(5) }}{{ '3.7'|int }}{{ 3.7|int }}{{ (-3.7)|int }}{{ none|int }}{{ true|int }}{{ '1f'|int(0, 16) }}{{ '0x1f'|int(base=16) }}{{ '12abc'|int }}{{ '1_0'|int }}", "{{ '1.5'|float }}{{ 'a'|float }}{{ 3|float }}{{ none|float(2) }}{{ '1e3'|float }}{{ '12abc'|float }}", "{{ 2.5|round }}{{ 3.5|round }}{{ 2.345|round(2) }}{{ 2.1|round(0, 'ceil') }}{{ 2.9|round(method='floor') }}{{ 7|round }}{{ 2.675|round(2) }}", "{{ missing|int }}"],
    "default": ["{{ missing|default('d') }}{{ ''|default('d') }}|{{ ''|default('d', true) }}{{ none_value|default('d') }}{{ none_value|default('d', boolean=true) }}{{ missing|d('x') }}{{ missing|default }}|{{ dict.zz|default(3) }}", "{{ missing.a|default('d') }}", "{{ (missing|default({})).a }}|"],
    "tests": [
        "{{ missing is defined }}{{ n is defined }}{{ dict.zz is defined }}{{ none_value is defined }}{{ missing is undefined }}", "{{ none_value is none }}{{ n is none }}{{ none_value is not none }}", "{{ 'a' is string }}{{ 1 is string }}{{ dict is mapping }}{{ list is mapping }}{{ list is sequence }}{{ 'a' is sequence }}{{ dict is sequence }}{{ n is sequence }}{{ list is iterable }}{{ dict is iterable }}{{ n is iterable }}{{ (1,) is sequence }}", "{{ missing is iterable }}{{ missing is string }}{{ missing is sequence }}", "{{ 1 is number }}{{ 1.5 is number }}{{ true is number }}{{ '1' is number }}{{ 1 is integer }}{{ true is integer }}{{ 1.0 is float }}{{ 1 is float }}", "{{ true is boolean }}{{ 1 is boolean }}{{ true is true }}{{ 1 is true }}{{ false is false }}{{ 0 is false }}", "{{ 3 is odd }}{{ 4 is even }}{{ 9 is divisibleby 3 }}{{ 9 is divisibleby(4) }}{{ -3 is odd }}", "{{ 'a' is odd }}", "{{ 1 is eq 1 }}{{ 1 is equalto(2) }}{{ 1 is ne 2 }}{{ 1 is lt 2 }}{{ 1 is ge 2 }}{{ 1 is in list }}{{ 1 is in [2] }}{{ 1 is not in [2] }}", "{{ 'a' is lower }}{{ 'A' is upper }}{{ range is callable }}{{ 1 is sameas 1 }}{{ none is sameas none }}", "{{ 1 is nope }}", "{{ n is none['a'] }}", "{{ n is divisibleby }}", "{{ n is eq(7, 8) }}", "{{ not missing is defined }}{{ n is defined and n == 7 }}{{ n is number and not no }}", "{{ 4 * 4 is even }}", "{{ list|length is even }}", "{{ 1 is defined is true }}", "{{ messages[0].role is defined and messages[0].role is string }}", "{{ word is not string }}{{ 'x' is string|string }}", "{{ list is eq [3, 1, 2] }}{{ (list|map('string')) is sequence }}{{ (list|map('string')) is iterable }}",
    ],
    "statements": ["{% if n > 5 %}a{% elif n > 3 %}b{% else %}c{% endif %}", "{% if no %}a{% elif yes %}b{% endif %}{% if missing %}c{% else %}d{% endif %}", "{% if empty %}a{% endif %}{% if 0.0 %}b{% endif %}{% if ' ' %}c{% endif %}{% if {} %}d{% endif %}{% if () %}e{% endif %}{% if range(0) %}f{% endif %}", "{% if %}{% endif %}", "{% for %}{% endfor %}", "{% if yes %}", "{% endif %}", "{% nope %}", "{% include 'a' %}", "{% do 1 %}", "{{ 1 + }}", "{{ (1 }}", "{{ 1 }", "{% if yes }}a{% endif %}", "{{ a b }}", "{{ 'a }}", "{# a", "{{}}", "{{ [1, 2,] }}{{ {'a': 1,} }}{{ (1, 2,) }}", "{{ [1 2] }}", "{{ ! 1 }}", "{% raw %}", "{{ raise_exception('no ' ~ n) }}", "{% if no %}{{ raise_exception('x') }}{% endif %}fine", "{% if n in [7, 8] %}in{% endif %}", "{% if yes: %}a{% endif %}", "{{ 1 if yes else }}"],
    "functions": ["{{ dict(a=1, b=2) }}", "{{ range(3) is sequence }}{{ range(0) == range(0) }}", "{{ range(3)[1] }}{{ range(1000000)|length }}", "{{ namespace(a=1).a }}", "{{ range('a') }}", "{{ range(4)|sum }}{{ range(4)|last }}{{ range(1, 4)|join(',') }}", "{{ strftime_now('%%') }}"],
    "arguments": ["{% macro f(a, b, c) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ f(*[1, 2], c=3) }}{{ f(**{'a': 1, 'c': 2}) }}{{ f(1, *[2, 3]) }}", "{{ 'a b'.split(' ', foo=1) }}", "{{ word|replace('a') }}", "{{ word|upper(1) }}", "{{ range(1, stop=2) }}", "{{ f(a=1, 2) }}", "{{ 'a'.upper(1) }}", "{{ word.replace('a', 'b',) }}"],
}


def render(template):
    try:
        return _compile_jinja_template(template).render(**deepcopy(VARIABLES))
    except Exception:  # whatever the template does wrong
        return None


def main():
    rows = [[feature, template, render(template)] for feature, templates in FEATURES.items() for template in templates]
    folder = Path(__file__).parent.parent / "references" / "templates"
    text = json.dumps({"variables": VARIABLES, "rows": rows}, ensure_ascii=True, indent=1)
    (folder / "reference.json").write_text(text + "\n")
    print(f"{len(rows)} templates, {sum(text is None for *_, text in rows)} refused")


if __name__ == "__main__":
    main()
