"""Secrets that a text names: a word such as "password" or "door code", and beside it a value that looks like one."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

__all__ = ["named_secrets"]

_PASSPHRASES = (
    r"pass[ _-]?(?:word|wd|code|phrase)s?|pwd|pw|(?<!boarding )(?<!bus )(?<!day )pass(?!es|ed|ing)|(?:wi-?fi|"
    r"wlan|wpa2?|network) (?:key|code)|passwort|kennwort|mot de passe|contrase(?:ñ|n)a|wachtwoord|"
    r"senha|code ?words?"
)
_CODE = (
    r"pin(?:[ -]?(?:code|number))?|cv[vc]2?|geheimzahl|zugangscode|t(?:ü|ue)rcode|code d['’]acc(?:è|e)s|"  # noqa: RUF001
    r"c(?:ó|o)digo de (?:acceso|seguridad|la puerta)|clave de acceso|"
    r"(?:door|gate|alarm|access|entry|security|safe|lock|locker|lockbox|garage|unlock|keypad|vault|recovery|"
    r"backup|"
    r"2fa|mfa|one[- ]time|verification|disarm|building|garden|cellar|shed|key ?box|key ?safe|"
    r"intercom)[ _-]codes?|"
    r"codes? (?:for|of|to) the (?:\w+ ){0,2}(?:door|gate|alarm|safe|lock|garage|key ?box|building|entrance|"
    r"vault|cellar)|"
    r"combination|combo|otp"
)
_KEY = (
    r"(?:(?:api|access|secret|private|auth|encryption|signing|service|client|account|master|ssh|license|"
    r"deploy|admin|"
    r"storage|webhook|shared|hmac|aws)[ _-]?){1,3}(?:key|secret|token)s?|secrets?|tokens?|bearer|"
    r"credentials?|"
    r"geheimnis|schl(?:ü|ue)ssel|login|auth"
)
_WORD = re.compile(
    rf"(?<![^\W_])(?:(?P<password>{_PASSPHRASES})|(?P<code>{_CODE})|"
    rf"(?P<key>{_KEY}))(?:_\w{{1,20}})?(?![^\W_])",
    re.IGNORECASE,
)
_QUOTED = r"[\"'`“‘«*]{1,3}"  # noqa: RUF001
#: Between the word and its value: a few words that say whose it is, and a sign or verb that says what it is.
_JOINED = re.compile(
    r"[\"'`*\])]{0,3}"
    r"(?:\s+\(?(?:for|of|to|on|at|in|from|für|pour|para|de|del|der|des)\b[^:=\n]{1,60}?)?"
    r"(?:\s*(?::=|=>|->|→|=|:)\s*|\s+(?:(?:has been |was |is |been )?(?:now|still|currently|set|changed|"
    r"updated|"
    r"rotated|reset|switched)\s+(?:to|is)|is(?: now| still| currently)?|was|are|reads|equals|lautet|ist|est|"
    r"es)"
    r"\s*:?\s+)"
    rf"(?P<quote>{_QUOTED})?(?P<value>\S{{3,256}})",
    re.IGNORECASE,
)
_BESIDE = re.compile(rf"(?:\s(?:for|of) (?:the )?\w+)?[:\s,(]\s*(?P<quote>{_QUOTED})?(?P<value>\S{{3,256}})")
#: The value first: "use 4711 as the door code", "hunter2 is her password".
_REVERSED = re.compile(
    r"(?<!\S)[\"'`“‘«*]{0,3}(?P<value>[^\s\"'`]{3,80})[\"'`”’»*]{0,3}\s+(?:is|as|=|for|being)\s+"  # noqa: RUF001
    r"(?:(?:the|her|his|their|our|your|my|a|an|its)\s+)?(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
#: What is no word, but says the same: a network and its key, a name and its password, words that restore a wallet.
_OTHERWISE = (
    (
        "password",
        re.compile(
            r"\b(?:wi-?fi|wlan|ssid|network|hotspot)\b.{0,60}?\b(?:key|pass\w*|pw|"
            r"code)\b(?:\s+is)?[\s:=]+[\"'`]?(?P<value>\S{6,})",
            re.I,
        ),
    ),
    (
        "password",
        re.compile(
            r"\b(?:credentials?|creds|logins?|log(?:ged|s)? (?:in|on)|"
            r"sign in)\b[^/\n]{0,40}?[\s:=]\w[\w.@-]{1,40}\s?(?:/|:(?!\s)) ?(?P<value>\S{6,})",
            re.I,
        ),
    ),
    (
        "password",
        re.compile(
            r"(?:\s-u|--user|-p|--pass(?:word)?|--token)[\s=]?(?:[\w.-]+:)?[\"']?(?P<value>\S{6,})", re.I
        ),
    ),
    (
        "key",
        re.compile(
            r"[?&;](?:key|sig|signature|token|access_token|api_?key|secret|auth|sharedaccesskey|"
            r"accountkey)=(?P<value>[\w%.+/=~-]{12,})",
            re.I,
        ),
    ),
    ("key", re.compile(r"\bauthorization\W{1,3}basic\s+(?P<value>[\w+/=]{8,})", re.I)),
)
_PHRASE = re.compile(
    r"\b(?:passphrase|(?:seed|recovery|mnemonic|backup)[ -](?:phrase|words)|mantra)\b[^:\n]{0,30}?(?:\bis|:|"
    r"=|are)\s+[\"'`]?"
    r"(?P<value>[a-z]{3,}(?:[ -][a-z]{3,}){3,})",
    re.IGNORECASE,
)
_NEAR = re.compile(r"key|token|secret|passw|credential|auth|bearer|api", re.IGNORECASE)
_TOKEN = re.compile(r"(?<![\w+/=.-])[A-Za-z0-9+/=_.~-]{20,512}")
_CHECKSUM = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # a UUID
    r"|(?:sha\d+[:-])?(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})",  # a checksum
    re.IGNORECASE,
)
_NO_SECRET = re.compile(
    r"(?:memstore|mem|memver|sesn|session|evt|sevt|agent|env|dep|depl|drm|dream|msg|file|vlt|req|run|org|"
    r"wrkspc|ord|"
    r"order|cus|user|usr|inv|txn|toolu|case|ticket)_\w+"  # an id
    r"|\d{4}-\d\d?-\d\d?(?:[T ]?[\d:.Z+]*)?|\d\d?[:.]\d\d(?:[:.]\d+)?(?:am|pm)?"  # a moment
    r"|[$€£]?\d+(?:[.,]\d+)*(?:%|[a-z]{1,7}|[$€£])?"  # an amount, a number with its unit
    r"|(?:https?://|/|\./|~/)\S*|\S+@\S+\.\w+",  # where it is kept, whose it is
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"[\W_]*(?:x{3,}|\*+|\.{3,}|…|<.*>?|\$.*|\{.*|\[.*|%\w+%|⟦.*)[\W_]*", re.IGNORECASE)
#: What no secret is named without, in lower case.
_NAMED = re.compile(
    r"pass|pw|pin\b|code|key|secret|token|cv[vc]|auth|bearer|cred|login|log(?:s|ged)? (?:in|on)|sign in|"
    r"kennwort|geheim|"
    r"schl.{1,2}ssel|clave|contrase|wachtwoord|senha|combination|combo|otp|phrase|words|wi-?fi|wlan|ssid|"
    r"network|hotspot|-u |--user|sig=|mantra"
)
_KINDS = {"password": "password", "code": "access code", "key": "key"}


def named_secrets(line: str) -> Iterator[tuple[int, int, str]]:
    """Yield where a line holds the value of a secret that it names, with its kind."""
    if not _NAMED.search(line.lower()):
        return
    for word in _WORD.finditer(line):
        family = str(word.lastgroup)
        for pattern, joined in ((_JOINED, True), (_BESIDE, False)):
            match = pattern.match(line, word.end())
            if match and (span := _value(line, match, family, joined)):
                yield (*span, _KINDS[family])
                break
        before = max(0, word.start() - 120)
        if turned := _REVERSED.search(line[before : word.start()]):
            value = turned["value"].rstrip(".,;:!?)")
            if _looks_secret(value, family, joined=False):
                start = before + turned.start("value")
                yield start, start + len(value), _KINDS[family]
    for kind, pattern in _OTHERWISE:
        for match in pattern.finditer(line):
            value = match["value"].rstrip(".,;:)]}\"'`")
            if _looks_secret(value, kind, joined=kind == "key"):
                yield match.start("value"), match.start("value") + len(value), _KINDS[kind]
    for match in _PHRASE.finditer(line):
        yield *match.span("value"), "passphrase"
    yield from _random_tokens(line)


def _value(line: str, match: re.Match[str], family: str, joined: bool) -> tuple[int, int] | None:
    """Return where the value of a match is: what is quoted, to its end, else one word without its punctuation."""
    start = match.start("value")
    if quote := match["quote"]:
        closing = line.find({"“": "”", "‘": "’", "«": "»"}.get(quote[0], quote[0]), start)  # noqa: RUF001
        value = line[start:closing] if 0 < closing <= start + 256 else match["value"]
        plain = not value.strip() or _HIDDEN.fullmatch(value) or _NO_SECRET.fullmatch(value)
        if joined and family != "code" and len(value) >= 6 and not plain and quote[0] != "*":
            return start, start + len(value)
    else:
        value = match["value"]
    value = value.rstrip(".,;:)]}\"'`*”’»")  # noqa: RUF001
    return (start, start + len(value)) if _looks_secret(value, family, joined) else None


def _looks_secret(value: str, family: str, joined: bool) -> bool:
    if len(value) < 3 or _HIDDEN.fullmatch(value):
        return False
    digits = sum(map(str.isdigit, value))
    if family == "code":
        return bool(re.fullmatch(r"[#*]?\d[\d -]{1,10}\d[#*]?|(?=\D*\d)[A-Z0-9#*-]{4,12}", value)) and not (
            _NO_SECRET.fullmatch(value) and not value.isdigit()
        )
    if family == "password" and joined and value.isdigit():
        return len(value) >= 4
    if _NO_SECRET.fullmatch(value):
        return False
    letters = sum(map(str.isalpha, value))
    symbols = len(re.findall(r"[!@#$%^&*+=?~]", value[1:]))
    mixed = bool(re.search(r"[a-z][A-Z]", value))
    if family == "password":
        telling = bool(digits and letters) or bool(symbols and letters) or (mixed and joined)
        return telling and len(value) >= (5 if joined else 6)
    return bool(digits and letters) and len(value) >= (8 if joined else 16) and entropy(value) > 2.5


def _random_tokens(line: str) -> Iterator[tuple[int, int, str]]:
    """Yield what looks random next to a word for a secret."""
    for token in _TOKEN.finditer(line):
        word = token[0].rstrip(".=~")
        if (
            _NO_SECRET.fullmatch(word)
            or _CHECKSUM.fullmatch(word)
            or not _NEAR.search(line, max(0, token.start() - 60), token.start())
        ):
            continue
        longest = max(re.split(r"[-_./~]", word), key=len)
        kinds = (
            any(map(str.isdigit, longest)),
            any(map(str.islower, longest)),
            any(map(str.isupper, longest)),
        )
        if (
            len(longest) >= 16
            and kinds[0]
            and any(kinds[1:])
            and entropy(longest) >= (3.2 if all(kinds) else 3.5)
        ):
            yield token.start(), token.start() + len(word), "key"


def entropy(text: str) -> float:
    """Return the bits that a character of a text tells (Shannon)."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())
