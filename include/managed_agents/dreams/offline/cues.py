"""The words by which a statement shows what it is worth: news, small talk, orders to the machine, talk of memory."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

__all__ = ["continues", "gives_orders", "lays_down", "tells_of_memory", "weigh"]


def _says(*phrases: str) -> Callable[[str], bool]:
    pattern = re.compile("|".join(phrases), re.IGNORECASE)
    return lambda text: pattern.search(text) is not None


_SMALL_TALK = _says(
    r"^(?:thank(?:s| you)|you(?:'re| are) welcome|let me know|feel free|looking forward|good (?:news|bye|morning))",
    r"^(?:take care|talk (?:to you )?soon|see you|bye\b|wow\b|great(?:[!,]|$))",
    r"^(?:that|this|it)(?:'s| is| sounds| must be| was)? (?:so |really |pretty |very )?"
    r"(?:great|awesome|cool|amazing|wonderful|nice|good to hear|fantastic|lovely|sweet|incredible)",
    r"^(?:so|sounds|have a?) ?(?:happy|proud|glad|cool|good|nice|great|like|amazing|fun|awesome|safe)\b",
    r"^(?:what|how)(?:'s| is| are| have| did| do| was| about)\b.*\?$",
    r"^(?:would|could|do|shall|should|can|may) (?:you|i|we)\b.*\?$",
    r"^i(?:'m| am) (?:here|sorry|happy|glad)|^i(?:'d| would) be happy|^i (?:hope|wish|understand)\b",
)
_FIRST_PERSON = r"\b(?:i|my|me|we|our|us)\b"
_PAST = r"\w\wed\b|\b(?:was|were|had|did|went|came|left|got|took|saw|said|told|made|began|bought|gave|met|found)\b"
#: What multiplies the worth of a statement. People are asked later for what somebody did, had, or was called, and for
#: numbers; seldom for what one says about the other, asks, or says to be kind, or for what a picture shows.
_SIGNS = (
    (_SMALL_TALK, 0.2),
    (_says(r"^\["), 0.2),
    (_says(r"\?$"), 0.7),
    (_says(_FIRST_PERSON), 1.3),
    (_says(rf"^(?!.*{_FIRST_PERSON}).*\byou"), 0.5),
    (_says(_PAST), 1.4),
    (re.compile(r"(?<=[a-z,'] )[A-Z][a-z]|[\"“]\w").search, 2.0),
    (_says(r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|once|twice|times)\b"), 1.5),
)
#: Whether a statement says how its speaker wants things: a decision, a preference, a rule, a reminder.
lays_down = _says(
    r"^(?!.*\?$).*\b(?:from now on|always|never|prefer(?:s|red)?|no longer|decided|we agreed|as of|must(?:n't| not)|"
    r"unless|only (?:if|when)|remind me|allergic|vegetarian|vegan|"
    r"(?:don't|do not) (?:ever|let|call|message|write|email|use|send|contact|phone|book))\b"
)
#: Whether a sentence opens with a word, such as "it" or "she", that only the sentence before explains.
continues = _says(r"^(?:it|its|they|their|them|that|this|these|those|he|she|his|her|which|both|there)\b")
#: Whether a text tries to give the reading machine orders. It is data, and not worth keeping as a memory either.
gives_orders = _says(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|prompt|rule|guideline|direction|polic)",
    r"\b(?:system|developer|admin\w*) (?:notice|prompt|message|override|mode)\b|\byou are now\b|\bmaintenance mode",
    r"\b(?:delete|erase|wipe|overwrite|drop) (?:all|every|each|the|your|any)\b"
    r".{0,30}\b(?:memor|file|store|polic|record)",
    r"\b(?:reveal|print|show|repeat) (?:your|the) (?:system )?(?:prompt|instructions)|\bjailbreak|\bnew instructions?:",
    r"<\|?/?(?:system|im_start|im_end)",
)
#: Whether an agent's statement is of its own memory: what stands there already (also a line that a dream wrote, its day
#: in front or its file behind), or where it noted something.
tells_of_memory = _says(
    r"^my (?:memory|notes|records?) (?:says?|has|have|holds?|shows?|tells?|do(?:es)? ?n[o']t)\b",
    r"^(?:according to|from|in) my (?:memory|notes)\b|^i could not note it\b|^i may not write to my memory",
    r"^i (?:have|find|found|see) no(?:thing)?\b.{0,20}\b(?:memory|notes?)\b",
    r"^i (?:don't|do not) (?:have|find|see) .{0,30}\b(?:memory|notes?)\b",
    r"^(?:i(?:'ve| have) )?(?:noted|saved|written)(?: \w+){0,3} (?:in|to) (?:/|my (?:memory|notes))",
    r"^extract made without a model|^this dream was\b",
    r"^(?:- )?(?:\d{1,2} \w+ \d{4}|\d{4}-\d\d-\d\d(?: \d\d:\d\d)?)(?:, \S+)?[. ].*\)$|\(/[^\s()]+\)[.]?$",
)


def weigh(text: str, *, answers: bool, takes_leave: bool) -> float:
    """
    Return what a statement is likely worth, for its kind alone: 1.0 says nothing for or against it.

    :param answers: whether it is the first thing said after somebody else's question.
    :param takes_leave: whether it is the last thing of several that somebody says, before another speaks.
    """
    weight = math.prod(worth for says, worth in _SIGNS if says(text))
    return weight * (2.0 if answers else 1.0) * (0.7 if takes_leave else 1.0)
