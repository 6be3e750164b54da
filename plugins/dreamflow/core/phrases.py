"""
What is known by its capitals and the words around it: quotations, names of people, codes of six letters.

A name that is none is worse than one that is missed: it would be looked for in every session, and found nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dreamflow.core.words import OWNERS

__all__ = ["is_code", "names", "quotations"]

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")  # noqa: RUF001
_QUOTED = re.compile(
    r"\"(?<![\w\"].)(?=[^\s\"])([^\"\n]{5,400}+)(?<!\s)\"(?![\w\"])"
    r"|“([^”“\n]{5,400}+)”|«([^«»\n]{5,400}+)»|„([^“”„\n]{5,400}+)[“”]"
)
#: Words of a quotation at least: shorter ones are words that are only named.
_QUOTED_WORDS = 3

_UPPER = "".join(char for char in map(chr, range(0x530)) if char.isupper())
_NAME = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"  # noqa: RUF001
_BETWEEN = r"(?:(?:[A-Z]\.|van|von|der|den|de|da|di|del|la|le|bin|al|el|ten|ter) ){0,3}"
_LEADS = ("with ", " by ", "from ", "[Aa]sk ", "[Cc]all ", "named ", "called ")
_TITLE = (
    "Mr ",
    r"Mr\. ",
    "Mrs ",
    r"Mrs\. ",
    "Ms ",
    r"Ms\. ",
    "Mx ",
    r"Mx\. ",
    "Dr ",
    r"Dr\. ",
    "Prof ",
    r"Prof\. ",
)
#: Words with capitals in a row; or one, behind a title or a word that leads to a name. It begins with a set of
#: characters, which a search skips to.
_ROW = re.compile(
    rf"[{_UPPER}](?<![\w@/.'’#$-].)(?:{_NAME}(?: {_BETWEEN}[{_UPPER}]{_NAME})+"  # noqa: RUF001
    rf"|(?:{'|'.join(f'(?<={before}.)' for before in (*_LEADS, *_TITLE))}){_NAME})(?![\w@/-]|\.\w)"
)
_TITLE_BEFORE = re.compile(r"\b(?:Mr|Mrs|Ms|Mx|Dr|Prof)\.? \Z")
_TITLES_BEFORE = tuple(
    f"{title}{end}" for title in ("Mr", "Mrs", "Ms", "Mx", "Dr", "Prof") for end in (" ", ". ")
)
_LED_TO = re.compile(r"\b(?:with|by|from|ask|call|named|called) \Z", re.I)
_TITLES = frozenset({"Mr", "Mrs", "Ms", "Mx", "Dr", "Prof"})
_ORDERS = frozenset({"Ask", "Call"})
_MOST_WORDS = 4
#: What only people do: behind two words with capitals at a sentence's start it makes them a name.
_DOES = re.compile(
    r"(?:'s|’s)?,? (?:said|says|ask(?:s|ed)|told|tells|want(?:s|ed)|prefer(?:s|red)|like[sd]?|lives?|works?|wrote|"  # noqa: RUF001
    r"writes|called|calls|here|and I)\b"
)
_STARTS = re.compile(r"(?:^[#\-*•\d.) \t]*|[.!?:;|>])[ \t\"'“‘*_(\[#\-•>|]*\Z", re.M)  # noqa: RUF001
#: Words that stand in no person's name, or make a place, a firm, a day or a thing of one.
_NO_NAME = frozenset(
    """
    a about account accounts act action address after agent agents air airline airlines airport all also
    always am an and api app april as ask assistant at august ave avenue bag baggage bank basic be before
    benefit black blue board booked booking bronze bus business but by cabin call can cancel card care cash
    center central centre certificate change check city class client code college come company confirmation
    contact corp council court credit customer customers data date day december department desk did do
    document domestic don't done drive driver east economy email error event family february fee file first
    flight flights for free friday from full gate gift global go gold good government green group guide had
    has have he hello help her here hey hi high him his history home hospital hotel house how i i'm id ids if
    in inc insurance international internet is island issue it it's item january july june just key kingdom
    lake lane las late let line list live los lounge low ltd mail main management manager march market may me
    member members membership memory monday money morning most mr mrs ms my name national never new next no
    north not note notes nothing november now number october of offer office ok okay old on one online only
    open option or order our out over page park passenger pay payment phone plan platinum please plus point
    policy post premium price priority pro process product profile program project public purchase quick read
    record red refund regular report request reservation reservations rest return river road route rule rules
    sales same san santa saturday school section see self september service services session she ship shop
    should silver since so some sorry south st standard state states status store street sunday super support
    sure system systems tax team test thank thanks that the their then there these they this those thursday
    ticket tickets time to today tool total travel tuesday two type union united university until up update us
    use user users valley version very view visa want was we website wednesday welcome well west what when
    where which white who why will with work world would yes yet you your zone
    """.split()  # noqa: SIM905
)
_MOST_CAPITALS = re.compile(rf"[{_UPPER}]\w*")


_PART_OF_WORD = re.compile(r"[\w@/-]|\.\w")
_SHOUT_BEFORE = re.compile(r"\b[A-Z]{2,}[ ,:!-]{1,3}\Z")
_SHOUT_BEHIND = re.compile(r"[ ,:!-]{1,3}[A-Z]{2,}\b")
_UNLIKE_A_WORD = re.compile(
    r"[B-DF-HJ-NP-TV-XZ]{3}|[A-Z]*Q[^U]|[HJKQVWXYZ]{2}|[BCDFGHJKMNPQTVWXZ][JQVXZ]|[AIUY]{2}|[JQV]\Z"
)
_CODE_BEFORE = re.compile(
    r"\b(?:code|reservation|booking|confirmation|pnr|reference|ref|locator|order|ticket|id|number|is)[ :#*`'\"]*\Z",
    re.I,
)
#: Words of six letters that people shout. What has no digit and is none of them is a booking's code.
_SHOUTED = frozenset(
    """
    ACCESS ACTION ACTIVE ADVICE ALWAYS ANSWER ANYONE BEFORE BOOKED BUDGET CANCEL CANNOT CHANGE CHARGE CHOICE CLOSED
    CUSTOM DELETE DENIED DETAIL DIRECT DOUBLE DURING ENABLE ESCAPE EXCEPT EXPIRE EXPORT FAILED FILTER FLIGHT FORMAT
    FRIDAY GLOBAL HEADER HIDDEN HIGHLY IGNORE IMPORT INSERT LATEST LISTEN MANUAL MANAGE MASTER MEMBER MEMORY METHOD
    MODIFY MONDAY NEEDED NORMAL NOTICE NUMBER OBJECT OFFERS OPTION ORDERS OUTPUT PLEASE POLICY PREFER PUBLIC REALLY
    RECORD REFUND REFUSE REMIND REMOVE REPEAT REPLAY REPORT REVIEW RESULT RETURN REVOKE SAFETY SECRET SECURE SELECT
    SERVER SHOULD SIGNED SINGLE STATUS STRICT STRING STRONG SUMMER SUNDAY SUPPLY SYSTEM THANKS TICKET TRAVEL UNIQUE
    UNLESS UPDATE UPSELL URGENT VALUES VERIFY WEEKLY WINTER WITHIN YEARLY
    """.split()  # noqa: SIM905
)


def quotations(text: str) -> Iterator[tuple[int, int]]:
    """Yield where phrases of several words stand in quotation marks, without the marks."""
    if '"' not in text and "“" not in text and "«" not in text and "„" not in text:
        return
    for match in _QUOTED.finditer(text):
        start, end = match.span(match.lastindex or 0)
        words = text[start:end].split()
        if len(words) >= _QUOTED_WORDS and sum(map(_has_letter, words)) >= _QUOTED_WORDS:
            yield start, end


def _has_letter(word: str) -> bool:
    return any(map(str.isalpha, word))


def names(text: str) -> Iterator[tuple[int, int]]:
    """Yield where people are named, in order and none overlapping."""
    for row in _ROW.finditer(text):
        start, end = row.span()
        words = row[0].split(" ")
        led_to = (
            text.endswith(_TITLES_BEFORE, 0, start)
            and _TITLE_BEFORE.search(text, max(0, start - 6), start) is not None
        )
        if len(words) > 1 and words[0] in _TITLES | _ORDERS:
            start += len(words.pop(0)) + 1
            led_to = True
        if words[-1][-2:] in OWNERS:
            end -= 2
            words[-1] = words[-1][:-2]
        if len(words) <= _MOST_WORDS and _may_name(words) and _is_named(text, start, end, len(words), led_to):
            yield start, end


def _is_named(text: str, start: int, end: int, words: int, led_to: bool) -> bool:
    if led_to:
        return True
    if words == 1:
        led = _LED_TO.search(text, max(0, start - 7), start)
        # "from Denver to Boston"
        return led is not None and not (led[0] == "from " and text.startswith((" to ", " ("), end))
    is_inside = _STARTS.search(text, max(0, start - 12), start) is None or _DOES.match(text, end) is not None
    return is_inside and not _titled_line(text, start)


def _may_name(words: Sequence[str]) -> bool:
    return _NO_NAME.isdisjoint([word.casefold() for word in words]) and not any(
        word.isupper() and word[1:] for word in words
    )


def _titled_line(text: str, at: int) -> bool:
    """Tell whether a line is a heading, or written with capitals throughout, where they name nobody."""
    start = text.rfind("\n", max(0, at - 400), at) + 1 or max(0, at - 400)
    end = text.find("\n", at, at + 400)
    line = text[start : end if end >= 0 else at + 400]
    if line.lstrip().startswith("#"):
        return True
    capitals = len(_MOST_CAPITALS.findall(line))
    return capitals > 3 and 2 * capitals > len(_WORD.findall(line)) + 2 > 6  # 6 < 2 * 3 is not


def is_code(text: str, start: int, end: int) -> bool:
    """Tell whether six letters are a booking's code: capitals, and no word that is shouted, alone or among others."""
    word = text[start:end]
    if not word.isupper() or word in _SHOUTED or _PART_OF_WORD.match(text, end):
        return False
    if _CODE_BEFORE.search(text, max(0, start - 24), start):
        return True
    if not _UNLIKE_A_WORD.search(word):
        return False
    return not (_SHOUT_BEFORE.search(text, max(0, start - 24), start) or _SHOUT_BEHIND.match(text, end))
