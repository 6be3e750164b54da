"""Secrets that a text names: a word such as "password" or "door code", and near it a value that looks like one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from dreamflow.core.secrets.values import Looks, entropy, is_code, is_placeholder, looks_of, trimmed
from dreamflow.core.secrets.vocabulary import telling_words

__all__ = ["KINDS", "is_value", "named_secrets"]

_QUOTED = r"[\"'`“‘„«*<]{1,3}"
_WHOSE = (
    r"(?:\s*\([^()\n]{1,40}\)|\s*\[[^\]\n]{1,40}\])?(?:,?\s+\(?(?:for|of|to|on|at|in|from|by|with|we use|für|vom|zum|beim|"
    r"pour|du|pra|para|de|del|della|der|des|dla|do|voor|van|til|för)\b[^:=\n]{1,60}?)?"
)
_SETS = r"(?::=|=>|->|→|⇒|==|=|:|:|=|\||>)"
_SAYS = (
    r"(?:has been |have been |was |were |is |been |got |just |only |)?(?:now|still|currently|set|changed|updated|rotated|"
    r"reset|switched|called|again|simply|actually)\s+(?:to|is|as)|(?:is|are|was)(?: now| still| currently|n't secret)?"
    r"|'?s\b|reads|equals|lautet|heißt|ist|sind|est|sont|es|son|é|è|jest|je|to|är|er|on|adalah|là|это|είναι|being|by|"
    r"becomes|goes|stays|remains|(?:lautet|ist|est|es|è|jest|är|er|is) (?:immer noch|weiterhin|jetzt|nun|noch(?: immer)?|toujours|encore|maintenant|restée?|"
    r"todavía|aún|ahora|ancora|ora|nog|nu|nadal|teraz|fortfarande|stadig|fortsatt)|sigue siendo|reste|è rimasta"
)
#: Between the word and its value: whose it is, and a sign or verb that says what it is.
_JOINED = re.compile(
    rf"[\"'`*_\])}}]{{0,4}}{_WHOSE}(?:\s*(?P<sets>{_SETS})\s*(?:{_SETS}\s*)?|\s+(?:{_SAYS})\s*:?\s+|"
    rf"\s*[-–—,.?!;(]+\s*(?:(?:it|that|this)(?:['’]s| is| was)|namely|i\.e\.|viz\.|=)\s+|"
    rf"\s+[-–—]+\s+|\s*\(\s*)(?:[a-z]?(?={_QUOTED}))?(?P<quote>{_QUOTED})?(?P<value>\S{{2,256}})",
    re.IGNORECASE,
)
_ASIAN = re.compile(
    r"\s*(?:は|是|为|為|が|이|는|은|가|คือ|है|[:：=＝])?\s*(?P<quote>[「『“\"'`])?(?P<value>[!-~]{4,64})"
)
#: The same with other words between them.
_FURTHER = re.compile(
    rf"[^:=.;|\n]{{1,70}}?(?:\s*(?P<sets>{_SETS})\s*|\s+(?:{_SAYS})\s*:?\s+)(?P<quote>{_QUOTED})?(?P<value>\S{{3,256}})",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    rf"[\"'`*)]{{0,3}}(?:\s(?:for|of|to|on|in|der|des|vom|von|für|zum|beim|de|del|du|da|do|dla|van) (?:the |la |le |el |die )?[\w-]+)?"
    rf"[:\s,(\[|]+(?P<quote>{_QUOTED})?(?P<value>\S{{2,256}})"
)
#: The value first: "use 4711 as the door code", "hunter2 is her password".
_REVERSED = re.compile(
    r"(?<!\S)[\"'`“‘„«*(]{0,3}(?P<value>[^\s\"'`]{3,80}?)[\"'`”’“»*)]{0,3}[,;.]?\s+(?:(?:is|was|as|=|for|being|remains|serves as|"
    r"works as|which is|that is|that['’]s|this is|it['’]s|<-|←|[-–—]+|ist|est|es|é|è|como|comme|als|used as|set as|is set as|"
    r"stays|becomes)\s+|\()(?:(?:now|still|also|both|what|where|we|they|he|she|use|uses|all|one|of)\s+){0,4}"
    r"(?:(?:the|her|his|their|our|your|my|a|an|its|das|die|der|ihr|sein|le|la|el|o|as|for)\s+)?(?:[\w'’-]+\s+){0,3}$",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"(?<![^\s\"'`“‘„«(<\[|=:,/])[^\s\"'`“”‘’„«»()<>|]{6,256}")
_CHECKSUM = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # a UUID
    r"|(?:sha\d+[:-])?(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})|sha\d+-\S+",  # a checksum
    re.IGNORECASE,
)
_SUMMED = re.compile(
    r"sha-?\d|md5|checksum|digest|fingerprint|commit|revision|etag|\bhash|uuid|\bid\b|version|cursor|public",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"[\"'`”’»*)\]}>|]*(?:[.,;!]?\s*(?:$|[|<#/(&\"'}]|//|--|—|–|and\b|und\b|et\b|y\b|e\b|for\b)|[,;.])",
    re.IGNORECASE,
)
#: Letters and three figures or more, in turns: no name, version, or booking.
_MIXED = re.compile(r"(?=(?:[A-Za-z]*\d){3})(?=\d*[A-Za-z]+\d+[A-Za-z])(?=[A-Z0-9]*[a-z])[A-Za-z0-9]{10,}")
KINDS = {
    "password": "password",
    "login": "password",
    "abroad": "password",
    "code": "access code",
    "key": "key",
    "answer": "security answer",
}
_BEFORE, _AFTER = 70, 110
_CLOSING_OF = {"“": "”", "‘": "’", "«": "»", "„": "“", "「": "」", "『": "』", "<": ">"}


def named_secrets(line: str, lowered: str, stems: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
    """
    Yield where a line holds the value of a secret that it names, with its kind.

    :param lowered: the line in lower case. :param stems: those that it may hold.
    """
    if not stems:
        return
    done = 0
    for word in telling_words(line, lowered, stems):
        family = str(word.lastgroup)
        found = list(_after(line, word.end(), family)) or list(_before(line, word.start(), family))
        if not found and family in ("password", "login", "abroad", "key"):
            found = list(_around(line, max(done, word.start() - _BEFORE), word.end() + _AFTER, word, family))
        for start, end in found:
            done = max(done, end)
            yield start, end, KINDS[family]


def _after(line: str, at: int, family: str) -> Iterator[tuple[int, int]]:
    """Yield the value that follows a word for a secret."""
    if family == "abroad":
        if (match := _ASIAN.match(line, at)) and (span := _span(line, match, "password", "joined")):
            yield span
        return
    for pattern, how in ((_JOINED, "joined"), (_BESIDE, "beside"), (_FURTHER, "further")):
        match = pattern.match(line, at)
        if match and (span := _span(line, match, family, how)):
            yield span
            return


def _before(line: str, at: int, family: str) -> Iterator[tuple[int, int]]:
    start = max(0, at - 140)
    if family != "answer" and (turned := _turned(line[start:at])):
        begin, value = turned
        if is_value(value, family, "turned"):
            yield start + begin, start + begin + len(value)


@lru_cache(1 << 10)  # A line of 100 kB may be one word over and over.
def _turned(text: str) -> tuple[int, str] | None:
    """Return where the value begins that a text says to be what its next word names, and the value."""
    turned = _REVERSED.search(text)
    return (turned.start("value"), trimmed(turned["value"])) if turned else None


def _around(line: str, start: int, end: int, word: re.Match[str], family: str) -> Iterator[tuple[int, int]]:
    """Yield what looks so much like a secret that it is enough that a word for one stands near."""
    for token in _TOKEN.finditer(line, start, min(end, len(line))):
        value = trimmed(token[0])
        if token.start() < word.end() and token.end() > word.start():
            continue
        if is_value(value, family, "near") and not _SUMMED.search(
            line, max(0, token.start() - 24), token.start()
        ):
            yield token.start(), token.start() + len(value)
            return


def _span(line: str, match: re.Match[str], family: str, how: str) -> tuple[int, int] | None:
    """Return where the value of a match is: what is quoted, to its end, else one word without its punctuation."""
    start = match.start("value")
    if how != "beside" and _SUMMED.search(line, match.start(), start):
        return None
    sets = how == "joined" and bool(match.groupdict().get("sets"))
    if quote := match["quote"]:
        closing = line.find(_CLOSING_OF.get(quote[0], quote[0]), start)
        value = line[start:closing] if start < closing <= start + 256 else match["value"]
        quoted = "quoted" if how == "joined" and quote[0] not in "*<" else how
        if len(value.splitlines()) == 1 and is_value(value, family, quoted):
            return start, start + len(value)
    if family == "code" and (
        figures := re.compile(r"[#*]?\d(?:[ .-]?\d){2,11}[#*]?(?!\w)").match(line, start)
    ):
        return figures.span() if is_value(figures[0], family, how) else None
    value = trimmed(match["value"])
    ends = bool(_ENDS.match(line, start + len(value)))
    if not is_value(value, family, how, ends=ends and (sets or how == "joined")):
        # What follows a comma, a slash or a tag is no part of it.
        value = trimmed(re.split(r"[,;<&]|(?<=\w)/(?=\w)|\)", value)[0])
        if not is_value(value, family, how, ends=ends and sets):
            return None
    return start, start + len(value)


def is_value(value: str, family: str, how: str, *, ends: bool = False) -> bool:
    """
    Tell whether a value looks like what the word before it announces.

    :param how: ``quoted`` and ``joined`` where the line says that it is one, ``turned`` where it says so after it;
        ``beside``; ``further``, with other words between; ``near``.
    :param ends: nothing of the sentence follows the value.
    """
    if len(value) < 3 or is_placeholder(value):
        return False
    looks = looks_of(value)
    if family == "code":
        return _is_code(value, looks, how)
    if family == "answer":
        name = value[0].isupper() and value.isalpha() and looks_of(value.lower() + "a") >= Looks.WORD
        return how in ("joined", "quoted") and (name or looks > Looks.WORD)
    if family == "key":
        return _is_key(value, looks, how)
    if family == "login":
        return (
            looks >= (Looks.LIKELY if how in ("joined", "quoted", "turned") else Looks.STRONG)
            and not value.isdigit()
        )
    if value.isdigit() and how == "beside":
        return len(value) >= 8
    if value.isdigit():
        return 4 <= len(value) <= 63 and how in ("joined", "quoted", "turned")
    if how == "quoted":
        words = value.split()
        return looks >= Looks.WORD or (
            len(words) >= 2 and len(value) >= 8 and value.replace(" ", "").isalnum()
        )
    if how == "near":
        return looks >= Looks.STRONG and not _CHECKSUM.fullmatch(value)
    if how == "joined" and ends:
        return looks >= Looks.WORD
    return looks >= Looks.LIKELY


def _is_code(value: str, looks: Looks, how: str) -> bool:
    year = bool(re.fullmatch(r"(?:19|20)\d\d", value))
    if is_code(value):
        return not (year and how in ("beside", "further", "near")) and how != "near"
    return how in ("joined", "quoted", "beside") and looks >= Looks.LIKELY and any(map(str.isdigit, value))


def _is_key(value: str, looks: Looks, how: str) -> bool:
    if how in ("joined", "quoted"):
        if value.isdigit() or re.search(r"\s", value):
            return False
        if _CHECKSUM.fullmatch(value):
            return True
        return looks >= Looks.LIKELY and len(value) >= (6 if how == "quoted" else 8) and entropy(value) > 2.5
    if _CHECKSUM.fullmatch(value):
        return how == "beside" and "-" not in value
    if looks >= Looks.RANDOM or (how == "near" and _MIXED.fullmatch(value)):
        return True
    return how in ("beside", "turned") and looks >= Looks.STRONG and len(value) >= 12
