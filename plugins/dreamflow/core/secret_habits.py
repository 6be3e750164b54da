"""
Passwords that no word for a password announces: what people choose for one, beside what it opens or how it is used.

People choose a word with a sign and figures ("Herbst!24"), which nothing else looks like: it is enough that the line
names something with a login. A word with figures only ("Minka2009") may be anything: there the line must say that it
is typed, used, or set.
"""

from __future__ import annotations

from dreamflow.core.secret_values import Looks

__all__ = ["HABITS"]

_OPENED = (
    "login logins mailbox inbox portal root reset laptop computer tablet locked unlock vpn wifi wi-fi wlan router terminal "
    "printer machine console backend backup account accounts server screen webmail dashboard intranet drive disk "
    "archive zip kiosk bank hotspot encrypted desktop till website shop admin user workstation sign signs log logs logged "
    "everywhere shared konto rechner anmeld"
)
_OPENED_WORD = rf"(?:{'|'.join(_OPENED.split())})\w{{0,4}}"
_STARTS = r"(?<![\w@/.#&=?%:+$-])"
#: A word, a sign that no name has, figures; or a capital, figures, a sign.
_SIGNED = (
    r"(?-i:[A-Za-zÀ-ž]{3,20}[!#$%&*+?~§^]{1,2}(?:[A-Za-zÀ-ž]{2,20}[!#$%&*+._-]?)?\d{1,6}[!?#*]{0,2}"
    r"|[A-ZÀ-Ž][a-zà-ž]{3,19}[._-]?\d{2,6}[!#*$&]{1,2}|[A-ZÀ-Ž][a-zà-ž]{2,19}[!#$%&*+~§^][A-ZÀ-Ž][a-zà-ž]{2,19}\d{0,6}[!#*]?)(?![\w@/=;])"
)
#: A name with figures, as people choose one that must have some.
_NAMED = (
    r"(?-i:[A-ZÀ-Ž][a-zà-ž]{3,24}[._-]?\d{2,6}|[a-zà-ž]{4,20}[._-]\d{1,6}|[A-ZÀ-Ž][a-zà-ž]{2,16}\d[A-ZÀ-Ž][a-zà-ž]{2,16}|"
    r"[a-zà-ž]{4,20}\d{3,6})(?![\w@/-]|\.\w)"
)
_USED = (
    r"(?:it['’]?s|it is|simply|still|uses?|used|typed?|types|enter(?:ed|s)?|(?:re)?set (?:it |them |that |this |[\w']+ ){0,3}?(?:back )?to|"
    r"chang(?:ed?|es) (?:it |them |that |this |[\w']+ ){0,3}?to|followed by|then|the (?:shared|usual|same|old|new|common|master) one,?|"
    r"as always|always|gets? in with|in with|goes in with|works with|accepts|takes|wants|try|tries|tried)"
)
HABITS = (
    ("password", _OPENED, Looks.LIKELY, rf"\b{_OPENED_WORD}\b[^\n]{{0,80}}?{_STARTS}(?P<value>{_SIGNED})"),
    (
        "password",
        _OPENED,
        Looks.LIKELY,
        rf"{_STARTS}(?P<value>{_SIGNED})[^\n]{{0,60}}?\b{_OPENED_WORD}\b",
    ),
    ("password", _OPENED, Looks.LIKELY, rf"\b{_USED}\s[\"'`“]?(?P<value>{_NAMED})"),
    (
        "password",
        "word phrase",
        Looks.WORD,
        rf"\b(?:word|phrase|term) (?:for|on|of) (?:the |our |her |his |my |their )(?:[\w-]+ ){{0,2}}?{_OPENED_WORD} (?:is|was|remains|:)\s?[\"'`“]?(?P<value>[^\s\"'`”]{{4,}})",
    ),
    (
        "password",
        "pass",
        Looks.NOTHING,
        r"\bpass\w*\b[^\n]{0,40}?\b(?:it['’]s|it is|just|simply) (?:simply |just |still )?[\"“](?P<value>[^\"”\n]{4,60})[\"”]",
    ),
    (
        "password",
        "as in",
        Looks.NOTHING,
        r"(?P<value>\b\w as in \w+(?:,? (?:then |and |capital |small |lower |upper )?(?:\w as in \w+|\w|dash|dot|hash|star|hyphen|underscore|at|plus)\b){3,})",
    ),
    ("password", "cn= uid=", Looks.LIKELY, r"\b(?:cn|uid)=[^\n]{1,80}?\s(?:/|with|and|:)\s(?P<value>\S{5,64})"),
    (
        "password",
        ":",
        Looks.LIKELY,
        r"(?<!\S)[\w.*-]{2,60}:(?:\d{2,5}|\*):[\w*-]{1,40}:[\w*-]{1,40}:(?P<value>[^\s:]{4,64})(?=\s|$)",
    ),
    (
        "key",
        "key token secret cookie session credential auth",
        Looks.RANDOM,
        r"(?<![^\s\"'`({\[,;?&-])(?!\S{0,40}public)[\w.-]{0,40}?(?:key|token|secret|cookie|session|credential|auth)\w{0,12}[\"']?\s?(?:[:=]|=>)\s?[\"']?(?P<value>[\w+/.~=-]{16,256})",
    ),
    (
        "recovery code",
        "recovery backup rescue emergency",
        Looks.NOTHING,
        r"\b(?:recovery|backup|rescue|emergency)(?: (?:codes?|keys?|words?))?\s?[:=]\s?(?P<value>(?=[\w-]*\d)[a-z0-9]{4,10}-[a-z0-9]{4,10}(?:[, ]+[a-z0-9]{4,10}-[a-z0-9]{4,10})*)",
    ),
    (
        "recovery code",
        "tan",
        Looks.NOTHING,
        r"\bi?tans?\b(?:[ -]?(?:list|liste|codes?|nummern?))?[^\n\d]{0,12}(?P<value>\d{6}(?:[ ,;/]+\d{6})+)\b",
    ),
    (
        "security answer",
        "maiden",
        Looks.NOTHING,
        r"\bmaiden name\b[^\n.]{1,50}?\b(?:is|was|reads)\s[\"“]?(?P<value>(?-i:[A-Z][a-zà-ÿ'’-]{3,30}))",
    ),
    (
        "access code",
        "pattern",
        Looks.NOTHING,
        r"\b(?:unlock|unlocking|swipe|lock|screen)[ -]?pattern\b[^\n\d]{0,30}(?P<code>\d(?:[ -]?\d){3,8})",
    ),
    (
        "access code",
        "tablet phone laptop computer terminal kiosk till screen scanner ipad",
        Looks.NOTHING,
        r"\b(?:tablet|phone|laptop|computer|terminal|kiosk|till|screen|scanner|ipad)\b[^\n]{0,40}?\b(?:types?|enters?|press|key in|tap|opens with|unlocks with)\b"
        r"[^\n\d]{0,48}?(?P<code>\d{4,10})(?![\w.,:/-]*\d)(?! ?(?:[ap]m|h|euro?s?|times|people)\b)",
    ),
    (
        "access code",
        "kode kod koda kód senha clave hasło heslo parola şifre salasana jelszó wachtwoord passwort pin chiffre código codigo contraseña",
        Looks.NOTHING,
        r"\b(?:kode|koden|kod|koda|kód|senha|clave|hasło|heslo|parola|şifre(?:si)?|salasana|jelszó|wachtwoord|passwort|pin|chiffre|código|codigo|contraseña)\b"
        r"(?!\s(?:pocz|post|prod|artik|rabat|błęd|fel|fejl|postal|de (?:error|producto|barras)))(?: [^\W\d]+){0,4}(?:\s?[:=]\s?|\s(?:est|ist|er|är|is|è|é|es|to|je|on|lautet)\s|\s)"
        r"(?P<code>[#*]?\d(?:[ -]?\d){3,9}[#*]?)(?![\w.,:/-]*\d)",
    ),
)
