"""The words by which a statement shows what it is: a decision, a preference, a follow-up, a rule, or small talk."""

from __future__ import annotations

import re
from enum import StrEnum

__all__ = ["Cue", "cue_of", "gives_orders", "is_small_talk", "is_update"]


class Cue(StrEnum):
    """What a statement is. The values are the headings of the files."""

    DECISION = "Decisions and rules"
    PREFERENCE = "Preferences"
    FOLLOW_UP = "Follow-ups"
    FACT = "Facts"


def _phrases(*phrases: str, start: str = r"\b") -> re.Pattern[str]:
    return re.compile(f"{start}(?:{'|'.join(phrases)})", re.IGNORECASE)


_PREFERENCE = _phrases(
    r"prefer\w*",
    r"would rather\b",
    r"favou?rite\b",
    r"i (?:really )?(?:like|love|hate|enjoy|dislike)\b",
    r"(?:please )?(?:don't|never|always) (?:message|call|write|use|send|mail|contact|put|phone)\b",
    r"(?:don't|do not) want\b",
    r"i want to (?:use|keep|fly|pay)\b",
    r"(?:allergic|vegetarian|vegan)\b",
)
_FOLLOW_UP = _phrases(
    r"follow[- ]?up\b",
    r"remind\w*",
    r"to-?do\b",
    r"deadline\b",
    r"due (?:by|on|next|to)\b",
    r"next step\b",
    r"still (?:open|waiting|waits?)\b",
    r"(?:outstanding|pending|promised)\b",
    r"(?:i|we)(?:'ll| will) (?:\S+ ){0,12}?(?:by|on|next|tomorrow|again) ",
    r"(?:ask|tell|check|call|report|schedule)\b .{0,60}\b(?:by|tomorrow|next|today|whether|until)\b",
    r"by (?:next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day",
)
_DECISION = _phrases(
    r"decid\w+",
    r"decision\b",
    r"agreed\b",
    r"approv\w+",
    r"from now on\b",
    r"as of\b",
    r"effective\b",
    r"instead of\b",
    r"no longer\b",
    r"switch\w* to\b",
    r"moved? (?:to|forward)\b",
    r"replaced by\b",
    r"correction\b",
    r"(?:rule|policy)\b",
    r"(?<!i )must(?:n't)?\b",
    r"may (?:not|only|grant)\b",
    r"(?:not )?allowed\b",
    r"can(?:not|'t) be\b",
    r"can only\b",
    r"only (?:if|be)\b",
    r"(?:at most|up to)\b",
    r"requires?\b",
    r"eligible\b",
    r"(?:freeze|default)\b",
    r"(?:quarantin|exempt)\w*",
    r"recall(?:ed|s)?\b",
)
_UPDATE = _phrases(
    r"now\b",
    r"from now on\b",
    r"as of\b",
    r"(?:moved?|actually|instead|new|raised?|lowered|decided|decision)\b",
    r"(?:chang|correct|replac|extend|updat)\w*",
    r"no longer\b",
    r"not any ?more\b",
    r"switch\w*",
    r"from (?:today|tomorrow|tonight|next|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
)
_SMALL_TALK = _phrases(
    r"(?:please )?let me know",
    r"please (?:confirm|hold|provide|specify|choose|select|wait)",
    r"feel free",
    r"is there anything",
    r"if (?:you (?:have|need|'d)|there(?:'s| is)) (?:any|further|more|anything|other)",
    r"would you like",
    r"could you (?:please )?(?:provide|confirm|tell)",
    r"(?:do|shall|should|can|may) (?:you|i|we)\b.*\?$",
    r"how (?:can|may) i",
    r"(?:what|how)(?:'s| is| are| have| did| do| was| about)\b.*\?$",
    r"thank(?:s| you)",
    r"you(?:'re| are) welcome",
    r"great(?:[!,]|$)",
    r"good (?:news|bye|morning)",
    r"wow\b",
    r"(?:that|this|it)(?:'s| is| sounds| must be| was)? (?:so |really |pretty |very )?"
    r"(?:great|awesome|cool|amazing|wonderful|nice|good to hear|fantastic|lovely|sweet|incredible)",
    r"sounds (?:like|good|great|amazing|fun|awesome)",
    r"so (?:happy|proud|glad|cool|good|nice)",
    r"(?:good|great|nice|lovely) to (?:see|hear|meet|talk|catch)",
    r"keep (?:it|up)",
    r"looking forward",
    r"talk (?:to you )?soon",
    r"(?:see you|bye|cheers|haha|lol)\b",
    r"have a (?:great|nice|wonderful|good|safe)",
    r"safe travels",
    r"take (?:your time|care)",
    r"no problem",
    r"i(?:'m| am) (?:here|sorry|happy|glad)",
    r"i apologi[sz]e",
    r"i (?:hope|wish|recommend)\b",
    r"i can(?:not|'t)? (?:transfer|provide)",
    r"i can (?:assist|help)",
    r"i(?:'d| would) be happy",
    r"i(?:'ll| will) (?:need|proceed)",
    r"i understand\b",
    r"that(?:'s| is| was) (?:all|it)\b",
    r"that works",
    r"everything (?:looks|is)",
    r"to (?:assist|help|proceed)\b",
    r"here (?:are|is)\b",
    r"sure[!,]",
    r"(?:certainly|of course|absolutely)",
    start="^",
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


def cue_of(text: str) -> Cue:
    """Return what a statement is, by its words alone: the same text is always filed the same way."""
    text = _straight(text)
    if _FOLLOW_UP.search(text):
        return Cue.FOLLOW_UP
    if _PREFERENCE.search(text):
        return Cue.PREFERENCE
    if _DECISION.search(text):
        return Cue.DECISION
    return Cue.FACT


def is_update(text: str) -> bool:
    """Whether the statement says that something has changed."""
    return _UPDATE.search(_straight(text)) is not None


def is_small_talk(text: str) -> bool:
    """Whether the statement is courtesy or the mechanics of a conversation."""
    return _SMALL_TALK.search(_straight(text)) is not None


def gives_orders(text: str) -> bool:
    """Whether the statement tries to give the reading machine orders."""
    return _ORDERS.search(_straight(text)) is not None


def _straight(text: str) -> str:
    return text.replace("’", "'")  # noqa: RUF001
