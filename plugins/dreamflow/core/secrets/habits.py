"""
Passwords that no word for a password announces: what people choose for one, beside what it opens or how it is used.

People choose a word with a sign and figures ("Herbst!24"), which nothing else looks like: it is enough that the line
names something with a login. A word with figures only ("Minka2009") may be anything: there the line must say that it
is typed, used, or set.
"""

from __future__ import annotations

from dreamflow.core.secrets.values import Looks

__all__ = ["HABITS"]

_OPENED = (
    "login logins mailbox inbox portal root reset laptop computer tablet locked unlock vpn wifi wi-fi wlan router terminal "
    "printer machine console backend backup account accounts server screen webmail dashboard intranet drive disk "
    "archive zip kiosk bank hotspot encrypted desktop till website shop admin user workstation sign signs log logs logged "
    "everywhere shared konto rechner anmeld netflix paypal stick nas guest gast keep vault safe scanner"
)
_OPENED_WORD = rf"(?:{'|'.join(_OPENED.split())})\w{{0,4}}"
_STARTS = r"(?<![\w@/.#&=?%:+$-])"
#: A word, a sign that no name has, figures; or a capital, figures, a sign.
_SIGNED = (
    r"(?-i:[A-Za-zÀ-ž]{3,20}[!#$%&*+?~§^]{1,2}(?:[A-Za-zÀ-ž]{2,20}[!#$%&*+._-]?)?\d{1,6}[!?#*]{0,2}"
    r"|[A-ZÀ-Ž][a-zà-ž]{3,19}[._-]?\d{2,6}[!#*$&]{1,2}|[A-ZÀ-Ž][a-zà-ž]{2,19}[!#$%&*+~§^][A-ZÀ-Ž][a-zà-ž]{2,19}\d{0,6}[!#*]?)(?![\w@/=;])"
)
_SIGNS = "! # $ % * + ? ~ § ^ &"
#: A name with figures, as people choose one that must have some.
_NAMED = (
    r"(?-i:[A-ZÀ-Ž][a-zà-ž]{3,24}[._-]?\d{2,6}|[a-zà-ž]{4,20}[._-]\d{1,6}|[A-Za-zÀ-ž][a-zà-ž]{2,16}\d{1,3}[A-ZÀ-Ž][a-zà-ž]{2,16}|"
    r"[a-zà-ž]{4,20}\d{3,6})(?![\w@/-]|\.\w)"
)
_USED = (
    r"(?:it['’]?s|it is|simply|still|uses?|used|typed?|types|enter(?:ed|s)?|(?:re)?set (?:it |them |that |this |[\w']+ ){0,3}?(?:back )?to|"
    r"chang(?:ed?|es) (?:it |them |that |this |[\w']+ ){0,3}?to|followed by|then|the (?:shared|usual|same|old|new|common|master) one,?|"
    r"as always|always|nothing but|with just|the same:|keep:|namely|hand out is always|gets? in with|in with|goes in with|works with|accepts|takes|wants|try|tries|tried)"
)
_USED_WORDS = (
    "=it =its =simply =still =use =uses =used =type =typed =types =enter =entered =enters =set =reset =change =changed =changes "
    "=followed =then =one =always =nothing =just =same =keep =namely =with =accepts =takes =wants =try =tries =tried"
)
_NOT_A_NUMBER_OF = "".join(
    rf"(?<!\b{word} )" for word in ("number", "order", "case", "ticket", "parcel", "invoice", "room", "page")
)
_NO_UNIT = r"(?![\w.,:/-]*\d)(?!\s?(?:[ap]m\b|h\b|uhr\b|euro?s?\b|usd\b|€|\$|times\b|people\b|items\b|steps\b|%|[km]?m\b|kg\b|years?\b|days?\b|min))"
#: What figures open, in several languages.
_LOCKED = (
    "cabinet shed safe lockbox padlock locker gate door intercom alarm garage barrier keypad vault voicemail sim iphone ledger "
    "tresor türöffner cassaforte coffre kluis poort deur cerradura caja cofre cadenas lock locks combination combinazione combinaison "
    "banking drawer cupboard"
)
_LOCKED_WORD = rf"(?:{'|'.join(_LOCKED.split())})s?"
HABITS = (
    (
        "access code",
        f"{_LOCKED} & 0-9",
        Looks.NOTHING,
        rf"\b{_LOCKED_WORD}\b[^\n\d]{{0,60}}?(?:[:=]|\b(?:with|wants|takes?|asks for|is|are|was|hers|his|so|code|pin|digits|met|avec|con|mit|auf|off|on|lautet|è|est|es|"
        rf"changed to|to|unlock)\b)[^\n\dA-Za-z+]{{0,4}}(?P<code>[#*]?\d(?:[ -]?\d){{3,7}}[#*]?|\d(?:-\d){{2,5}}|(?-i:\d{{2,4}}[A-Z]\d{{0,2}}))\b{_NO_UNIT}(?! (?:calls|doors|keys|parcels|pieces|gates))",
    ),
    (
        "access code",
        "lock locks safe padlock dial combination & 0-9",
        Looks.NOTHING,
        r"\b(?:locks?|safe|padlock|dial|combination)\b[^\n\d]{0,30}(?P<code>\d{1,2}(?:(?:,? then |-)\d{1,2}){2,4})\b(?![-:/]|\.\d)",
    ),
    (
        "access code",
        "press dial punch type enter & 0-9",
        Looks.NOTHING,
        r"\b(?:press|dial|punch|type|enter)\s(?P<code>[#*]?\d(?:(?:, ?|,? then )\d){3,9}[#*]?)(?!\d)",
    ),
    (
        "access code",
        "unlock & 0-9",
        Looks.NOTHING,
        rf"\b(?:phone|tablet|screen|mobile|handset)(?:'s)? unlock\b[^\n\d]{{0,8}}(?P<code>\d{{4,8}})\b{_NO_UNIT}",
    ),
    (
        "access code",
        "pin & 0-9",
        Looks.NOTHING,
        rf"\bpin(?:[ -]?code)?\b(?: \(\w+ digits\))?[^\n\d.:;]{{0,40}}\s{_NOT_A_NUMBER_OF}(?P<code>\d{{4,6}})(?=\W*$|[.,;)])",
    ),
    (
        "access code",
        "sms text message & 0-9 & =code =tan =otp =figures =digits",
        Looks.NOTHING,
        r"\b(?:code|tan|otp|figures|digits)\b[^\n\d]{0,30}\b(?:sms|text|message)\b[^\n\d]{0,14}(?P<code>\d{3}[ -]?\d{3}|\d{4,8})(?![\w.,:/-]*\d)",
    ),
    (
        "key",
        "is = ist & 0-9 & =key =code =password =pin =schlüssel",
        Looks.NOTHING,
        r"(?<![\w-])(?P<value>\d{4}(?:-\d{4}){2,7})\s(?:is|=|ist)\s(?:the|our|her|his|its|der|das)\s(?:[\w-]+ )?(?:key|code|password|pin|schlüssel)\b",
    ),
    (
        "password",
        "teamviewer anydesk zoom rustdesk webex remote",
        Looks.LIKELY,
        r"\b(?:teamviewer|anydesk|zoom|rustdesk|webex|remote)\b[^\n]{0,50}?\b(?:code|pw|pass\w*|pin|key)\b(?: is)?[\s:=]+(?P<value>\S{5,40})",
    ),
    (
        "password",
        "phrase word & secret code challenge safety",
        Looks.NOTHING,
        r"\b(?:secret|code|challenge|safety) ?(?:phrase|word)s?(?: is| was|:)?\s[\"“](?P<value>[^\"”\n]{4,60})[\"”]",
    ),
    (
        "security answer",
        "security secret",
        Looks.NOTHING,
        r"\banswer\w*\b[^\n\"“]{0,40}\b(?:security|secret) question\b[^\n\"“]{0,14}[\"“](?P<value>[^\"”\n]{3,60})[\"”]",
    ),
    (
        "password",
        "@",
        Looks.LIKELY,
        rf"\S@[\w-]+(?:\.[\w-]+)+\s?(?:[,/|;]|and|with|then)\s[\"'`]?(?P<value>{_SIGNED}|{_NAMED})(?=\W*$|[.,;])",
    ),
    (
        "password",
        "! $ * ~ ^ § & 0-9",
        Looks.LIKELY,
        rf"{_STARTS}(?P<value>[A-Za-zÀ-ž]{{4,20}}[!$*~§^]\d{{2,6}}[!*]?)(?![\w@/=;,.]\w|\w)",
    ),
    (
        "key in a URL",
        "hook",
        Looks.NOTHING,
        r"://[^\s/]{0,80}hooks?\b[^\s?]{0,120}/(?P<value>(?=[A-Za-z_-]{0,40}\d)[\w-]{16,128})",
    ),
    (
        "key",
        "exponent scalar",
        Looks.NOTHING,
        r"\b(?:exponent|scalar)\b[^\n]{0,12}?[:=]\s?(?P<value>(?:0x)?[0-9a-f]{24,})",
    ),
    (
        "password",
        "password passwd pass pwd secret token & _",
        Looks.NOTHING,
        r"(?<![\w$])(?-i:[A-Z][A-Z0-9_]*_(?:PASSWORD|PASSWD|PASS|PWD|SECRET|TOKEN))\s?[:=]\s?[\"']?"
        r"(?!(?:required|optional|from|see|vault|env|unset|missing|empty|none|str|your|the|not|must|is|in|and|or|are|read|set|value|string|dummy|file|secret)\b|[/$<{(\[*.%]|os\.|process\.|\d{1,3}\b)(?P<value>[^\s\"'`]{6,})",
    ),
    (
        "password",
        f"{_OPENED} & {_SIGNS}",
        Looks.LIKELY,
        rf"\b{_OPENED_WORD}\b[^\n]{{0,80}}?{_STARTS}(?P<value>{_SIGNED})",
    ),
    (
        "password",
        f"{_OPENED} & {_SIGNS}",
        Looks.LIKELY,
        rf"{_STARTS}(?P<value>{_SIGNED})[^\n]{{0,60}}?\b{_OPENED_WORD}\b",
    ),
    (
        "password",
        f"{_OPENED} & 0-9 & {_USED_WORDS}",
        Looks.LIKELY,
        rf"\b{_USED}\s[\"'`“]?(?P<value>{_NAMED})",
    ),
    (
        "password",
        "word phrase",
        Looks.WORD,
        rf"\b(?:word|phrase|term) (?:for|on|of) (?:the |our |her |his |my |their )(?:[\w-]+ ){{0,2}}?{_OPENED_WORD} (?:is|was|remains|:)\s?[\"'`“]?(?P<value>[^\s\"'`”]{{4,}})",
    ),
    (
        "password",
        'pass & " “',
        Looks.NOTHING,
        r"\bpass\w*\b[^\n]{0,40}?\b(?:it['’]s|it is|just|simply) (?:simply |just |still )?[\"“](?P<value>[^\"”\n]{4,60})[\"”]",
    ),
    (
        "password",
        "as in & | as in |",
        Looks.NOTHING,
        r"(?P<value>\b\w as in \w+(?:,? (?:then |and |capital |small |lower |upper )?(?:\w as in \w+|\w|dash|dot|hash|star|hyphen|underscore|at|plus)\b){3,})",
    ),
    (
        "password",
        "cn= uid=",
        Looks.LIKELY,
        r"\b(?:cn|uid)=[^\n]{1,80}?\s(?:/|with|and|:)\s(?P<value>\S{5,64})",
    ),
    (
        "password",
        ": & 0-9 *",
        Looks.LIKELY,
        r"(?<!\S)[\w.*-]{2,60}:(?:\d{2,5}|\*):[\w*-]{1,40}:[\w*-]{1,40}:(?P<value>[^\s:]{4,64})(?=\s|$)",
    ),
    (
        "key",
        "key token secret cookie session credential auth & : =",
        Looks.RANDOM,
        r"(?<![^\s\"'`({\[,;?&-])(?!\S{0,40}public)[\w.-]{0,40}?(?:key|token|secret|cookie|session|credential|auth)\w{0,12}[\"']?\s?(?:[:=]|=>)\s?[\"']?(?P<value>[\w+/.~=-]{16,256})",
    ),
    (
        "recovery code",
        "recovery backup rescue emergency & 0-9 & : =",
        Looks.NOTHING,
        r"\b(?:recovery|backup|rescue|emergency)(?: (?:codes?|keys?|words?))?\s?[:=]\s?(?P<value>(?=[\w-]*\d)[a-z0-9]{4,10}-[a-z0-9]{4,10}(?:[, ]+[a-z0-9]{4,10}-[a-z0-9]{4,10})*)",
    ),
    (
        "recovery code",
        "tan & 0-9 & =tan =tans =itan =itans",
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
        "unlock swipe screen lock & pattern & 0-9",
        Looks.NOTHING,
        r"\b(?:unlock|unlocking|swipe|lock|screen)[ -]?pattern\b[^\n\d]{0,30}(?P<code>\d(?:[ -]?\d){3,8})",
    ),
    (
        "access code",
        "tablet phone laptop computer terminal kiosk till screen scanner ipad & 0-9"
        " & =type =types =enter =enters =press =key =tap =opens =unlocks",
        Looks.NOTHING,
        r"\b(?:tablet|phone|laptop|computer|terminal|kiosk|till|screen|scanner|ipad)\b[^\n]{0,40}?\b(?:types?|enters?|press|key in|tap|opens with|unlocks with)\b"
        rf"[^\n\d]{{0,48}}?{_NOT_A_NUMBER_OF}(?P<code>\d{{4,10}}){_NO_UNIT}",
    ),
    (
        "access code",
        "kode kod koda kód senha clave hasło heslo parola şifre salasana jelszó wachtwoord passwort pin chiffre código codigo "
        "contraseña & 0-9",
        Looks.NOTHING,
        r"\b(?:kode|koden|kod|koda|kód|senha|clave|hasło|heslo|parola|şifre(?:si)?|salasana|jelszó|wachtwoord|passwort|pin|chiffre|código|codigo|contraseña)\b"
        r"(?!\s(?:pocz|post|prod|artik|rabat|błęd|fel|fejl|postal|de (?:error|producto|barras)))(?: [^\W\d]+){0,4}(?:\s?[:=]\s?|\s(?:est|ist|er|är|is|è|é|es|to|je|on|lautet)\s|\s)"
        r"(?P<code>[#*]?\d(?:[ -]?\d){3,9}[#*]?)(?![\w.,:/-]*\d)",
    ),
)
