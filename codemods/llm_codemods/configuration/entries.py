"""Keys and values of YAML, TOML and JSON around the places where a needle stands.

Only those are looked up in the tree, so that a file costs what its matches cost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from llm_codemods.configuration import grammar
from llm_codemods.configuration.forms import Form
from llm_codemods.configuration.sites import Word
from llm_codemods.configuration.tokens import NEEDLE
from llm_codemods.edits import Span

if TYPE_CHECKING:
    from tree_sitter import Node

PAIRS = frozenset({"block_mapping_pair", "flow_pair", "pair"})
SCALARS = frozenset(
    {"plain_scalar", "double_quote_scalar", "single_quote_scalar", "block_scalar", "string", "bare_key", "quoted_key"}
)
TABLES = frozenset({"table", "table_array_element"})
LISTS = frozenset({"block_sequence", "flow_sequence", "array"})
NAMING = frozenset({"env", "env_var", "envvar", "key", "name", "variable"})
"""Keys whose value is the name of a variable, in lists such as ``- name: X`` and ``value: Y``."""
VALUED = frozenset({"default", "defaultvalue", "value"})
REFERENCES = frozenset({"configmapkeyref", "secretkeyref"})
MANY = 200
"""More entries side by side are a table."""
LARGEST = 2_000
"""Longer values are data, unless they are blocks of text."""

_VARIABLE_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_BLOCK_HEAD = re.compile(r"[|>][^\n]*\n?")
_TEMPLATE_LINE = re.compile(r"^[ \t]*\{[{%][^\n]*[%}]\}[ \t]*\r?$", re.MULTILINE)
_TEMPLATE = re.compile(r"\{\{[^\n]*?\}\}|\{%[^\n]*?%\}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value, or an item of a list."""

    keys: tuple[str, ...]
    """All keys down to it, outermost first, its own last."""
    key: Word | None
    value: Word | None
    secret: bool = False
    """Its value is taken from a secret of the cluster, or it is one."""
    below: tuple[str, ...] = ()
    """The keys of the block that its value is."""
    beside: tuple[tuple[str, str], ...] = ()
    """Key and value of the entries side by side with it, and its own, where they are few."""

    @property
    def own(self) -> str:
        """Its key, or that of the list in which it stands; empty at the top."""
        return self.keys[-1] if self.keys else ""


def entries(form: Form, text: str, needle: re.Pattern[str] = NEEDLE) -> Iterator[Entry]:
    """Yield the entries of a YAML, TOML or JSON text in which a needle stands, each once, in their order."""
    root = grammar.parse(form.value.lower(), _structure(text) if form is Form.YAML else text)
    seen: set[tuple[Span | None, Span | None]] = set()
    done = 0
    for found in needle.finditer(text):
        if found.start() < done:
            continue
        node = grammar.at(root, found.start(), found.end())
        entry = _entry_at(node, text) or _line(text, found.start(), node)
        if entry is None:
            continue
        if entry.value is not None and found.start() in range(entry.value.span.start, entry.value.span.end):
            done = entry.value.span.end
        place = (entry.key.span if entry.key else None, entry.value.span if entry.value else None)
        if place not in seen:
            seen.add(place)
            yield entry


def is_sound(form: Form, text: str) -> bool:
    """Whether a YAML, TOML or JSON text can be parsed without an error."""
    grammar_of = "yaml" if form is Form.COMPOSE else form.value.lower()
    return not grammar.parse(grammar_of, _structure(text) if grammar_of == "yaml" else text).has_error


def _structure(text: str) -> str:
    """Return the text without what Helm, Jinja and workflows put into YAML before it is read as such."""
    if "{{" not in text and "{%" not in text:
        return text
    text = _TEMPLATE_LINE.sub(lambda m: " " * len(m[0]), text)
    return _TEMPLATE.sub(lambda m: "x" * len(m[0]), text)


def _entry_at(node: Node, text: str) -> Entry | None:
    scalar = next((n for n in islice(grammar.above(node), 4) if n.type in SCALARS), None)
    if scalar is None:
        return None
    pair = next((n for n in grammar.above(scalar) if n.type in PAIRS | LISTS | TABLES), None)
    if pair is None:  # the tree is broken around it, or it is all there is
        return Entry((), None, word(scalar, text))
    keys = _keys(pair, text)
    if pair.type in TABLES:
        return Entry(keys, word(scalar, text), None, below=_below(pair, text)) if keys else None
    if pair.type in LISTS:
        named = _named(Entry((*keys, *_option_before(scalar, text)), None, word(scalar, text)), text)
        return replace(named, beside=_assignments(pair, text)) if named.key is not None else named
    parts = _parts(pair)
    own = word(_scalar(parts[0]), text)
    value = _scalar(parts[1]) if len(parts) > 1 else None
    below = _below(parts[1], text) if value is None and len(parts) > 1 else ()
    if own is None:
        return None
    entry = Entry(keys, own, word(value, text), below=below, beside=_beside(pair, text))
    return _in_list_of_variables(entry, pair, text) or _in_secret(entry, pair, text)


def _beside(pair: Node, text: str) -> tuple[tuple[str, str], ...]:
    """Return key and value of the pairs with one parent; of blocks and lists the value is empty."""
    children = pair.parent.named_children if pair.parent is not None else []
    found = []
    for other in children if len(children) <= MANY else ():
        parts = _parts(other) if other.type in PAIRS else []
        key = word(_scalar(parts[0]), text) if parts else None
        if key is not None:
            value = word(_scalar(parts[1]), text) if len(parts) > 1 else None
            found.append((key.text, value.text if value is not None else ""))
    return tuple(found)


def _assignments(items: Node, text: str) -> tuple[tuple[str, str], ...]:
    """Return name and value of the items of a list that are ``NAME=value`` or ``NAME``."""
    found = []
    for item in items.named_children if items.named_child_count <= MANY else ():
        inner = next(iter(item.named_children), item) if item.type == "block_sequence_item" else item
        written = word(_scalar(inner), text)
        if written is not None and (pair := re.match(r"([A-Za-z_]\w*)(?:=(.*))?$", written.text, re.DOTALL)):
            found.append((pair[1], pair[2] or ""))
    return tuple(found)


def _variables(pair: Node, text: str) -> tuple[tuple[str, str], ...]:
    """Return name and value of the variables in the list ``- name: X`` with ``value: Y`` around a pair."""
    items = next((n.parent for n in grammar.above(pair) if n.parent is not None and n.parent.type in LISTS), None)
    found = []
    for item in items.named_children if items is not None and items.named_child_count <= MANY else ():
        first = next((n for n in _inside(item) if n.type in PAIRS), None)
        fields = {key.lower(): value for key, value in _beside(first, text)} if first is not None else {}
        name = next((value for key, value in fields.items() if key in NAMING), None)
        if name is not None:
            found.append((name, next((value for key, value in fields.items() if key in VALUED), "")))
    return tuple(found)


def _inside(node: Node) -> Iterator[Node]:
    """Yield a node and, as long as each is alone, what is in it; then all that is side by side."""
    while node.named_children:
        yield from node.named_children
        node = node.named_children[0]


def _below(node: Node, text: str) -> tuple[str, ...]:
    """Return the keys of a block, a flow or inline mapping, a JSON object or a TOML table."""
    while node.type in ("block_node", "flow_node") and node.named_children:
        node = node.named_children[-1]
    keys = (word(_scalar(_parts(pair)[0]), text) for pair in node.named_children if pair.type in PAIRS)
    return tuple(key.text for key in keys if key is not None)


def _parts(pair: Node) -> list[Node]:
    return [child for child in pair.named_children if child.type != "comment"]


def _scalar(node: Node | None) -> Node | None:
    """Return the scalar that a node is, without YAML's wrappers, anchors and tags."""
    while node is not None and node.type in ("flow_node", "block_node"):
        node = next((c for c in node.named_children if c.type not in ("anchor", "tag", "comment")), None)
    return node if node is not None and node.type in SCALARS | {"dotted_key"} else None


def word(node: Node | None, text: str) -> Word | None:
    """Return a scalar without its quotes; of a block only its lines."""
    if node is None:
        return None
    start, end = node.start_byte, node.end_byte
    written = text[start:end]
    quote = ""
    if node.type == "block_scalar":
        head = _BLOCK_HEAD.match(written)
        start += head.end() if head else 0
        quote = written[:1]
    elif written[:3] in ('"""', "'''") and len(written) >= 6:
        quote = written[:3]
        start, end = start + 3, end - 3
    elif written[:1] in ('"', "'") and len(written) >= 2 and written[-1] == written[0]:
        quote = written[0]
        start, end = start + 1, end - 1
    return Word(text[start:end], Span(start, end), quote)


def _keys(node: Node, text: str) -> tuple[str, ...]:
    """Return the keys of the pairs and tables around a node, itself included, outermost first."""
    found: list[str] = []
    for around in grammar.above(node):
        if around.type in PAIRS or around.type in TABLES:
            first = next(iter(_parts(around)), None)
            scalar = _scalar(first)
            if scalar is not None:
                parts = scalar.named_children if scalar.type == "dotted_key" else [scalar]
                names = [part.text for p in parts if (part := word(p, text)) is not None]
                found += reversed(names)
    return tuple(reversed(found))


def _sibling(pair: Node, names: frozenset[str], text: str) -> tuple[Word, Node] | None:
    """Return the key and value of the pair beside ``pair`` that has one of these keys, in any case."""
    for other in pair.parent.named_children if pair.parent is not None else ():
        parts = _parts(other) if other.type in PAIRS and other.start_byte != pair.start_byte else []
        key = word(_scalar(parts[0]), text) if len(parts) > 1 else None
        if key is not None and key.text.lower() in names:
            return key, parts[1]
    return None


def _in_list_of_variables(entry: Entry, pair: Node, text: str) -> Entry | None:
    """Return the entry that ``- name: X`` with ``value: Y`` (or ``valueFrom: …``) means; None if it is none."""
    own = entry.own.lower()
    if own in NAMING and entry.value is not None and _VARIABLE_NAME.fullmatch(entry.value.text):
        beside = _sibling(pair, VALUED | {"valuefrom"}, text)
        secret = any(k.lower() in REFERENCES for k in entry.keys)
        value = None
        if beside is not None:
            value = word(_scalar(beside[1]), text)
            secret = secret or "secretKeyRef" in text[beside[1].start_byte : beside[1].end_byte]
        return Entry((*entry.keys[:-1], entry.value.text), entry.value, value, secret, beside=_variables(pair, text))
    if own in VALUED:
        beside = _sibling(pair, NAMING, text)
        name = word(_scalar(beside[1]), text) if beside is not None else None
        if name is not None and _VARIABLE_NAME.fullmatch(name.text):
            return Entry((*entry.keys[:-1], name.text), name, entry.value, beside=_variables(pair, text))
    return None


def _in_secret(entry: Entry, pair: Node, text: str) -> Entry:
    """Mark an entry of a Kubernetes secret as such."""
    if entry.keys[0] not in ("data", "stringData"):
        return entry
    outermost = [n for n in grammar.above(pair) if n.type in PAIRS][-1]
    kind = _sibling(outermost, frozenset({"kind"}), text)
    scalar = word(_scalar(kind[1]), text) if kind is not None else None
    return replace(entry, secret=scalar is not None and scalar.text.endswith("Secret"))


def _option_before(scalar: Node, text: str) -> tuple[str, ...]:
    """Return the option whose argument an item of a list is: ``["--model", "gpt-4o"]``."""
    item = next((n for n in grammar.above(scalar) if n.parent is not None and n.parent.type in LISTS), scalar)
    before = item.prev_named_sibling
    if before is not None and before.type == "block_sequence_item":
        before = next(iter(before.named_children), None)
    option = word(_scalar(before), text)
    return (option.text,) if option is not None and re.fullmatch(r"--?[\w-]+", option.text) else ()


def _named(entry: Entry, text: str) -> Entry:
    """Read ``NAME=value`` in a list as a key and its value."""
    if entry.value is None:
        return entry
    found = re.match(r"([A-Za-z_][A-Za-z0-9_]*)=(?!=)", entry.value.text)
    if found is None:
        return entry
    start = entry.value.span.start
    key = Word(found[1], Span(start, start + len(found[1])), entry.value.quote)
    at = start + found.end()
    value = Word(text[at : entry.value.span.end], Span(at, entry.value.span.end), entry.value.quote)
    return Entry((*entry.keys, found[1]), key, value)


def _line(text: str, offset: int, node: Node) -> Entry | None:
    """Read the rest of a line where the tree is broken; a comment is nothing."""
    if any(n.type == "comment" for n in islice(grammar.above(node), 2)):
        return None
    if not any(n.type == "ERROR" for n in grammar.above(node)):
        return None
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    end = len(text) if end < 0 else end
    if text[start:offset].lstrip().startswith("#"):
        return None
    return Entry((), None, Word(text[start:end], Span(start, end)))
