"""A text orders the agent that will read it, instead of informing it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar

from dreamflow.core.checks.check import Check, Found, Memory
from dreamflow.core.memory_paths import as_line
from dreamflow.core.orders.disguises import readings_of
from dreamflow.core.orders.mood import ENOUGH, GRAVE, declared_in, mood_of
from dreamflow.core.secrets.masking import mask

__all__ = ["Instruction", "orders_in"]

#: What makes a model take text for a message of its own conversation, or for a tool's.
_MARKUP = re.compile(
    r"<\|?/?\s*(?:im_start|im_end|system|assistant|user|human|developer|endoftext|eot_id|start_header_id|"
    r"end_header_id|"
    r"begin_of_text|start_of_turn|end_of_turn|instructions?|tool_calls?|tool_use|tool_result|tool_response|"
    r"tool|"
    r"function_calls?|function_results?|function|invoke|antml:\w+|prompt|admin|system[-_]\w+|user_query|"
    r"thinking|"
    r"important|override|result|parameter|message|answer|critical|rules?|polic(?:y|ies)|reminder|context|priority|urgent|task|"
    r"goal|objective|response|reply|memory|directive|command|operator)\b[^>\n]{0,80}\|?/?>"
    r"|\[/?(?:inst|system|sys|assistant|tool_calls?|system_prompt|admin|available_tools|"
    r"tool_results)\b[^\]\n]{0,30}\]"
    r"|<\|[a-z_]{3,30}\|>|!\[[^\]\n]{0,80}\]\(\s*https?:"
    r"|<</?sys>>|<img\b[^>\n]{0,200}https?:|\{\{\s*(?:conversation|history|messages?|secrets?|context)\b|!\[[^\]\n]{0,80}\]\(https?://[^)\n]*[?&][^)\n]*\)"
    r"|[\"'](?:role)[\"']\s*:\s*[\"'](?:system|developer|assistant|tool)[\"']"
    r"|[\"'](?:tool_calls?|tool_use|function_call|tool_use_id|tool_name)[\"']\s*[:}]"
    r"|[\"'](?:type)[\"']\s*:\s*[\"'](?:tool_use|tool_result|function|tool_call)[\"']"
    r"|[\"'](?:name|function|tool)[\"']\s*:\s*[\"'][a-z]+_[a-z_]+[\"']\s*,\s*[\"'](?:arguments|input|"
    r"parameters|args)[\"']"
)
#: The same as a line of its own, or as its beginning.
_TURN = re.compile(
    r"\s*#{1,6}\s*(?:system|assistant|human|user|developer|instruction|new instructions?|response|"
    r"system prompt|"
    r"system message|tool call)\b\s*(?::.*)?$"
    r"|\W{0,8}(?:begin|end|start)(?: of)? (?:system prompt|instructions|user input|context|document|memory|"
    r"prompt)\b"
    r"|\W{0,6}(?:system|sys|developer|\[?system\]?)(?: (?:prompt|message|note|notice|override|update|instruction|"
    r"alert))?\s?\]?:"
    r"\s*(?:you|do|always|never|ignore|from|the (?:assistant|agent|user|model)|new|all|this|override|for|"
    r"disregard|approve|"
    r"grant|switch|enter|forget|stop|must|when|if|answer|reply|your|act|treat|send|access|instructions?|"
    r"verification|checks?|limits?|rules?|refunds?|polic(?:y|ies)|confirmations?|disable|"
    r"user \d|elevated|session|mode)\b"
    r"|[\s>$]{0,4}[/!](?:grant|admin|refund|approve|sudo|system|unlock|role|mode|override|exec|delete|export|send|ignore|login|"
    r"promote|disable|jailbreak|reset)\s\w+"
    r"|\W{0,6}(?:assistant|human|thought|observation|action|final answer|tool output|tool result|function result|"
    r"result of tool)\b[^:]{0,30}:\s|assistant to=|\W{0,3}(?:admin|root|assistant|system)\s?[>$#]\s"
)
#: Somebody's words as a dream writes them down, with their day, who said them and the session; or a line of an index.
_TOLD = re.compile(
    r"\W*\d{1,2} \w+ \d{4}(?:, [^:.]{1,60})?\. (?!note|remind|update|important|attention|system|rule|policy|to )"
    r"[^:.!?]{1,40}: .*\)$|\W*\[/[^\]]*\]\([^)]*\): [^.!?]*(?:[.]\w[^.!?]*)*$"
)
#: Characters of the shortest order; those of other scripts say more each.
_SHORTEST = 8
#: What titles of files do, such as `send-invoice`; and words of the shortest order that a path is.
_OF_TITLES = frozenset({"command", "foreign", "reply", "polite", "sensitive"})
_WORDS_OF_ORDER = 3
_NAMES = {
    "command": "commands",
    "reply": "says how to answer",
    "polite": "asks for something",
    "foreign": "commands, in another language than English",
    "override": "overrides what the agent was told",
    "role": "gives the agent another role",
    "called": "calls on the agent",
    "addressed": "speaks to the agent",
    "config": "switches a check off",
    "threat": "threatens or rewards",
    "swap": "puts another address in a known one's place",
    "authority": "claims authority",
    "secrecy": "asks for secrecy",
    "lasting": "is to hold from now on",
    "exfiltration": "sends something away",
    "sensitive": "is about secrets",
    "permission": "lifts a rule or a check",
    "reveal": "asks for what is kept back",
    "memory": "is about the memory itself",
    "markup": "is written as a message of the conversation",
    "code": "is written in code",
}


class Instruction(Check):
    """Find lines that order the agent, unless they only moved; and new paths: listings and indexes show them to it."""

    name: ClassVar[str] = "instruction"
    of_texts: ClassVar[bool] = True

    def look(self, memory: Memory) -> Iterable[Found]:
        if memory.path not in memory.change.origins and (kinds := _orders_in_path(memory.path)):
            yield Found(
                f"This memory's path reads like an order to the agent: it {_said(kinds)}.",
                memory.path,
                about="path",
            )
        for line in memory.added:
            if (kinds := orders_in(line.text)) and not self.examined.stood(memory, line):
                yield Found(
                    f"This line reads like an order to the agent: it {_said(kinds)}.",
                    memory.path,
                    line.number,
                    about=mask(line.text),
                )


def _said(kinds: Sequence[str]) -> str:
    return " and ".join(_NAMES[kind] for kind in kinds[:3])


def _orders_in_path(path: str) -> list[str]:
    """Return by which signs a path, or one part of it, is an order: titles command, and order nobody."""
    words = re.sub(r"[-_]+", " ", path.rpartition(".")[0] or path)
    for part in (as_line(words), *words.split("/")):
        kinds = orders_in(part) if len(part.split()) >= _WORDS_OF_ORDER else []
        if not set(kinds) <= _OF_TITLES:
            return kinds
    return []


def orders_in(line: str) -> list[str]:
    """Return the kinds of signs by which a line is an order to the agent, gravest first; none where it is none."""
    if len(line) < (_SHORTEST if line.isascii() else _SHORTEST // 2):
        return []
    for text, coded in readings_of(line):
        if kinds := [*(["code"] if coded else []), *_kinds(text)]:
            return kinds
    return []


def _kinds(text: str) -> list[str]:
    told = _TOLD.match(text)
    weights = dict(declared_in(text, GRAVE)) if told else mood_of(text)
    if _TURN.match(text) or (any(char in text for char in "<[{") and _MARKUP.search(text)):
        weights["markup"] = GRAVE
    if sum(weights.values()) < ENOUGH:
        return []
    return sorted(weights, key=lambda kind: -weights[kind])
