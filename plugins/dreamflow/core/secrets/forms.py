"""Secrets that the way they are written gives away: in addresses, commands, headers, beside a name, as words of a wallet."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dreamflow.core.secrets.habits import HABITS
from dreamflow.core.secrets.sayings import SAYINGS
from dreamflow.core.secrets.values import Looks, is_placeholder, looks_of, trimmed

__all__ = ["FORMS", "PHRASE_HINTS", "Form", "formed_secrets"]


class Form(NamedTuple):
    """
    A way to write a secret.

    :ivar hints: groups of hints (``Hints``), of each of which a line has one in lower case; that its text has one of
        the first group is what it takes to look at all. :ivar looks: how much the value must look like a secret.
    """

    kind: str
    hints: tuple[tuple[str, ...], ...]
    looks: Looks
    pattern: re.Pattern[str]


_USER = r"[\w.@+\\-]{2,60}"
_Q = r"[\"'`“‘*]{0,3}"
#: Groups of hints are joined by " & ", those of a group by blanks, or by "|" where they have some.
FORMS = tuple(
    Form(
        kind,
        tuple(
            tuple(filter(None, group.split("|"))) if "|" in group else tuple(group.split())
            for group in hints.split(" & ")
        ),
        looks,
        re.compile(form, re.IGNORECASE),
    )
    for kind, hints, looks, form in (
        (
            "password in a URL",
            ":// & @",
            Looks.NOTHING,
            r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"']{0,64}:(?P<value>[^\s/@\"']{1,128})@",
        ),
        ("password in a URL", ":// & @", Looks.RANDOM, r"\bhttps?://(?P<value>[\w.~-]{16,128})@[\w.-]+"),
        (
            "password",
            "@ & :",
            Looks.LIKELY,
            r"(?<![\w/.@])[a-z][\w.-]{1,40}:(?P<value>[^\s:@/]{6,64})@[\w-]+(?:\.[\w-]+)+",
        ),
        (
            "key in a URL",
            "=",
            Looks.NOTHING,
            r"[?&;#](?:[\w-]*(?:key|token|secret|signature|password|passwd|pwd|credential)|sig|sign|auth|code|pass|pw|hash|"
            r"jwt|otp|ticket|k|t)=(?P<value>(?=[^&\s]*\d)[\w%.+/=~-]{10,})",
        ),
        (
            "key in a URL",
            "hook hooks webhook slack ifttt trigger pagerduty integrations ping incoming integromat private & / & 0-9",
            Looks.NOTHING,
            r"(?:api/webhooks/\d+/|hooks\.slack\.com/\w+/\w+/\w+/|hooks\.zapier\.com/hooks/catch/\d+/|/with/key/|/hooks?/|"
            r"webhookb?2?/|bot/v2/hook/|events\.pagerduty\.com/integration/|hc-ping\.com/|hook\.[a-z0-9.]*make\.com/|"
            r"/incoming/|/integrations/|/trigger/|integromat\.com/|/private-)"
            r"(?P<value>(?=[\w@/.-]*\d)[\w@.-]{5,}(?:/[\w@.-]{6,})*)",
        ),
        (
            "key in a URL",
            "/reset /invite /verify /magic /activate /share/ /s/ /join /login /token /confirm /auth & ://",
            Looks.RANDOM,
            r"https?://\S{3,100}?/(?:[\w-]*(?:reset|invite|verify|magic|activate|share|join|login|token|confirm|auth)[\w-]*|s)/"
            r"(?P<value>[\w.~-]{16,})",
        ),
        ("key in a URL", ":// & @", Looks.NOTHING, r"\bhttps?://(?P<value>[0-9a-f]{32}(?::[0-9a-f]{32})?)@"),
        ("key in a URL", "/bot", Looks.NOTHING, r"/bot(?P<value>\d{6,}:[\w-]{20,})"),
        (
            "password",
            " -u|--",
            Looks.LIKELY,
            r"(?:(?<=\s)-u|--user(?:name)?|--proxy-user)[\s=]?[\"']?[\w.@\\-]+[:%](?P<value>[^\s\"']{3,})",
        ),
        (
            "password",
            " -p| -a|--",
            Looks.LIKELY,
            r"(?:(?<=\s)-[pPa]|--[\w-]*(?:pass(?:word|wd|phrase)?|pw|token|secret|key|auth))[\s=]?[\"']?(?P<value>[^\s\"']{4,})",
        ),
        ("password", "pass:", Looks.WORD, r"\bpass:(?P<value>[^\s\"']{4,})"),
        (
            "password",
            " / | // ",
            Looks.STRONG,
            rf"(?<!\S){_Q}[A-Za-z][\w.@+-]{{1,40}}{_Q}\s/{{1,2}}\s{_Q}(?P<value>[^\s\"'`/]{{7,64}})",
        ),
        ("password", "thin:", Looks.LIKELY, r":thin:[\w$]+/(?P<value>[^\s@/]{3,64})@"),
        ("password", "htpasswd", Looks.WORD, r"\bhtpasswd\s+-\S*b\S*\s+\S+\s+\S+\s+(?P<value>\S{4,})"),
        (
            "password",
            "user login username & pass pw",
            Looks.WORD,
            r"\b(?:user(?:name)?|login)\b[:=\s]+\S+[,;/&\s]+(?:and\s)?(?:pass(?:word|wd)?|pw|pwd)\b(?:\sis)?[:=\s]+[\"'`]?(?P<value>\S{4,})",
        ),
        (
            "password",
            "user",
            Looks.STRONG,
            rf"\buser(?:name)?:?\s{_Q}{_USER}{_Q},?\s(?:with|and)\s{_Q}(?P<value>[^\s\"'`]{{6,64}})",
        ),
        (
            "password",
            "unlock opens open master & =with =by =using",
            Looks.NOTHING,
            r"\b(?:unlock(?:s|ed)?|opens?|opened)\s(?:it\s)?(?:with|by|using)\s[\"“'](?P<value>[^\"”'\n]{5,60})[\"”']",
        ),
        (
            "password",
            "bitwarden lastpass 1password onepassword keepass dashlane master",
            Looks.LIKELY,
            r"\b(?:bitwarden|lastpass|1password|keepass\w*|dashlane|vault|keychain)\b[^\n:=]{0,30}?(?:[:=]|\bis\b|->)\s*[\"'`]?(?P<value>[^\s\"'`]{5,80})",
        ),
        (
            "access code",
            "right & 0-9",
            Looks.NOTHING,
            r"(?P<code>(?:left|right)\D{1,12}\d{1,2}\b\D{1,10}(?:left|right)\D{1,12}\d{1,2}\b(?:\D{1,10}(?:left|right)\D{1,12}\d{1,2}\b)*)",
        ),
        (
            "access code",
            "door gate entrance entry alarm lock garage locker lockbox keypad & 0-9 & : = -> is",
            Looks.NOTHING,
            r"\b(?:doors?|gates?|entrance|entry|alarm|lock|garage|locker|lockbox|keypad)\b(?:\s(?:on|off|code|pad|[a-z]+)){0,4}?\s?(?::|=|->|\bis(?: star)?)\s*"
            r"(?P<code>[#*]?\d(?:[ -]?\d){3,7}[#*]?|(?-i:[A-Z]\d{3,6}[A-Z]?|\d{3,6}[A-Z]))(?=\s*(?:[#*.,;)]|$|then\b|and\b|or\b))(?!\.\d)",
        ),
        (
            "access code",
            "lock & 0-9",
            Looks.NOTHING,
            r"\b(?:suitcase|bike|bicycle|luggage|combination|cable|number|gym|pad)[ -]?lock\s(?:is\s|=\s?|:\s?)?(?P<code>\d{3,6})(?![\w.,:-]*\d)",
        ),
        (
            "access code",
            "arm disarm & 0-9 & =type =enter =dial =press =punch =use =with",
            Looks.NOTHING,
            r"\b(?:arm|disarm)\b[^\n]{0,40}?\b(?:type|enter|dial|press|punch|use|with)\s(?P<code>[#*]?\d(?:[ -]?\d){3,7}[#*]?)(?![\w.,:-]*\d)",
        ),
        ("password", "/user:", Looks.WORD, r"net use\b.{0,60}?/user:\S+ (?P<value>\S{4,})"),
        (
            "password",
            "machine & login & password",
            Looks.WORD,
            r"\blogin\s+\S+\s+password\s+(?P<value>\S{3,})",
        ),
        (
            "password",
            "identified password requirepass masterauth",
            Looks.WORD,
            r"\b(?:identified (?:with \S+ )?by|with (?:encrypted )?password|requirepass|masterauth|set password)\s*[=]?\s*"
            r"[\"']?(?P<value>[^\s\"';]{4,})",
        ),
        (
            "password",
            "auth( login( login_in( signin( connect( authenticate( basicauth",
            Looks.LIKELY,
            r"(?:auth|login|log_in|signin|connect|authenticate|basicauth)\s*(?:=\s*)?\(\s*[\"'][^\"']{1,60}[\"']\s*,\s*"
            r"[\"'](?P<value>[^\"'\s]{4,80})[\"']",
        ),
        ("key", "basic", Looks.NOTHING, r"\bbasic\s+(?P<basic>[\w+/]{8,}={0,2})"),
        ("key", "bearer token", Looks.STRONG, r"\b(?:bearer|token)\s+(?P<value>[\w.~+/=-]{16,})"),
        (
            "key",
            "cookie & = & 0-9",
            Looks.NOTHING,
            r"\bcookies?\b[^=\n]{0,40}?[\w.-]{2,40}=(?P<value>(?=[^;\s]*\d)[\w%.+/~-]{12,})",
        ),
        (
            "password",
            "wifi wi-fi wlan ssid network hotspot",
            Looks.LIKELY,
            r"\b(?:wi-?fi|wlan|ssid|network|hotspot)\b.{0,60}?(?:\b(?:key|pass\w*|pw|code)\b(?:\s+is)?[\s:=]+|\s[/|-]+\s|, )"
            r"[\"'`]?(?P<value>\S{6,})",
        ),
        ("password", "wifi:", Looks.NOTHING, r"WIFI:[^\n]{0,80}?;P:(?P<value>[^;\s]{4,64})"),
        (
            "password",
            "cred login log logs logged logging sign signed vpn ftp ssh basic username authenticate portal"
            " & cred log sign username ssh vpn ftp portal auth =http",
            Looks.LIKELY,
            rf"\b(?:credentials?|creds?|logins?|log(?:ged|s|ging)?[ -]?(?:in|on)(?:to)?|sign(?:ed|s|ing)? ?in(?:to)?|"
            rf"username|ssh|vpn|s?ftp|portal|authenticates?|http basic|basic auth)\b[^/\n]{{0,60}}?[\s:=(]{_Q}{_USER}?{_Q}"
            rf"(?:\s?(?:/{{1,2}}|\||:(?!\s)|,|;|\+|&)\s?|\s(?:and|with|und|et|y|e|en|plus|then|followed by)\s(?:then\s|the\s|pw\s|type\s|enter\s|use\s|give\s|password\s){{0,2}})"
            rf"{_Q}(?P<value>[^\s\"'`]{{5,}})",
        ),
        (
            "password",
            "admin root sa/ sa: guest postgres ubuntu svc deploy dba oracle support",
            Looks.LIKELY,
            r"(?<![\w/.])(?:admin|root|sa|guest|postgres|administrator|ubuntu|svc[\w-]*|deploy|dba|oracle|sysadmin|support)"
            r"\s?(?:/{1,2}|:(?!\s)|\|)\s?(?P<value>[^\s\"'`/]{5,})",
        ),
        (
            "access code",
            "door gate alarm safe lock keypad garage vault padlock entrance cellar shed intercom lift locker panel barrier "
            "building phone voicemail tablet laptop & 0-9"
            " & open unlock arm =enter =entering =dial =punch =type =typing =press =key =tap =input =with =using =code",
            Looks.LIKELY,
            r"\b(?:doors?|gates?|alarm|safe|locks?|lockbox|keypad|garage|vault|padlock|entrance|cellar|shed|intercom|lift|"
            r"locker|panel|barrier|building|phone|voicemail|tablet|laptop)\b[^\n]{0,60}?\b(?:opens?|unlocks?|disarms?|arms?|"
            r"enter(?:ing)?|dial|punch|typ(?:e|ing)|press|key in|tap|input|with|using|code)\b[^\n\d$€£]{0,24}?"
            r"(?P<code>[#*]?\d(?:[ -]?\d){3,9}[#*]?)(?![\w.,:/-]*\d)(?!\s*(?:[ap]m|h\b|euro?s?|people|items|steps|%|k?m\b|kg))",
        ),
        (
            "access code",
            "door gate alarm safe lock keypad garage vault padlock entrance cellar shed intercom locker panel barrier tablet phone "
            "laptop ipad screen terminal & 0-9 & =enter =dial =punch =type =press =key =tap =input =use unlock disarm",
            Looks.LIKELY,
            r"\b(?:enter|dial|punch(?: in)?|type|press|key in|tap|input|use|unlock(?:s|ed)? (?:it )?with|disarm\w* with)\s"
            r"(?P<code>[#*]?\d(?:[ -]?\d){3,9}[#*]?)(?![\w.,:/-]*\d)[^\n]{0,50}?\b(?:doors?|gate|alarm|safe|lock|lockbox|keypad|"
            r"garage|vault|padlock|entrance|cellar|shed|intercom|locker|panel|barrier|tablet|phone|laptop|ipad|screen|terminal|box)\b",
        ),
        (
            "access code",
            "keypad lock padlock key box safe code & 0-9",
            Looks.LIKELY,
            r"\b(?:keypad|lock ?box|padlock|key ?safe|key ?box|code lock|combination lock|digicode)\b(?:\s+(?:on|at|by|of|for|in)\b[^\n:=\d]{1,30})?"
            r"\s*(?:is|was|:|=|->|takes|wants|needs|reads|has|[-–])?\s*(?P<code>[#*]?\d(?:[ -]?\d){3,9}[#*]?)(?![\w.,:/-]*\d)",
        ),
        (
            "password",
            "app pass",
            Looks.NOTHING,
            r"\b(?:app|application|pass(?:word|wort|code|phrase|key)?s?)\b[^\n]{0,40}?[\s:=\"'`](?P<value>(?:[a-z0-9]{4}[ -]){3}[a-z0-9]{4})(?![\w-])",
        ),
        (
            "two-factor seed",
            "totp otp 2fa mfa authenticator two-factor seed",
            Looks.NOTHING,
            r"\b(?:totp|otp|2fa|mfa|authenticator|two-factor)\b[^\n]{0,60}?[\s:=](?P<value>(?=[A-Z2-7 ]*[2-7])"
            r"(?-i:[A-Z2-7]{4}(?: ?[A-Z2-7]{4}){3,12}))\b",
        ),
        (
            "wallet key",
            "wallet private eth signer mnemonic",
            Looks.NOTHING,
            r"\b(?:wallet|private|eth\w*|signer|mnemonic)\b[^\n]{0,60}?(?P<value>\b(?:0x)?[0-9a-f]{64})\b",
        ),
        (
            "license key",
            "licen product activation serial key & 0-9 & -",
            Looks.NOTHING,
            r"\b(?:licen[sc]e|product|activation|serial|cd|office|windows|lizenz\w*)\b[^\n]{0,40}?"
            r"(?P<value>(?-i:(?=[A-Z-]*\d)[A-Z0-9]{4,8}(?:-[A-Z0-9]{4,8}){2,7}))",
        ),
        (
            "recovery code",
            "recovery backup 2fa emergency scratch rescue & 0-9",
            Looks.NOTHING,
            r"\b(?:recovery|backup|emergency|scratch|rescue|one-time|2fa)[ -](?:codes?|keys?|recovery|backup)\b[^\n]{0,40}?"
            r"(?P<value>(?=[a-z-]*\d)[a-z0-9]{4,10}(?:[ -](?=[a-z]*\d)[a-z0-9]{4,10}){1,10})",
        ),
        (
            "password",
            "answer & security secret recovery maiden pet",
            Looks.WORD,
            r"(?:security|secret|recovery|maiden|first pet)\b[^\n]{0,80}?\banswer(?:s|ed)?\b(?: is| with|:|=)?[\s:=]+[\"'`“]?"
            r"(?P<value>[A-Z][\w'-]{2,40})",
        ),
        *SAYINGS,
        *HABITS,
    )
)
_PHRASE = re.compile(
    r"\b(?:pass ?phrase|(?:seed|recovery|mnemonic|backup|secret|wallet)[ -]?(?:phrases?|words|seed)|mnemonic|mantra|seed|"
    r"wallet(?: (?:words|backup))?|passwort ?satz|phrase (?:de|secr)\S*(?: \S+)?)\b[^:\n]{0,40}?(?:\bis|:|=|are|—|->|→|-)\s+[\"'`“]?"
    r"(?P<value>(?:\d{1,2}[.)]\s?)?[a-zà-ÿ]{3,}(?:[ ,-]+(?:\d{1,2}[.)]\s?)?[a-zà-ÿ]{3,}){3,})",
    re.IGNORECASE,
)
#: What a line has one of in lower case if it may hold such a phrase.
PHRASE_HINTS = ("seed", "phrase", "mnemonic", "wallet", "words", "mantra", "passwort")
#: Twelve to twenty-four short words and nothing else, none of those that a sentence has: words that restore a wallet.
_WALLET = re.compile(
    r"(?:^|:)[\s>*\"'`-]*(?P<value>(?:\d{1,2}[.)]\s*)?[a-z]{3,8}(?:[ ,;]+(?:\d{1,2}[.)]\s*)?[a-z]{3,8}){11,23})[\"'`.]*\s*$"
)
#: Before the words with commas that an index has for the memory to which it leads: they restore nothing.
_ENTRY = re.compile(r"\]\((?:<[^>\n]*>|\S*)\):\s*$")
_SENTENCE = re.compile(
    r"\b(?:the|and|for|are|was|were|has|had|not|with|from|but|its|his|her|our|been|did|does|which|would|must|may|also)\b"
)


def formed_secrets(
    line: str, forms: Iterable[Form], *, may_be_phrase: bool
) -> Iterator[tuple[int, int, str]]:
    """
    Yield where a line holds a secret that its form gives away, with its kind.

    :param forms: those that it may hold. :param may_be_phrase: it has one of ``PHRASE_HINTS``.
    """
    for kind, _, looks, pattern in forms:
        for match in pattern.finditer(line):
            if span := _span(match, looks, kind):
                yield *span, kind
    if may_be_phrase:
        for match in _PHRASE.finditer(line):
            yield *match.span("value"), "passphrase"
    if len(line) > 50 and (words := _WALLET.search(line)) and _restores_wallet(words):
        yield *words.span("value"), "passphrase"


def _restores_wallet(words: re.Match[str]) -> bool:
    text = words["value"]
    if "," in text and _ENTRY.search(words.string, 0, words.start("value")):
        return False
    return not _SENTENCE.search(text) and len(re.findall(r"[a-z]+", text)) in (12, 15, 18, 21, 24)


def _span(match: re.Match[str], looks: Looks, kind: str) -> tuple[int, int] | None:
    groups = match.groupdict()
    if code := groups.get("code"):
        return None if re.fullmatch(r"(?:19|20)\d\d", code) else match.span("code")
    if basic := groups.get("basic"):
        return match.span("basic") if _is_login(basic) else None
    value = groups["value"] or ""
    start = match.start("value")
    if kind != "password in a URL":
        value = trimmed(value)
    if (
        is_placeholder(value)
        or (looks and looks_of(value) < looks)
        or (looks and value.isdigit() and len(value) < 5)
    ):
        return None
    return start, start + len(value)


def _is_login(text: str) -> bool:
    """Tell whether base64 says a name and a password: ``name:password``."""
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    return ":" in plain and plain.isprintable()
