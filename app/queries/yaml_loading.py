"""Safe YAML for policies: what has no place in one, or would exhaust the machine, is refused."""

from contextlib import suppress
from typing import Any

import yaml
from yaml.composer import Composer, ComposerError
from yaml.constructor import ConstructorError, SafeConstructor
from yaml.nodes import Node

from app.rules.words import Words

ITSELF = Words("“*{name}”引用了它所在的内容", "“*{name}” stands inside what it repeats")
TOO_MUCH = Words("内容过多", "This is more than a policy can be")
TOO_DEEP = Words("嵌套过深", "This is nested too deeply")
DEEPEST = 40
"""How far texts may nest; a policy needs ten levels, and thousands would exhaust the stack."""

MOST = 50_000
"""Nodes of one text, with what `*` repeats; a policy has a thousand, a bomb has billions."""


FASTEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loader(Composer, SafeConstructor):
    """Safe YAML without what has no place in a policy: every refusal names its line."""

    def __init__(self) -> None:
        Composer.__init__(self)
        SafeConstructor.__init__(self)
        self.begun: list[str | None] = []
        self.count = 0
        self.counts: dict[int, int] = {}

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        event = self.peek_event()  # type: ignore[attr-defined]  # the reader's
        repeated = isinstance(event, yaml.AliasEvent)
        if repeated and event.anchor in self.begun:
            raise Refused(ITSELF.fill(name=event.anchor), event.start_mark)
        if len(self.begun) > DEEPEST:
            raise Refused(TOO_DEEP, event.start_mark)
        before = self.count
        self.begun.append(None if repeated else event.anchor)
        node = super().compose_node(parent, index)
        self.begun.pop()
        self.count += self.counts.get(id(node), 0) if repeated else 1
        self.counts[id(node)] = self.count - before
        if self.count > MOST:
            raise Refused(TOO_MUCH, event.start_mark)
        return node

    def construct_object(self, node: Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as fault:  # such as the thirteenth month
            raise ConstructorError(None, None, str(fault), node.start_mark) from fault


class _Telling(Loader, yaml.SafeLoader):
    """Reads in Python, slowly, with the words for faults that people are told."""

    def __init__(self, text: str) -> None:
        yaml.SafeLoader.__init__(self, text)
        Loader.__init__(self)


class _Fast(Loader, FASTEST):  # type: ignore[misc]  # not known before it runs
    """Reads with libyaml, ten times as fast, where PyYAML was built with it."""

    def __init__(self, text: str) -> None:
        FASTEST.__init__(self, text)
        Loader.__init__(self)


def composed(text: str) -> tuple[Loader, Node | None]:
    """The one document of a text, and what makes data of it; raises YAMLError.

    What libyaml refuses is read again, for the words and the place of the fault.
    """
    with suppress(yaml.MarkedYAMLError, yaml.reader.ReaderError):
        return _single(_Fast(text))
    return _single(_Telling(text))


def _single(loader: Loader) -> tuple[Loader, Node | None]:
    return loader, loader.get_single_node()


def sound(text: str) -> list[Any]:
    """The documents of a text that was checked before it was stored or shipped: no questions."""
    return list(yaml.load_all(text, Loader=FASTEST))


class Refused(ComposerError):
    """YAML that is sound and still has no place here, with the reason in words."""

    def __init__(self, message: Words, mark: Any) -> None:
        super().__init__(None, None, message.en, mark)
        self.words = message
