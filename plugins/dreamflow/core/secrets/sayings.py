"""Secrets as people say them: figures in words or one by one, what opens a thing, doors' codes in other languages."""

from __future__ import annotations

from dreamflow.core.secrets.values import Looks

__all__ = ["SAYINGS"]

_THINGS = (
    "code pin safe gate door alarm lock keypad vault combination passcode puk cvv voicemail yard garage padlock intercom "
    "barrier locker tresor schloss kasse panel"
)
_THING = (
    r"(?:codes?|pins?|safe|gates?|doors?|alarm|locks?|padlock|keypad|vault|combination|passcode|puk|cvv|voicemail|yard|garage|"
    r"intercom|barrier|locker|panel|tresor|schloss|tor|t(?:ü|ue)r|kasse)"
)
_FIGURE = (
    r"(?:zero|oh|nought|one|two|three|four|five|six|seven|eight|nine|double|triple|null|eins|zwei|zwo|drei|vier|f(?:ü|ue)nf|"
    r"sechs|sieben|acht|neun|doppel|z(?:é|e)ro|un|deux|trois|quatre|cinq|sept|huit|neuf|cero|uno|dos|tres|cuatro|cinco|seis|"
    r"siete|ocho|nueve|due|tre|quattro|cinque|sei|sette|otto|nove|nul|een|twee|drie|vijf|zes|zeven|negen)"
)
_FIGURE_WORDS = (
    "=zero =oh =nought =one =two =three =four =five =six =seven =eight =nine =double =triple =null =eins =zwei =zwo =drei =vier "
    "=fünf =fuenf =sechs =sieben =acht =neun =doppel =zéro =un =deux =trois =quatre =cinq =sept =huit =neuf =cero =uno =dos "
    "=tres =cuatro =cinco =seis =siete =ocho =nueve =due =tre =quattro =cinque =sei =sette =otto =nove =nul =een =twee =drie "
    "=vijf =zes =zeven =negen"
)
_FIGURES = rf"{_FIGURE}(?:(?:[ ,.…-]+|,? (?:and|then|und|et|y|e|en) ){_FIGURE}){{3,11}}"
_CODE = r"(?P<code>[#*]?\d(?:[ -]?\d){3,9}[#*]?(?![\w.,/-]*\d)|\d{1,2}(?:-\d{1,2}){2,4}(?!\d)|(?-i:(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{4,8})\b)"
_IS = r"\W{1,4}(?:(?:est|ist|lautet|is|är|er|on|jest|to|je|es|é|è|это|هو|les?)\s)*"
#: Kind, what a line has one of in lower case, how much the value must look like a secret, and the form.
SAYINGS = (
    (
        "access code",
        f"{_THINGS} & {_FIGURE_WORDS}",
        Looks.NOTHING,
        rf"\b{_THING}\b[^\n]{{0,60}}?\b(?P<code>{_FIGURES})\b",
    ),
    (
        "access code",
        "opens unlocks disarms gets lets",
        Looks.NOTHING,
        rf"\b(?P<code>{_FIGURES}|\d(?:[ -]?\d){{3,7}}[#*]?)\s(?:also |still |now )?(?:(?:opens|unlocks|disarms) (?:the|our|her|his|both|all|every)|"
        r"(?:gets|lets) (?:you|me|us|her|him|anyone|them) (?:in|through|into|past))\b",
    ),
    (
        "access code",
        f"{_THINGS} & 0-9",
        Looks.NOTHING,
        rf"\b{_THING}\b[^\n]{{0,50}}?(?<![\w.,:/-])(?P<code>\d(?:(?: |-|\.| - ){{1}}\d){{3,9}})(?![\w.,:/-]*\d)",
    ),
    (
        "access code",
        "press punch tap type & 0-9",
        Looks.NOTHING,
        r"\b(?:press|punch(?: in)?|key in|tap(?: in)?|type)\s(?P<code>[#*]?\d{4,8}[#*]?)\b(?=[^\n]{0,40}\b(?:button|hash|pound|star|green|"
        r"to (?:get in|open|enter|unlock|go in)))",
    ),
    (
        "access code",
        "код пин шифр & 0-9",
        Looks.NOTHING,
        r"(?:пин(?:-?код)?|шифр|код[ыа]? (?:(?:от|для|на|к|доступа) )?(?:входн\w+ |главн\w+ )?(?:двер|сейф|ворот|домофон|подъезд|зам[ко]|сигнал|"
        rf"доступ|вход|калитк|гараж|склад|шкаф|офис)\w*)(?: \w+){{0,2}}\W{{1,4}}(?:это |— )?{_CODE}",
    ),
    (
        "access code",
        "门 密码 密碼 保险箱 解锁 验证码 暗証 解錠 金庫 비밀번호 출입 & 0-9",
        Looks.NOTHING,
        r"(?:门禁|门锁|大门|開門|开门|保险箱|密码|密碼|解锁码|验证码|暗証番号|解錠番号|金庫|비밀번호|출입)[^\d\n]{0,8}(?P<code>[#*]?\d{4,10}[#*]?)(?!\d)",
    ),
    (
        "access code",
        "رمز الرقم قفل & 0-9",
        Looks.NOTHING,
        rf"(?:الرمز السري|رمز (?:الدخول|الباب|الخزنة|البوابة|المرور|القفل|ورود|در)|الرقم السري)[^\d\n]{{0,24}}{_CODE}",
    ),
    (
        "access code",
        "kodu şifresi kod kód koodi code codice codul & 0-9",
        Looks.NOTHING,
        r"\b(?:(?:kapı|alarm|kasa|giriş|pin|garaj|bina|asansör)\w* (?:kodu|şifresi)|k(?:o|ó)d (?:do|od|ke?|dost(?:ę|e)pu|alarmu|pin)\b(?: \w+){0,3}?|"
        r"\w*(?:port|larm|dør|dörr|port|inngangs|adgangs)kode?\w{0,2}|(?:ovi|hälytys|pin|portti)-?koodi\w?|(?:kapu|riasztó|ajtó)kód\w?|"
        r"\w*(?:deur|poort|alarm|toegangs|kluis)code|code (?:van|voor) (?:de|het) \w+|cod(?:ul)? (?:de la|pin|de acces)(?: \w+)?|"
        r"code (?:de |du |d['’]|pour )(?:la |le |l['’])?(?:porte|portail|coffre|alarme|garage|immeuble|entrée|accès|grille|cadenas)(?: \w+){0,2}?|"
        rf"codice (?:del|della|dell['’])\s?(?:porta|portone|cancello|cassaforte|allarme|garage)){_IS}{_CODE}",
    ),
    (
        "access code",
        "tresor schloss tür safe alarm garage kasse & 0-9",
        Looks.NOTHING,
        r"\b(?:tresor|schloss|(?:haus|garagen|kassen)?(?:tor|tür)|safe|alarmanlage|garage|kasse)\b[^\n\d]{0,30}?\b(?:mit|auf|lautet|per)\s(?:der |dem )?"
        rf"(?:code |zahl(?:enfolge)? |kombination )?{_CODE}(?= ?(?:auf|öffnen|zu|aus|ab)?\b|[.,;]|$)(?! (?:uhr|euro|mann|leute|stück))",
    ),
    ("key", "oauth:", Looks.LIKELY, r"\boauth:(?P<value>[a-z0-9]{24,})"),
    (
        "key",
        "asana",
        Looks.NOTHING,
        r"\basana\b[^\n]{0,40}?\b[12]/\d{13,17}(?:/\d{13,17})?:(?P<value>[0-9a-f]{32})\b",
    ),
    ("password", "sip: sips:", Looks.NOTHING, r"\bsips?:[\w.+-]{1,40}:(?P<value>[^\s@]{4,64})@"),
    (
        "password",
        "community",
        Looks.LIKELY,
        r"\bcommunity(?: string)?(?:\s?[:=]|\sis|\s)\s*[\"'`]?(?P<value>[^\s\"'`]{5,})",
    ),
    (
        "password",
        "wifi wi-fi wlan router hotspot",
        Looks.NOTHING,
        r"\b(?:wi-?fi|wlan|router|hotspot)\b[^\n\"“]{0,40}?\b(?:wants|needs|takes|asks for|will have|expects|is)\s[\"“](?P<value>(?=[^\"”]*[\d!?#$%&])"
        r"[^\"”\n]{6,60})[\"”]",
    ),
    (
        "password",
        "gets lets logs",
        Looks.LIKELY,
        r"(?<!\S)[\"'`“]?(?P<value>[^\s\"'`“”]{6,64})[\"'`”]?\s(?:still |also )?(?:gets|lets|logs) (?:you|me|us|her|him|anyone|them) (?:in|on|into)\b",
    ),
    (
        "password",
        "half piece part & pass =pw =key =code =token =secret",
        Looks.NOTHING,
        r"\b(?:pass\w*|pw|key|code|token|secret)\b[^\n:=]{0,24}?\b(?:part|half|piece)\b[^\n:=]{0,10}?(?:[:=]|\bis)\s*[\"'`]?(?P<value>(?=\S*[\d!?#$%&])\S{3,})",
    ),
    ("password", "spel", Looks.NOTHING, r"\bspel\w+\b[^\n]{0,24}?\s(?P<value>(?=\S*\d)\w(?:-\w{1,6}){4,24})"),
    (
        "security answer",
        "maiden",
        Looks.NOTHING,
        r"\bmaiden name(?: is| was|:)?\s[\"“]?(?P<value>(?-i:[A-Z][a-zà-ÿ'’-]{3,30}))",
    ),
)
