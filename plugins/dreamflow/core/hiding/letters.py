"""Letters that pass for others: styled ones, piles of accents, words of two scripts, English words in other letters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from dreamflow.core.letters import LOOK_ALIKES, REGIONS, TRUE_LOOK_ALIKES, as_read

__all__ = ["disguised"]

_MARK = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_PILE = re.compile(rf"[{_MARK}]{{4,}}|(?:\w[{_MARK}]{{3}}\W?){{2,}}")
#: Accents that languages write, strokes through letters not among them.
_STRANGE_MARK = re.compile(
    r"[\u0305\u030d-\u0310\u0312-\u031a\u031c-\u0322\u0329-\u032c\u032f\u0330\u0332-\u0340\u0344-\u0360\u0362-\u036f"
    r"\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20df\u20e1\u20e4-\u20ff\ufe20-\ufe2f]"
)
_FULL_WIDTH = re.compile(r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_IDEOGRAPH = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
#: Letters for formulas, in circles, squares and brackets, small capitals, raised ones, and Roman numerals.
_STYLED = (
    r"\U0001d400-\U0001d7ff\u2460-\u24ff\U0001f110-\U0001f189\u2102\u210a-\u2115\u2118-\u211d\u2124\u2128\u212a-\u2139"
    r"\u2145-\u2149\u2170-\u217f\u1d00-\u1d25\u1d2c-\u1d6a\u1d78\u1d9b-\u1dbf\ua730\ua731\ua7af\ua7f2-\ua7f4\ua7f8\ua7f9\u0262\u0274"
    r"\u0280\u026a\u028f\u029c\u029f\u0299\u029b\u02b0-\u02b8\u02e0-\u02e4\u2071\u207f\u2090-\u209c\U00010780-\U000107ba\U0001f150-\U0001f169"
)
_STYLED_LETTER = re.compile(f"[{_STYLED}]")
_STYLED_RUN = re.compile(rf"[{_STYLED}](?:[\u200b ]?[{_STYLED}]){{2,}}")
_LISTED = re.compile(r"[\u2460-\u249b\u24ea-\u24ff\u2160-\u217f]")
_FORMULA = re.compile(
    r"[=<>\u2208\u2211\u222b\u2264\u2265\u2248\u2192\u221a\u00b1\u00d7\u2200\u2203+^\u2202\u2207]|\u211d|/[^/]+/|\[[^\]]+\]"
)
_FLAG_LETTERS = re.compile("[\U0001f1e6-\U0001f1ff]+")
_TURNED = re.compile(
    "[\u0250\u0254\u01dd\u025f\u0183\u0265\u0279\u029e\u0287\u028c\u028d\u028e\u0253\u2c6f\u0186\u018e\u2132\u2141\u029f\u0131\u026f\u0270-\u0271\u0277]"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_ODD_SCRIPT = re.compile(  # scripts of which single letters stand in Latin words only as a disguise
    r"[\u0530-\u058f\u13a0-\u13ff\uab70-\uabbf\u2c80-\u2cff\ua4d0-\ua4ff\u1400-\u167f\u16a0-\u16ff\u2d30-\u2d7f\u10a0-\u10ff"
    r"\u1c90-\u1cbf\u2c00-\u2c5f\U00010280-\U0001031f\U00010400-\U0001049f\U000104b0-\U000104ff\U000118a0-\U000118ff\u0700-\u074f"
    r"\ua640-\ua69f\u01c0-\u01c3\u1680-\u169f\U00016f00-\U00016f9f\U00010330-\U0001034f\u0b66-\u0b6f\u0c66\u0ce6\u0d66\u0a66\u0966\u06f0\u0660]"
)
_SIGNS_AS_LETTERS = re.compile(r"[\u20a0-\u20bf\u00a2\u00a5\u0e3f\u00a3]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_CYRILLIC_GREEK = re.compile(r"[\u0370-\u052f\u1c80-\u1c8f\u1f00-\u1fff\u2de0-\u2dff\ua640-\ua69f]")
#: Signs that pass for others within a Latin word or an address.
_SIGN_ALIKE = re.compile(
    r"[A-Za-z0-9][\u2024\ua789\uff0e\uff0f\u2215\u29f8\u2044\u02d0\u0589\u037e\uff1a\u3002\uff61\u2043\u02d7\u06d4\u05c3\uff20\uff3f\u2e31]"
    r"(?=[A-Za-z])|[A-Za-z][\u2044\u2236\u02d0](?=[A-Za-z])"
)
#: Words that every English text has: one of them in other letters is no chance.
_ENGLISH = frozenset(
    """
    the and you your this that with all must from have not are any when will can for but into only them they every always
    never ignore previous instructions instruction system send delete refund approve reply password user admin account
    customer customers agent without before after about please should then their there what which who how pay payment
    transfer money secret key token access email address bank click login verify update confirm order rules above
    forget follow prompt tell say give make call use run remove forward policy policies safe support service security
    new note paypal google apple amazon microsoft github
    """.split()  # noqa: SIM905
)
_TURKISH = re.compile("[\u011f\u015f\u0130\u011e\u015e\u0259\u018f\u00fc\u00f6\u00e7]")
_IPA = re.compile(r"/[^/\s]{2,}/|\[[^\]\s]{2,}\]")
_PHONETIC = re.compile(
    "[\u0180-\u0183\u0185\u0188\u018d\u0190\u0195\u019a\u019b\u019e\u01a3\u01a8\u01ad\u01b6\u01bb-\u01bf\u0221\u0234-\u0242\u0244\u0247\u0249\u024b\u024d\u024f"
    "\u0250-\u0252\u0255\u0258\u025a\u025c-\u0262\u0264-\u0267\u026a-\u0271\u0273-\u0288\u028c-\u0291\u0293-\u02af\u1d00-\u1d7f\ua726-\ua78a\ua790-\ua7ff\u2c60-\u2c7f]"
)


def disguised(line: str) -> str:
    """Return how letters of a line are disguised, in words of ours; empty where each is what it looks like."""
    if _PILE.search(line) or len(_STRANGE_MARK.findall(line)) >= 4 or _is_floated(line):
        return "a pile of accents"
    if _is_styled(line):
        return "letters in disguise"
    if _SIGN_ALIKE.search(line) and not _IDEOGRAPH.search(line):
        return "signs that look like others"
    words = [word for word in _WORD.findall(unicodedata.normalize("NFC", line)) if not word.isascii()]
    if not words:
        return ""
    if any(_is_mixed(word, line) for word in dict.fromkeys(words)):
        return "letters of another script that look like Latin ones"
    if len({read for word in words if (read := _english(word))}) >= 2 and not _IPA.search(line):
        return "English words in other letters"
    return ""


def _is_floated(line: str) -> bool:
    """Tell whether there are more accents of their own than any language writes."""
    marks = sum(1 for char in line if "\u0300" <= char <= "\u036f")
    return marks >= 8 and marks > 0.9 * sum(map(str.isalpha, line))


def _is_styled(line: str) -> bool:
    wide = len(_FULL_WIDTH.findall(line))
    if wide >= 3 and not _IDEOGRAPH.search(line) and not re.search(r"[\u3040-\u30ff]", line):
        return True
    styled = [char for char in _STYLED_LETTER.findall(line) if not _LISTED.match(char)]
    if len(styled) >= 3:
        run = _STYLED_RUN.search(line)
        if run and not (_FORMULA.search(line) and len(run[0]) < 5) and _LISTED.sub("", run[0]):
            return True
        if not _FORMULA.search(line) and len(styled) >= 4:
            return True
    for flags in _FLAG_LETTERS.findall(line):
        letters = "".join(chr(ord(char) - 0x1F1E6 + ord("A")) for char in flags)
        pairs = {letters[at : at + 2] for at in range(0, len(letters), 2)}
        if len(letters) >= 3 and (len(letters) % 2 or not pairs <= REGIONS):
            return True
    if (
        len(
            re.findall("(?<![\U0001f1e6-\U0001f1ff])[\U0001f1e6-\U0001f1ff](?![\U0001f1e6-\U0001f1ff])", line)
        )
        >= 3
    ):
        return True
    signs = re.findall(
        r"[^\W\d_][\u20a0-\u20bf\u0e3f](?=[^\W\d_])|(?<![\d\s])[\u20a0-\u20bf\u0e3f][A-Z\u20a0-\u20bf]", line
    )
    return len(signs) >= 2


@lru_cache(4096)
def _english(word: str) -> str:
    """Return the English word that one in other letters reads as; empty where it is none."""
    if all(char >= "\u3040" for char in word):
        return ""
    read = as_read(word)
    return read if read in _ENGLISH else ""


def _is_mixed(word: str, line: str) -> bool:
    """Tell whether a word passes for a Latin one with letters that aren't."""
    latin = len(_LATIN.findall(word))
    other = [char for char in word if _CYRILLIC_GREEK.match(char)]
    odd = _ODD_SCRIPT.search(word)
    if odd and latin:
        return True
    if latin and other:
        return _is_interwoven(word, other, latin)
    if latin:
        return _is_phonetic(word, line)
    if not other and not odd:
        return False
    alike = [char for char in word if char in LOOK_ALIKES]
    letters = [char for char in line if char.isalpha()]
    amid = len(_LATIN.findall(line)) >= 0.6 * len(letters)
    if not amid or len(alike) < len(word) or len(word) < 2:
        return False
    if as_read(word) in _ENGLISH:
        return True
    true = all(char in TRUE_LOOK_ALIKES for char in word)
    greek = "\u0370" <= word[0] <= "\u03ff"
    return len(word) >= 3 and (
        true
        or (greek and len(word) >= 4)
        or any(char in "\u0501\u051b\u051d\u0455\u04cf\u0458" for char in word)
    )


def _is_interwoven(word: str, other: list[str], latin: int) -> bool:
    """Tell whether Latin letters and others make one word, and not a sign beside a word, or a stem with its ending."""
    kinds = "".join("o" if _CYRILLIC_GREEK.match(char) else "l" for char in word)
    turns = kinds.count("ol") + kinds.count("lo")
    if turns >= 2:
        return True
    if (
        len(other) == 1
        and "\u0370" <= other[0] <= "\u03ff"
        and other[0] not in "\u03bf\u03bd\u03c1\u0391\u0392\u0395\u039f\u03a1\u03a4\u03a7"
    ):
        return False  # of formulas
    return all(char in LOOK_ALIKES for char in other) and (len(word) > 2 or len(other) == 1)


def _is_phonetic(word: str, line: str) -> bool:
    """Tell whether a Latin word has letters of the phonetic alphabet, which no language beside it writes."""
    if "\u0131" in word and not _TURKISH.search(line):
        return (bool(re.search("[eiwqx]", word)) and not word[0].isupper()) or as_read(word) in _ENGLISH
    if not _PHONETIC.search(word) or _IPA.search(line):
        return False
    ascii_letters = sum(char.isascii() for char in word)
    return (ascii_letters > 0 and len(word) >= 3) or len(_TURNED.findall(line)) >= 4
