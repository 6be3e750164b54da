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


_I = re.IGNORECASE
_PREFERENCE = re.compile(
    r"\b(?:prefer\w*|preference|would rather|favou?rite|i (?:really )?(?:like|love|hate|enjoy|dislike)\b|"
    r"(?:please )?(?:don[’']t|never|always) (?:message|call|write|use|send|mail|contact|put|phone)|"  # noqa: RUF001
    r"(?:i )?(?:don[’']t|do not) want|i want to (?:use|keep|fly|pay)|allergic|vegetarian|vegan)",  # noqa: RUF001
    _I,
)
_FOLLOW_UP = re.compile(
    r"\b(?:follow[- ]?up|remind\w*|to-?do\b|deadline|due (?:by|on|next|to)|next step|still (?:open|waiting|waits?)|"
    r"outstanding|pending|promised|(?:i|we)(?:[’']ll| will) (?:\w+ ){0,3}(?:by|on|next|tomorrow|again)|"  # noqa: RUF001
    r"(?:please )?(?:ask|tell|check|call|report|schedule)\b .{0,60}\b(?:by|tomorrow|next|today|whether|until)\b|by (?:next )?\w+day)",
    _I,
)
_DECISION = re.compile(
    r"\b(?:decid\w+|decision|agreed|approv\w+|from now on|as of|effective|instead of|no longer|switch\w* to|moved? (?:to|forward)|"
    r"replaced by|correction|rule|policy|must(?:n[’']t)?|may (?:not|only|grant)|not allowed|cannot be|can[’']t be|can only|"  # noqa: RUF001
    r"only (?:if|be)|allowed|at most|up to|requires?|eligible|freeze|quarantin\w+|recall\w*|exempt\w*|default)\b",
    _I,
)
_UPDATE = re.compile(
    r"\b(?:now|from now on|as of|moved?|chang\w+|correct\w*|actually|instead|no longer|not any ?more|switch\w*|replac\w+|new|"
    r"updated?|raised?|lowered|extend\w*|from (?:today|tomorrow|tonight|next|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|"
    r"decided|decision)\b",
    _I,
)
_SMALL_TALK = re.compile(
    r"^(?:(?:please )?let me know|please (?:confirm|hold|provide|specify|choose|select|wait)|feel free|is there anything|"
    r"if (?:you (?:have|need|'d)|there(?:'s| is)) (?:any|further|more|anything|other)|would you like|could you (?:please )?(?:provide|confirm|tell)|"
    r"(?:do|shall|should|can|may) (?:you|i|we)\b.*\?$|how (?:can|may) i|thank(?:s| you)|you(?:'re| are) welcome|great(?:[!,]|$)|good (?:news|bye|morning)|"
    r"have a (?:great|nice|wonderful|good|safe)|safe travels|i(?:'m| am) (?:here|sorry|happy|glad)|i apologi[sz]e|take your time|take care|no problem|"
    r"to (?:assist|help|proceed)\b|i can (?:assist|help)|i(?:'d| would) be happy|i(?:'ll| will) (?:need|proceed)|here (?:are|is)\b|i understand\b|sure[!,]|certainly|of course|absolutely)",
    _I,
)
# Text that speaks to the machine that reads it. It is data, and not worth keeping as a memory either.
_ORDERS = re.compile(
    r"\b(?:(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|prompt|rule|guideline|direction|polic)|"
    r"(?:system|developer|admin\w*) (?:notice|prompt|message|override|mode)\b|you are now\b|maintenance mode|jailbreak|"
    r"(?:delete|erase|wipe|overwrite|drop) (?:all|every|each|the|your|any)\b.{0,30}\b(?:memor|file|store|polic|record)|"
    r"(?:reveal|print|show|repeat) (?:your|the) (?:system )?(?:prompt|instructions)|new instructions?:|<\|?/?(?:system|im_start|im_end))",
    _I,
)


def cue_of(text: str) -> Cue:
    """Return what a statement is, by its words alone: the same text is always filed the same way."""
    if _FOLLOW_UP.search(text):
        return Cue.FOLLOW_UP
    if _PREFERENCE.search(text):
        return Cue.PREFERENCE
    if _DECISION.search(text):
        return Cue.DECISION
    return Cue.FACT


def is_update(text: str) -> bool:
    """Whether the statement says that something has changed."""
    return _UPDATE.search(text) is not None


def is_small_talk(text: str) -> bool:
    """Whether the statement is courtesy or the mechanics of a conversation."""
    return _SMALL_TALK.search(text.replace("’", "'")) is not None  # noqa: RUF001


def gives_orders(text: str) -> bool:
    """Whether the statement tries to give the reading machine orders."""
    return _ORDERS.search(text) is not None
