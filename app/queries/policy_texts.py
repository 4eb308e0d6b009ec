"""A policy as people write it: its YAML documents, what is wrong with them, and at which line."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.queries.policies import label_sets
from app.queries.yaml_loading import Refused, composed, sound
from app.rules.dictionaries import parse_fields, parse_labels, parse_reasons
from app.rules.policy import Policy
from app.rules.policy_reading import parse_policy
from app.rules.reading import EXPECTED, MAPPING, UNKNOWN, Fault, PolicyFaults, unknown
from app.rules.words import Words

JOIN = "\n---\n"
DICTIONARIES: Mapping[str, Callable[[Any], Any]] = {
    "fields": parse_fields,
    "labels": parse_labels,
    "reasons": parse_reasons,
}
"""The files beside the policies, with what reads each."""

SEVERAL = Words(
    "一个文件只写一份政策，请去掉 --- 与 ... 行",
    "A file holds one policy: take the lines --- and ... out",
)
TWICE = Words("“{name}”在这里写了两次", "“{name}” is written twice here")
OTHER_CODE = Words("此处应为“{code}”", "This should be “{code}”")
NOT_UTF_8 = Words("此处不是 UTF-8 编码的文字", "This is no text in UTF-8")
EXTENDS_TWICE = Words(
    "“{name}”本身也继承了别的政策，不能再被继承",
    "“{name}” extends a policy itself and cannot be extended",
)
NOT_YAML = Words("此处不是正确的 YAML（{problem}）", "This is not sound YAML ({problem})")
PROBLEMS = {
    "mapping values are not allowed": Words(
        "冒号的位置不对；文字中有冒号时请给整段文字加引号",
        "There is a colon where none can be; put a text with a colon in quotes",
    ),
    "could not find expected ':'": Words("此处缺少冒号", "A colon is missing here"),
    "found character '\\t'": Words(
        "请用空格缩进，不要用制表符", "Indent with spaces, not with tabs"
    ),
    "expected <block end>": Words("缩进与上文不一致", "This is not indented as the lines above"),
    "found unexpected end of stream": Words("引号没有结束", "This quotation mark is not closed"),
    "expected ',' or": Words(
        "括号没有结束，或缺少逗号", "A bracket is not closed, or a comma is missing"
    ),
}
SEPARATOR = re.compile(r"^(---|\.\.\.)(\s|$)", re.MULTILINE)
INDEX = re.compile(r"\[(\d+)\]\.?")


@dataclass(frozen=True)
class Texts:
    """The documents that an edition is made of: the policy's own, the dictionary of inputs and,
    when it extends another policy, that one's."""

    own: str
    fields: str
    base: str | None = None

    @classmethod
    def of(cls, source: str) -> "Texts":
        """The documents of a published edition, each as it was written."""
        return cls(*source.split(JOIN, 2))

    @property
    def source(self) -> str:
        """All of them as an edition keeps them; `of` takes them apart again, to the byte."""
        return JOIN.join(filter(None, (self.own, self.fields, self.base)))

    @property
    def digest(self) -> str:
        """The SHA-256 of all of them, by which the same texts are known."""
        return sha256(self.source.encode()).hexdigest()


@dataclass(frozen=True)
class TextFault:
    """What is wrong with a text: in which file, at which line and column (from 1), under which
    key."""

    file: str
    line: int
    column: int
    path: str
    message: Words

    def told(self, locale: str) -> str:
        """`FILE:LINE: key: reason`, as compilers say it."""
        place = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}: {place}{self.message.in_(locale)}"


class BrokenTexts(Exception):
    """Texts that cannot be used, with every fault that was found."""

    def __init__(self, faults: list[TextFault]) -> None:
        super().__init__("; ".join(fault.told("en") for fault in faults))
        self.faults = faults


def checked(texts: Texts, file: str, code: str | None = None, base_file: str = "") -> Policy:
    """The policy that the texts describe; `code` is what it has to be called.

    Raises BrokenTexts: a fault in what the policy extends is told with `base_file`, or the name of
    that policy.
    """
    own = _document(texts.own, file)
    extends = own.data.get("extends")
    if isinstance(extends, str) and texts.base is None:
        raise BrokenTexts([own.fault(Fault("extends", UNKNOWN.fill(name=extends)))])
    base = None if texts.base is None else _document(texts.base, base_file or str(extends))
    faults = list(_disagreements(own, base, code))
    try:
        policy = parse_policy(own.data, _inputs(texts.fields), base.data if base else None)
    except PolicyFaults as broken:
        faults += broken.faults
    else:
        faults += _unworded(policy)
    if faults:
        raise BrokenTexts(sorted((_placed(own, base, f) for f in faults), key=_position))
    return policy


def faults_at(text: str, file: str, faults: Iterable[Fault]) -> list[TextFault]:
    """Faults that the text alone does not tell, by the lines of their keys; it is sound YAML."""
    document = _document(text, file)
    return sorted(map(document.fault, faults), key=_position)


def text_of(content: bytes, file: str) -> str:
    """The text of a file, to the byte; raises BrokenTexts when it is not in UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise BrokenTexts([TextFault(file, line, 1, "", NOT_UTF_8)]) from fault


def faults_of_dictionary(path: Path) -> list[TextFault]:
    """What is wrong with one of the files beside the policies."""
    try:
        document = _document(text_of(path.read_bytes(), str(path)), str(path))
        DICTIONARIES[path.stem](document.data)
    except BrokenTexts as broken:
        return broken.faults
    except PolicyFaults as broken:
        return sorted(map(document.fault, broken.faults), key=_position)
    return []


def code_in(text: str) -> str | None:
    """What a policy's text calls itself, however broken the rest of it is."""
    return _told(text, "code")


def extended_by(text: str) -> str | None:
    """The code of the policy that a text extends, however broken the rest of it is."""
    return _told(text, "extends")


def _told(text: str, key: str) -> str | None:
    found = re.search(rf"^{key}:[ \t]*[\"']?([\w-]+)", text, re.MULTILINE | re.ASCII)
    return found[1] if found else None


@lru_cache(maxsize=4)
def _inputs(fields: str) -> Any:
    """The dictionary of inputs, long and seldom changed; nobody writes to what it gives."""
    return sound(fields)[0]


@lru_cache(maxsize=16)
def _document(text: str, file: str) -> "_Document":
    """A text, read once though it is asked for its faults several times; nobody writes to it.
    Raises BrokenTexts like a `_Document`."""
    return _Document(text, file)


def _position(fault: TextFault) -> tuple[str, int, int]:
    return fault.file, fault.line, fault.column


def _disagreements(own: "_Document", base: "_Document | None", code: str | None) -> Iterator[Fault]:
    if code is not None and own.data.get("code", code) != code:
        yield Fault("code", OTHER_CODE.fill(code=code))
    if base is not None and base.data.get("extends"):
        yield Fault("extends", EXTENDS_TWICE.fill(name=base.file))


def _unworded(policy: Policy) -> Iterator[Fault]:
    known = label_sets()
    named = {f"kinds.{kind.code}.labels": kind.labels for kind in policy.kinds.values()}
    for path, name in {"labels": policy.labels, **named}.items():
        if name is not None and name not in known:
            yield Fault(path, unknown(name, known))


def _placed(own: "_Document", base: "_Document | None", fault: Fault) -> TextFault:
    """The fault in the document that says most of its path: what is not the policy's own word is
    the word of the policy that it extends."""
    if base is not None and len(base.left(fault.path)) < len(own.left(fault.path)):
        return base.fault(fault)
    return own.fault(fault)


class _Document:
    """One YAML document: its data, and where in the text each key stands.

    Raises BrokenTexts for what is no YAML, no mapping, or says a key twice.
    """

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        separator = SEPARATOR.search(text)
        if separator:
            raise BrokenTexts([self._at(text, separator.start(), SEVERAL)])
        try:
            loader, root = composed(text)
            faults = [
                self._said(key.start_mark, TWICE.fill(name=key.value)) for key in _twice(root)
            ]
            data = None if root is None or faults else loader.construct_document(root)
        except yaml.MarkedYAMLError as fault:
            raise BrokenTexts([self._syntax(fault)]) from fault
        except yaml.reader.ReaderError as fault:
            problem = NOT_YAML.fill(problem=fault.reason)
            raise BrokenTexts([self._at(text, fault.position, problem)]) from fault
        if root is None or not isinstance(data, dict):
            shape = TextFault(file, 1, 1, "", EXPECTED.fill(what=MAPPING))
            raise BrokenTexts(faults or [shape])
        self.root: Node = root
        self.data: dict[Any, Any] = data

    def left(self, path: str) -> str:
        """What of a path the document does not have."""
        return self._walk(path)[2]

    def fault(self, fault: Fault) -> TextFault:
        """The fault with the line of its key; of the nearest one above when the key is missing."""
        mark, node, rest = self._walk(fault.path)
        if "." in rest or isinstance(node, SequenceNode):
            # some checks name an input or a rule where the text has a list of them
            mark = next(_named(node, re.split(r"[.\[]", rest)[0]), mark)
        return TextFault(self.file, mark.line + 1, mark.column + 1, fault.path, fault.message)

    def _walk(self, path: str) -> tuple[Any, Node, str]:
        node, mark, rest = self.root, self.root.start_mark, path
        while rest and (step := _step(node, rest)):
            mark, node, rest = step
        return mark, node, rest

    def _at(self, text: str, position: int, message: Words) -> TextFault:
        line = text.count("\n", 0, position) + 1
        return TextFault(self.file, line, 1, "", message)

    def _said(self, mark: Any, message: Words) -> TextFault:
        return TextFault(self.file, mark.line + 1, mark.column + 1, "", message)

    def _syntax(self, fault: yaml.MarkedYAMLError) -> TextFault:
        if isinstance(fault, Refused):
            return self._said(fault.problem_mark, fault.words)
        # what was never closed is told where it began, not where the file ends
        unclosed = ("while scanning", "while parsing a flow")
        begun = fault.context_mark if str(fault.context).startswith(unclosed) else None
        problem = fault.problem or ""
        known = (words for start, words in PROBLEMS.items() if problem.startswith(start))
        message = next(known, NOT_YAML.fill(problem=problem))
        return self._said(begun or fault.problem_mark, message)


def _twice(node: Node | None) -> Iterator[ScalarNode]:
    if isinstance(node, SequenceNode):
        for item in node.value:
            yield from _twice(item)
    if isinstance(node, MappingNode):
        seen = set()
        for key, value in node.value:
            if isinstance(key, ScalarNode):
                if key.value in seen:
                    yield key
                seen.add(key.value)
            yield from _twice(value)


def _step(node: Node, path: str) -> tuple[Any, Node, str] | None:
    """One step down a path: where it leads, from which mark, and what is left."""
    if isinstance(node, SequenceNode):
        index = INDEX.match(path)
        if index and int(index[1]) < len(node.value):
            item = node.value[int(index[1])]
            return item.start_mark, item, path[index.end() :]
    if isinstance(node, MappingNode):
        # what `<<` brought in stands before what overrides it
        leading = [(key, value) for key, value in reversed(node.value) if _leads(key, path)]
        if leading:
            key, value = max(leading, key=lambda pair: len(pair[0].value))
            return key.start_mark, value, path[len(key.value) :].removeprefix(".")
    return None


def _leads(key: Node, path: str) -> bool:
    name = key.value
    return isinstance(name, str) and (path == name or path.startswith((f"{name}.", f"{name}[")))


def _named(node: Node, name: str) -> Iterator[Any]:
    """The marks of the texts and keys below a node that are this name."""
    if isinstance(node, ScalarNode) and node.value == name:
        yield node.start_mark
    if isinstance(node, SequenceNode):
        for item in node.value:
            yield from _named(item, name)
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _named(key, name)
            yield from _named(value, name)
