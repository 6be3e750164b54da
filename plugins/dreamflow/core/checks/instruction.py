"""A text orders the agent that will read it, instead of informing it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from dreamflow.core.checks.check import Check, Found, Memory
from dreamflow.core.disguises import readings_of
from dreamflow.core.masking import mask
from dreamflow.core.orders import ENOUGH, signs_of

__all__ = ["Instruction", "orders_in"]

#: Characters within which signs are taken together: about two sentences.
_WINDOW = 160
_MARKUP_WEIGHT = 3.0
#: What makes a model take text for a message of its own conversation, or for a tool's.
_MARKUP = re.compile(
    r"<\|?/?\s*(?:im_start|im_end|system|assistant|user|human|developer|endoftext|eot_id|start_header_id|"
    r"end_header_id|"
    r"begin_of_text|start_of_turn|end_of_turn|instructions?|tool_calls?|tool_use|tool_result|tool_response|"
    r"tool|"
    r"function_calls?|function_results?|function|invoke|antml:\w+|prompt|admin|system[-_]\w+|user_query|"
    r"thinking|"
    r"important|override|result|parameter|message)\b[^>\n]{0,80}\|?/?>"
    r"|\[/?(?:inst|system|sys|assistant|tool_calls?|system_prompt|admin|available_tools|"
    r"tool_results)\b[^\]\n]{0,30}\]"
    r"|<</?sys>>|!\[[^\]\n]{0,80}\]\(https?://[^)\n]*[?&][^)\n]*\)"
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
    r"|\W{0,6}(?:system|developer|\[?system\]?)(?: (?:prompt|message|note|notice|override|update|instruction|"
    r"alert))?\s?\]?:"
    r"\s*(?:you|do|always|never|ignore|from|the (?:assistant|agent|user|model)|new|all|this|override|for|"
    r"disregard|approve|"
    r"grant|switch|enter|forget|stop|must|when|if|answer|reply|your|act|treat|send|access|instructions?|"
    r"disable|user \d|elevated|session|mode)\b"
    r"|\W{0,6}(?:assistant|human)\s?:\s|assistant to="
)
#: Somebody's words that are reported: they order nobody, if they are not an order to the agent in so many words.
_REPORTED = re.compile(
    r"\b(?:user|customer|client|he|she|they|[a-z]+ [a-z]+|caller|passenger)\b (?:has |have |had )?(?:asked|"
    r"asks|wants?|wanted|"
    r"requested|requests|said|says|would like|wished|wishes|prefers?|told|insisted|complained|demanded|"
    r"wondered)\b"
    r"|^\W*\d{1,2} \w+ \d{4}[.,][^:]{1,60}:"
    r"|(?:^|[.!?)\]] )(?!system|assistant|claude|bot|model|llm|agents|hey|dear|hello|note|attention|hinweis|"
    r"nota|important|wichtig|instruction|message|warning|ai\b|"
    r"developer|admin|override|to |an |a )[a-z]+(?: [a-z]+)?(?: to [a-z]+(?: [a-z]+)?)?: "
)
#: How much more it takes then.
_TOLD = 1.0
#: What speaks to an agent, or for long, but asks for nothing that a person must decide.
_HARMLESS = frozenset({"addressed", "lasting", "authority"})
_NAMES = {
    "override": "overrides what the agent was told",
    "role": "gives the agent another role",
    "called": "calls on the agent",
    "addressed": "speaks to the agent",
    "authority": "claims authority",
    "secrecy": "asks for secrecy",
    "trigger": "says what to answer",
    "lasting": "is to hold from now on",
    "exfiltration": "sends something away",
    "permission": "lifts a rule or a check",
    "command": "asks for a command to be run",
    "reveal": "asks for what is kept back",
    "memory": "is about the memory itself",
    "markup": "is written as a message of the conversation",
    "code": "is written in code",
}


class Instruction(Check):
    """Find added lines that order the agent."""

    name: ClassVar[str] = "instruction"

    def look(self, memory: Memory) -> Iterable[Found]:
        for line in memory.added:
            if kinds := orders_in(line.text):
                said = " and ".join(_NAMES[kind] for kind in kinds[:3])
                yield Found(
                    f"This line reads like an order to the agent: it {said}.",
                    memory.path,
                    line.number,
                    about=mask(line.text),
                )


def orders_in(line: str) -> list[str]:
    """Return the kinds of signs by which a line is an order to the agent, gravest first; none where it is none."""
    if len(line) < 8:
        return []
    for text, coded in readings_of(line):
        if kinds := [*(["code"] if coded else []), *_kinds(text)]:
            return kinds
    return []


def _kinds(text: str) -> list[str]:
    found = sorted(_weighed(text))
    if sum(weight for _, weight, _ in found) < ENOUGH:
        return []
    reported = _REPORTED.search(text)
    for first, (start, _, _) in enumerate(found):
        weights: dict[str, float] = {}
        for at, weight, kind in found[first:]:
            if at - start > _WINDOW:
                break
            weights[kind] = max(weight, weights.get(kind, 0))
        needed = ENOUGH + (_TOLD if reported and reported.end() <= start + 12 else 0)
        if sum(weights.values()) >= needed and not weights.keys() <= _HARMLESS:
            return sorted(weights, key=lambda kind: -weights[kind])
    return []


def _weighed(text: str) -> Iterator[tuple[int, float, str]]:
    for at, sign in signs_of(text):
        yield at, sign.weight, sign.kind
    if _TURN.match(text):
        yield 0, _MARKUP_WEIGHT, "markup"
    if any(char in text for char in "<[{"):
        for match in _MARKUP.finditer(text):
            yield match.start(), _MARKUP_WEIGHT, "markup"
