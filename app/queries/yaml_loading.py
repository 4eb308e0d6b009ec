"""Safe YAML for policies: what has no place in one, or would exhaust the machine, is refused."""

from typing import Any

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError
from yaml.nodes import Node

from app.rules.words import Words

ITSELF = Words("“*{name}”引用了它所在的内容", "“*{name}” stands inside what it repeats")
TOO_MUCH = Words("内容过多", "This is more than a policy can be")
TOO_DEEP = Words("嵌套过深", "This is nested too deeply")
DEEPEST = 40
"""How far texts may nest; a policy needs ten levels, and thousands would exhaust the stack."""

MOST = 50_000
"""Nodes of one text, with what `*` repeats; a policy has a thousand, a bomb has billions."""


class Loader(yaml.SafeLoader):
    """Safe YAML without what has no place in a policy: every refusal names its line."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.begun: list[str | None] = []
        self.count = 0
        self.counts: dict[int, int] = {}

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
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


def sound(text: str) -> list[Any]:
    """The documents of a text that was checked before it was stored or shipped: no more questions,
    and libyaml reads it ten times as fast as the loader above, where PyYAML was built with it."""
    return list(yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


class Refused(ComposerError):
    """YAML that is sound and still has no place here, with the reason in words."""

    def __init__(self, message: Words, mark: Any) -> None:
        super().__init__(None, None, message.en, mark)
        self.words = message
