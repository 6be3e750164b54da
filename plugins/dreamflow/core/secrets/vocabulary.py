"""Words for secrets, in several languages and as they are misspelt, by family: a password, a code, a key, an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

__all__ = ["STEMS", "telling_words"]

#: Words for secrets by family: what a line has in lower case if it has one, and how they are written, misspelt too.
_THING = (
    r"(?:front|back|side|main|garden|cellar|office|server|entrance|roof)?[ _-]?(?:door|gate|alarm|access|entry|security|"
    r"safe|lock|locker|lock ?box|padlock|garage|unlock|keypad|vault|recovery|backup|2fa|mfa|tan|one[- ]time|"
    r"verification|disarm|arming|building|garden|cellar|shed|key ?box|key ?safe|intercom|lift|elevator|cabinet|"
    r"login|sms|authenticator|auth|voicemail|sim|unlocking|entrance|storage unit|mailbox|pairing|(?:steam )?guard|sign-?in|gym|bike|luggage|suitcase)"
)
_KINDS_OF_KEY = (
    r"(?:(?:api|access|secret|private|auth|encryption|decryption|signing|service|client|app|application|account|master|"
    r"ssh|license|licence|product|activation|deploy|admin|storage|webhook|shared|hmac|aws|bot|bearer|refresh|session|"
    r"personal|unseal|unlock|recovery|backup|license|vault|page|server|host|device|pairing|integration|write|ingest|root|user|consumer|oauth2?|jwt|totp|2fa|otp|mfa|csrf|id)[ _-]?){1,3}"
)
_VOCABULARY = (
    ("answer", "maiden", r"(?:\w+['\u2019]?s? )?maiden name(?: of (?:\w+ )?\w+)?"),
    ("answer", "first", r"first (?:pet|teacher|school|car|street)(?:['’]s name)?"),
    ("answer", "childhood", r"childhood (?:pet|teacher|school|street|friend)(?:['’]s name)?"),
    ("answer", "favo", r"favou?rite (?:pet|teacher|school|car)(?:['’]s name)?"),
    (
        "answer",
        "question",
        r"(?:security|secret) questions?|answer to (?:\w+ )(?:security|secret|recovery) question",
    ),
    ("answer", "answer", r"(?:security|secret) answers?"),
    ("answer", "memorable", r"memorable (?:word|date|name|place)"),
    ("answer", "safe", r"safe ?word"),
    ("answer", "sicherheits", r"sicherheits(?:frage|antwort)"),
    ("answer", "secrète", r"question secrète"),
    ("answer", "pregunta", r"pregunta de seguridad"),
    ("code", "pin", r"pins?(?:[ -]?(?:codes?|numbers?|nummer))?"),
    ("code", "puk", r"puk"),
    ("code", "cv", r"cv[vc]2?"),
    ("code", "geheimzahl", r"geheimzahl"),
    ("code", "digicode", r"digicode"),
    ("code", "codice", r"codice (?:di accesso|d['’]accesso|del cancello|segreto)"),
    (
        "code",
        "digo",
        r"c(?:ó|o)digo (?:secreto|pin|(?:de|do|da|del) (?:la |el )?(?:acces?so|segurança|seguridad|entrada|puerta|porta|"
        r"alarm[ae]|caja|cofre|portão|portón|garaje|garagem|edificio|prédio|portal)(?: d[aeo]l? \w+)?)",
    ),
    (
        "code",
        "clave",
        r"clave(?! (?:del? )?(?:la )?(?:wi-?fi|red|correo|internet|router|api|secreta))(?: de (?:acceso|la alarma|la puerta|la caja))?",
    ),
    (
        "code",
        "code",
        r"zugangscode|t(?:ü|ue)r-?code|alarm-?code|(?:tor|haus|safe|tresor)-?codes?|toegangscode|deurcode|pincode|"
        r"code d['’](?:acc(?:è|e)s|entr(?:é|e)e)|code (?:de la porte|du coffre|secret|pin|de l['’]alarme)|"
        rf"passcodes?|{_THING}[ _-]codes?|codes? (?:for|of|to|on) (?:the|our|my|his|her|their) (?:\w+[ -]){{0,2}}(?:door|gate|"
        r"alarm|safe|lock|garage|key ?box|building|entrance|vault|cellar|keypad|lock ?box|padlock|locker|shed|cabinet|lift)",
    ),
    ("code", "combin", rf"(?:{_THING}[ _-])?combinations?|combinaison"),
    ("code", "combo", rf"(?:{_THING}[ _-])?combo"),
    ("code", "kombination", r"kombination"),
    ("code", "otp", r"t?otp"),
    (
        "password",
        "pas",
        r"pas{1,3}[ _-]?(?:w[o0]?r?[o0]?r?[dt]|wrod|wd|phrases?|frase)s?|pas+w[o0]?r?d|passord|passwort\w{0,3}",
    ),
    (
        "password",
        "pass",
        r"(?<!boarding )(?<!bus )(?<!day )(?<!ski )(?<!travel )(?<!hall )pass(?!es|ed|ing|eng)",
    ),
    ("password", "pw", r"p[wq]s?|pswd|pwds?|pword|pswrd"),
    ("password", "psw", r"psw|pswd|pssw[o0]?r?d"),
    ("password", "p/w", r"p/w"),
    ("password", "psk", r"psk"),
    ("password", "shared", r"pre-?shared key"),
    ("password", "key", r"(?:wi-?fi|wlan|wpa[23]?|network|hotspot|wireless)[ -]key"),
    ("password", "code", r"(?:wi-?fi|wlan|network|hotspot)[ -]code|code ?words?"),
    ("password", "kenn", r"kenn?wort"),
    ("password", "kenw", r"kenwort"),
    ("password", "ungswort", r"losungswort"),
    ("password", "zugang", r"zugangswort"),
    ("login", "zugang", r"zugangsdaten"),
    ("login", "anmeldedaten", r"anmeldedaten"),
    ("password", "schl", r"w-?lan-?schl(?:ü|ue)ssel"),
    ("password", "passe", r"mots? de passe|motdepasse|palavra[- ]passe"),
    ("password", "mdp", r"mdp"),
    ("login", "identifiants", r"identifiants"),
    ("password", "contrase", r"contrase(?:ñ|ny|n)as?"),
    ("password", "clave", r"clave (?:del? )?(?:la )?(?:wi-?fi|red|correo|internet|router)"),
    ("password", "chiave", r"chiave (?:wi-?fi|di rete|del router)"),
    ("password", "palabra", r"palabra clave"),
    ("password", "wacht", r"wachtwoord|wachtzin"),
    ("password", "senha", r"senhas?"),
    ("password", "parol", r"parol(?:a(?: d['’]ordine)?|e|en|ă|ata)"),
    ("password", "has", r"has(?:ł|l)[oaeu]m?"),
    ("password", "heslo", r"heslo"),
    ("password", "senord", r"l(?:ö|o)senord(?:et)?"),
    ("password", "adgangskode", r"adgangskoden?"),
    ("password", "kodeord", r"kodeord(?:et)?"),
    ("password", "salasana", r"salasana\w?"),
    ("password", "jelsz", r"jelsz(?:ó|o)"),
    ("password", "ifre", r"(?:ş|s)ifre\w{0,3}"),
    ("password", "sandi", r"kata sandi"),
    ("password", "khẩu", r"mật khẩu"),
    ("password", "lozink", r"lozink[aue]"),
    ("password", "geslo", r"geslo"),
    ("password", "slapta", r"slapta(?:ž|z)od\w+"),
    ("password", "parool", r"parool\w?"),
    ("password", "laluan", r"kata laluan"),
    ("password", "lykilor", r"lykilor[ðd]\w*"),
    ("password", "nenosiri", r"nenosiri"),
    ("password", "رمز", r"رمز عبور"),
    ("password", "парол", r"парол(?:[ьяюеіаи]\w?)?"),
    ("password", "κωδικ", r"κωδικ(?:ό|ο)ς"),
    ("password", "סיסמ", r"ה?סיסמה"),
    ("password", "كلمة", r"كلمة (?:المرور|السر)"),
    ("login", "cred", r"creds?|credentials?"),
    ("login", "login", r"login (?:data|details|info)|logins?"),
    ("key", "key", rf"{_KINDS_OF_KEY}keys?(?: \d\b)?|apikey|serial key|accountkey|sharedaccesskey"),
    ("key", "secret", rf"(?:{_KINDS_OF_KEY})?secrets?"),
    ("key", "tok", rf"(?:{_KINDS_OF_KEY})?tokens?|tok"),
    ("key", "seed", rf"(?:{_KINDS_OF_KEY})?seeds?"),
    ("key", "cookie", rf"(?:{_KINDS_OF_KEY})?cookies?"),
    ("key", "pat", r"pat"),
    ("key", "bearer", r"bearer"),
    ("key", "geheim", r"geheimnis|geheim-?schl(?:ü|ue)ssel"),
    ("key", "ssel", r"(?:api|zugangs|lizenz)-?schl(?:ü|ue)ssel"),
    ("key", "cl", r"cl(?:é|e) (?:api|secr(?:è|e)te|d['’]api)|clave (?:api|secreta)"),
    ("key", "chave", r"chave (?:api|secreta|de api)"),
    ("key", "auth", r"auth|authorization"),
    ("key", "sess", r"sess(?:ion)?_?id|[a-z]*sessid"),
    ("key", "sid", r"connect\.sid"),
    ("key", "signature", r"signature"),
    ("key", "salt", r"salt"),
    ("key", "pepper", r"pepper"),
    ("key", "dsn", r"dsn"),
    *(
        ("abroad", word, word)
        for word in [
            "パスワード",
            "暗証番号",
            "密码",
            "密碼",
            "口令",
            "비밀번호",
            "비번",
            "암호",
            "पासवर्ड",
            "รหัสผ่าน",
        ]
    ),
)
#: What no secret is named without, in lower case: looked for before all else.
STEMS = tuple(dict.fromkeys(stem for _, stem, _ in _VOCABULARY))
#: What stands before a word in a name like ``dbPassword``. An id that ends in ``7gPw`` has no word in it.
_NAME = re.compile(r"(?=.)(?:[a-zß-öø-ÿ]+\d?)?(?:[A-Z][a-zß-öø-ÿ]*\d?)*")
_LETTERS_BEFORE = re.compile(r"[^\W_]+\Z")
_LONGEST_NAME = 80


def telling_words(line: str, lowered: str, stems: Iterable[str] = STEMS) -> Iterator[re.Match[str]]:
    """
    Yield the words for secrets of a line: the name of the group that matched is their family.

    :param lowered: the line in lower case. :param stems: those of ``STEMS`` that it may hold.
    """
    if found := tuple([stem for stem in stems if stem in lowered]):
        for word in _words_with(found).finditer(line):
            before = _LETTERS_BEFORE.search(line, max(0, word.start() - _LONGEST_NAME), word.start())
            if before is None or _NAME.fullmatch(before[0]):
                yield word


@lru_cache(1024)
def _words_with(stems: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern of those words for secrets that a line with these stems may hold."""
    families, abroad = [], ""
    for family in ("answer", "code", "password", "key", "login", "abroad"):
        words = "|".join(form for kind, stem, form in _VOCABULARY if kind == family and stem in stems)
        if words and family == "abroad":
            abroad = f"(?P<abroad>{words})"
        elif words:
            families.append(f"(?P<{family}>{words})")
    tail = r"(?:_(?!min|max|len|ttl|polic|age\b|expir|reset|hint|count|file|path|url|type|field|manag|hist|time|life|rot|rule)\w{1,20}|\d{1,2}|(?-i:(?:[A-Z][a-z]+){1,2}))?(?![^\W_])"
    start = r"(?:(?<![^\W_])|(?<=[a-z])(?=(?-i:[A-Z])))"
    written = f"{start}(?:{'|'.join(families)}){tail}" if families else ""
    return re.compile("|".join(filter(None, (written, abroad))), re.IGNORECASE)
