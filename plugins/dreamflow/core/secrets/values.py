"""How a value looks: like a password, a key or a code, or like what notes are full of, an id, a date, a plain word."""

from __future__ import annotations

import math
import re
from collections import Counter
from enum import IntEnum
from functools import lru_cache

__all__ = ["Looks", "entropy", "is_code", "is_placeholder", "looks_of", "trimmed"]


class Looks(IntEnum):
    """
    How much a value looks like a secret by itself, from not at all to certainly.

    ``WORD`` may be a password, where a line says that it is one; ``LIKELY`` is a word with figures or signs;
    ``STRONG`` mixes three kinds of characters; ``RANDOM`` is no person's choice.
    """

    NOTHING = 0
    WORD = 1
    LIKELY = 2
    STRONG = 3
    RANDOM = 4


_PLACEHOLDER = re.compile(
    r"[\W_]*(?:x{3,}+|\*++|•++|\.{2,}+|…|-{3,}+|_{3,}+|<.*>?|\$[A-Za-z_{(].*|\{.*|\[.*|%[\w]+%|⟦.*|…?\[.*"
    r"|(?:your|my|the|some|insert|enter|put|add)[-_ ].*|.*[-_ ](?:here|goes[-_ ]here|placeholder)"
    r"|(?:change[-_]?(?:me|it)|redacted|removed|masked|hidden|placeholder|example|sample|dummy|todo|tbd|tba|n/?a|"
    r"none|null|nil|undefined|empty|true|false|yes|no|unknown|string|str|bytes|int|value|foobar|"
    r"pass|pw|pwd|password|passwd|secret|token|key|api[-_]?key|username|user))[\W_]*",
    re.IGNORECASE,
)
_ELSE = re.compile(
    r"(?:memstore|mem|memver|sesn|session|evt|sevt|agent|env|dep|depl|drm|dream|msg|file|vlt|req|run|org|"
    r"wrkspc|ord|order|cus|user|usr|inv|txn|toolu|case|ticket|task|job|issue|pr|build|batch|msgbatch|call|"
    r"prod|price|sub|ch|pi|in|acct|cs)_\w+"  # an id
    # Another of the service's own, in its whole form: that of a key is its name, and no key.
    r"|(?-i:(?:apikey|sesrsc|sthr|drun|deprun|vcrd|skill|work|rlg)_01[A-Za-z0-9]{22})"
    r"|[a-z]+(?:_[a-z]+)+_\d+|(?-i:[A-Z]{2,8}-\d{1,7})|#[A-Z]?\d+|#[A-Za-z-]+|\S*[<>]=\S*"  # a person's or a ticket's
    r"|\d{4}[-/.]\d\d?[-/.]\d\d?(?:[T ]?[\d:.Z+]*)?|\d\d?[-/.]\d\d?[-/.]\d{2,4}"  # a day
    r"|\d\d?[:.]\d\d(?:[:.]\d+)?(?:am|pm|h)?|Q[1-4][-/]?\d{2,4}"
    r"|[$€£]?\d+(?:[.,]\d+)*(?:%|-?[a-z]{1,7}|[$€£])?|\d+(?:\.\d+){1,3}[\w.-]*|v\d+[\w.-]*"  # amounts, versions
    r"|\d+-(?:[a-z]+-?)+|\d+(?:st|nd|rd|th)|\d+x\d+"  # 12-character
    r"|(?:\w+://|/|\./|~/|[A-Z]:\\)\S*|\S+@\S+\.\w+"  # where it is kept, whose it is
    r"|[\w.-]+\.(?:md|json|ya?ml|py|js|ts|txt|log|csv|pdf|sh|html?|toml|ini|cfg|conf|env|xml|sql|gpg|pem|key|kdbx|"
    r"com|org|net|io|dev|de|local|internal|png|jpe?g)(?::\d+)?"
    r"|[\w.]+[(\[].*|[A-Za-z_]+(?:\.[A-Za-z_]+)+|(?-i:[A-Z]+(?:_[A-Z0-9]+)+)"  # code, names of variables
    r"|(?:oauth|oidc|sha|md|utf|base|argon|pbkdf|bcrypt|ipv|x|s|ec|k|i|l|wpa|mp|h|win(?:dows)?|python|http|tls|ssl|aes|"
    r"rsa|ed|tier|level|step|phase|page|room|version|day|week|part|line|chapter|node|web|db|app|host|server|"
    r"usb|iphone|ipad|office|ps|rfc|iso|log|vault|kv|es|hs|rs|port|http/)[-_]?\d+\w{0,3}"  # names of techniques, places
    r"|\d(?:password|fa|factor)\w*",
    re.IGNORECASE,
)
_HOST = re.compile(r"[a-z]+(?:-[a-z]+)*-\d{1,2}[a-z]?")
#: What is said of passwords and codes, in place of one.
_STOP = frozenset(
    re.findall(
        r"\S+",
        """
        about access account active added admin again against ahead all also always among another anyone
        anywhere app apple automatic available aware back bad bank based because been before being below beyond
        blank blocked both browser but cancel case changed check choose chosen clear common company complex
        confidential correct crucial current customer default derived different disabled down each easy either
        email emailed empty enabled encrypted enough enter entered error every everyone exact expired exposed
        fail failed fine first fixed forgot forgotten found free from github gitlab given gone good google great
        guest hard hashed have here hidden hint ideal ignored important incorrect inside instead internal
        invalid issue just keepass kept known last lastpass later length less letters like likely limited link
        linked local locked long lost mail managed manager mandatory many match matched member microsoft minimum
        missing more most must naturally necessary needed never next nobody none normal nothing nowhere obsolete
        obvious okta once only open optional other outdated over owner part paypal pending permanent personal
        plain please policy possible present private prompt protected public random ready refused required reset
        restricted reused revoked right rotated safe same saved secret secure sensitive sent separate server set
        several shared short shown simple slack slow some soon standard stored strong such support system
        temporary text that their them then there these they this those time too typed unchanged under unique
        unknown unsafe until unused updated used user users valid vault very visible wanted weak week were what
        when where which while with within without work working works write wrong your yours onepassword
        bitwarden dashlane keychain keyring keystore authenticator face touch fingerprint bearer basic digest
        login logout signup hotmail outlook gmail reception desk ask see call contact via per under behind along
        today tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday january february march
        april june july august september october november december falsch richtig abgelaufen erforderlich nötig
        notwendig geheim gesetzt bekannt unbekannt gleich siehe sicher obligatoire incorrect requis expiré
        secret nécessaire incorrecta obligatoria caducada secreta segura necesaria obrigatória incorreta vereist
        verlopen onjuist verplicht richiesta errata scaduta
        """,
    )
)
_SUFFIX = re.compile(
    r"(?:ed|ing|able|ible|ly|ive|ent|ant|al|ic|ous|less|ful|ary|ory|tion|sion|ment|ness|ity|ance|ence|ism|pflichtig|"
    r"lich|bar|ig)$",
    re.IGNORECASE,
)
_SMALL = frozenset(
    re.findall(
        r"\S+", "the and for not one two out per pre non end day off all any own new old sub mid key use way"
    )
)
_SIGN = re.compile(r"[!@#$%^&*+=?~§€|<>]")
_JOINT = re.compile(r"[-_./:,;'’`\"()]+")
_CODE = re.compile(
    r"[#*]?\d(?:[ .-]?\d){2,11}[#*]?|(?=\D*\d)[A-Z0-9#*-]{4,12}|[A-Z]-\d{4,8}|(?:[LR]\d{1,2}[ -]?){3,4}"
    r"|(?:\d{1,2}[ ,-]+(?:left|right)[ ,-]*){2,4}"
)
_CLOSING = ".,;:!?)]}\"'`*”’»>|\\"


@lru_cache(1 << 12)
def looks_of(value: str) -> Looks:
    """Return how much a value looks like a secret."""
    if len(value) < 3 or is_placeholder(value) or _ELSE.fullmatch(value):
        return Looks.NOTHING
    if value.isdigit():
        return Looks.LIKELY if 4 <= len(value) <= 63 else Looks.NOTHING
    pieces = [piece for piece in _JOINT.split(value) if piece]
    letters = sum(map(str.isalpha, value))
    if not letters or not pieces:
        return Looks.LIKELY if len(value) >= 5 and len(_SIGN.findall(value)) >= 2 else Looks.NOTHING
    if letters == sum(map(len, pieces)):
        return _of_words(value, pieces)
    return _of_kinds(value, max(pieces, key=len))


def _of_words(value: str, pieces: list[str]) -> Looks:
    """Return how a value looks that is letters, and what joins them."""
    if re.search(r"[,;:()\s]", value):
        return Looks.NOTHING
    if len(pieces) >= 3:
        short = any(len(piece) < 3 or piece.lower() in _SMALL for piece in pieces)
        return Looks.NOTHING if short else Looks.LIKELY
    word = value.lower()
    if len(value) < 4 or word in _STOP or _SUFFIX.search(value) or any(p.lower() in _STOP for p in pieces):
        return Looks.NOTHING
    if len(pieces) == 1 and re.search(r"[a-z][A-Z]", value) and len(value) >= 8:
        return Looks.LIKELY
    return Looks.WORD


def _of_kinds(value: str, longest: str) -> Looks:
    """Return how a value looks that mixes letters with figures or signs."""
    if _HOST.fullmatch(value) or re.fullmatch(r"[A-Z0-9]{5,7}", value):  # a machine; a booking
        return Looks.WORD
    if len(value) < 5:
        return Looks.NOTHING if len(value) < 4 else Looks.WORD
    kinds = _kinds(value)
    if len(longest) >= 16 and any(map(str.isdigit, longest)) and _is_random(longest):
        return Looks.RANDOM
    leet = re.search(r"[a-z]\d[a-z]", value, re.IGNORECASE)
    if (len(value) >= 8 and kinds >= 3) or (len(value) >= 7 and _SIGN.search(value[1:]) and kinds >= 3):
        return Looks.STRONG
    return Looks.STRONG if len(value) >= 10 and leet and kinds >= 2 else Looks.LIKELY


def _is_random(run: str) -> bool:
    return entropy(run) >= (3.2 if _kinds(run) >= 3 else 3.5)


def _kinds(value: str) -> int:
    """Return of how many kinds a value's characters are: small and capital letters, figures, signs."""
    kinds = (any(map(str.islower, value)), any(map(str.isupper, value)), any(map(str.isdigit, value)))
    return sum(kinds) + bool(_SIGN.search(value))


@lru_cache(1 << 12)
def is_placeholder(value: str) -> bool:
    """Tell whether a value says that a secret belongs there, and is none: ``<KEY>``, ``****``, ``${KEY}``."""
    return bool(_PLACEHOLDER.fullmatch(value))


def is_code(value: str) -> bool:
    """Tell whether a value may open a door, or confirm a login: figures, or capitals with figures."""
    return bool(_CODE.fullmatch(value)) and (
        value.strip("#*").isdigit()
        or not _ELSE.fullmatch(value)
        or bool(re.fullmatch(r"\d\d?(?:-\d\d?){2,4}|\d{4,}[A-Z]", value))
    )


def trimmed(value: str) -> str:
    """Return a value without the punctuation that ends its sentence, and without the marks around it."""
    while value and value[-1] in _CLOSING:
        if value[-1] in "!?*" and looks_of(value[:-1]) >= Looks.LIKELY and len(value) < 40:
            break  # likelier a part of a password than the end of a sentence
        value = value[:-1]
    return value


def entropy(text: str) -> float:
    """Return the bits that a character of a text tells (Shannon)."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())
