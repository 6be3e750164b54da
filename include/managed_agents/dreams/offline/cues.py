"""
The words by which a statement shows what it is worth: news, small talk, orders to the machine, talk of memory.

Statements are as ``plain`` leaves them, with straight apostrophes.
"""

from __future__ import annotations

import re

__all__ = ["continues", "gives_orders", "lays_down", "tells_of_memory", "weigh"]


def _phrases(*phrases: str, start: str = "^") -> re.Pattern[str]:
    return re.compile(f"{start}(?:{'|'.join(phrases)})", re.IGNORECASE)


_SMALL_TALK = _phrases(
    r"thank(?:s| you)|you(?:'re| are) welcome|let me know|feel free|looking forward|good (?:news|bye|morning)|wow\b",
    r"take care|talk (?:to you )?soon|see you|bye\b",
    r"(?:that|this|it)(?:'s| is| sounds| must be| was)? (?:so |really |pretty |very )?"
    r"(?:great|awesome|cool|amazing|wonderful|nice|good to hear|fantastic|lovely|sweet|incredible)",
    r"great(?:[!,]|$)|(?:so|sounds|have a?) ?(?:happy|proud|glad|cool|good|nice|great|like|amazing|fun|awesome|safe)\b",
    r"(?:what|how)(?:'s| is| are| have| did| do| was| about)\b.*\?$",
    r"(?:would|could|do|shall|should|can|may) (?:you|i|we)\b.*\?$",
    r"i(?:'m| am) (?:here|sorry|happy|glad)|i(?:'d| would) be happy|i (?:hope|wish|understand)\b",
)
# Text that speaks to the machine that reads it. It is data, and not worth keeping as a memory either.
_ORDERS = _phrases(
    r"(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|prompt|rule|guideline|direction|polic)",
    r"(?:system|developer|admin\w*) (?:notice|prompt|message|override|mode)\b",
    r"you are now\b",
    r"maintenance mode",
    r"jailbreak",
    r"(?:delete|erase|wipe|overwrite|drop) (?:all|every|each|the|your|any)\b.{0,30}\b(?:memor|file|store|polic|record)",
    r"(?:reveal|print|show|repeat) (?:your|the) (?:system )?(?:prompt|instructions)",
    r"new instructions?:",
    r"<\|?/?(?:system|im_start|im_end)",
    start=r"(?<!\w)",
)
_OF_MEMORY = _phrases(
    r"my (?:memory|notes|records?) (?:says?|has|have|holds?|shows?|tells?|do(?:es)? ?n[o']t)\b",
    r"(?:according to|from|in) my (?:memory|notes)\b",
    r"i (?:have|find|found|see) no(?:thing)?\b.{0,20}\b(?:memory|notes?)\b",
    r"i (?:don't|do not) (?:have|find|see) .{0,30}\b(?:memory|notes?)\b",
    r"(?:i(?:'ve| have) )?(?:noted|saved|written)(?: \w+){0,3} (?:in|to) (?:/|my (?:memory|notes))",
    r"i could not note it\b",
    r"i may not write to my memory",
    r"extract made without a model",
    r"this dream was\b",
)
#: A line that a dream wrote, quoted: with its day in front, or the file that it stands in behind.
_QUOTED = re.compile(
    r"^(?:- )?(?:\d{1,2} \w+ \d{4}|\d{4}-\d\d-\d\d(?: \d\d:\d\d)?)(?:, \S+)?[. ].*\)$|\(/[^\s()]+\)[.]?$"
)

_FIRST_PERSON = re.compile(r"\b(?:i|my|me|we|our|us)\b", re.IGNORECASE)
_SECOND_PERSON = re.compile(r"\byou", re.IGNORECASE)
_PAST = re.compile(
    r"(?:\w\wed|\b(?:was|were|had|did|went|came|left|got|took|saw|said|told|made|began|bought|gave|met|found))\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[a-z,'] )[A-Z][a-z]|[\"“]\w")
_NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|once|twice|times)\b", re.IGNORECASE
)
_RULE = re.compile(
    r"\b(?:from now on|always|never|prefer(?:s|red)?|no longer|decided|we agreed|as of|must(?:n't| not)|unless|"
    r"only (?:if|when)|remind me|allergic|vegetarian|vegan|"
    r"(?:don't|do not) (?:ever|let|call|message|write|email|use|send|contact|phone|book))\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(
    r"(?:it|its|it's|they|their|them|that|that's|this|these|those|he|she|his|her|which|both|there)\b", re.I
)


def weigh(text: str, *, answers: bool, takes_leave: bool = False) -> float:
    """
    Return what a statement is likely worth, for its kind alone: 1.0 says nothing for or against it.

    People are asked later for what somebody did, had, or was called, and for numbers; seldom for what one says about
    the other, asks, or says to be kind.

    :param answers: whether it is the first thing said after somebody else's question.
    :param takes_leave: whether it is the last thing of several that somebody says, before another speaks.
    """
    weight = (2.0 if answers else 1.0) * (0.7 if takes_leave else 1.0)
    if text.endswith("?"):
        weight *= 0.7
    if text.startswith("[") or _SMALL_TALK.match(text):
        weight *= 0.2
    if _FIRST_PERSON.search(text):
        weight *= 1.3
    elif _SECOND_PERSON.search(text):
        weight *= 0.5
    for sign, worth in ((_PAST, 1.4), (_NAME, 2.0), (_NUMBER, 1.5)):
        weight *= worth if sign.search(text) else 1.0
    return weight


def lays_down(text: str) -> bool:
    """Whether a statement says how its speaker wants things: a decision, a preference, a rule, a reminder."""
    return not text.endswith("?") and _RULE.search(text) is not None


def continues(text: str) -> bool:
    """Whether a sentence opens with a word, such as "it" or "she", that only the sentence before explains."""
    return _CONTINUES.match(text) is not None


def gives_orders(text: str) -> bool:
    """Whether the statement tries to give the reading machine orders."""
    return _ORDERS.search(text) is not None


def tells_of_memory(text: str) -> bool:
    """Whether an agent's statement is of its own memory: what stands there already, or where it noted something."""
    return _OF_MEMORY.match(text) is not None or _QUOTED.search(text) is not None
