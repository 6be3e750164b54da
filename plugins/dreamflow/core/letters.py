"""Letters that pass for others: Cyrillic, Greek or small capitals that read as Latin, and a text's plain reading."""

from __future__ import annotations

import re
import unicodedata

from dreamflow.core.visible import unseen_characters

__all__ = ["LOOK_ALIKES", "REGIONS", "TRUE_LOOK_ALIKES", "as_read"]

#: Letters of other scripts that a reader takes for the Latin ones beside them (of Unicode's confusables.txt those that
#: are alike in common fonts), and Latin ones that are no letters of any word.
LOOK_ALIKES = {
    look: latin
    for looks, latins in (
        ("аеорсухіјѕԁһԛԝӏвкмнтьгпԍց", "aeopcyxijsdhqwlbkmhtbrngg"),
        ("АВЕКМНОРСТУХІЈЅԌԚԜҮ", "ABEKMHOPCTYXIJSGQWY"),
        ("οαενρτυχικηωϲϳγ", "oaevptuxiknwcjy"),
        ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹ", "ABEZHIKMNOPTYXC"),
        ("օսոհզցքյլԼՕՍ", "ounhqgpjlLOU"),
        # Cyrillic of other languages, Greek with an accent, Cherokee, Lisu, Coptic, Georgian, Tifinagh, Latin beyond words.
        (
            "\u0454\u0491\u04ab\u04bb\u04cf\u0475\u045e\u0457\u04d5\u0405\u0474\u04c0\u04ae\u0437\u0438",
            "erchlvyiesvlyzu",
        ),
        (
            "\u03ac\u03ad\u03ae\u03af\u03cc\u03cd\u03ce\u03ca\u03cb\u03c3\u03c2\u03b4\u03bb\u03bc\u03b2",
            "aeniouwiuosdlub",
        ),
        (
            "\u13aa\u13a1\u13ac\u13b3\u13bb\u13ab\u13bd\u13de\u13a9\u13d2\u13a2\u13da\u13d4\u13d9\u13b7\u13d5\u13c3",
            "AREWHJYLYRTSWVMSZ",
        ),
        (
            "\ua4d0\ua4d1\ua4d3\ua4d4\ua4d6\ua4d7\ua4d9\ua4da\ua4e1\ua4e2\ua4e4\ua4e5\ua4ea\ua4ec\ua4f0\ua4f2\ua4f3",
            "BPDTGKJCLSZNWYEIO",
        ),
        ("\u2c81\u2c89\u2c93\u2c9f\u2ca3\u2ca5\u2ca7\u2c9b\u2c99", "aeiopctnm"),
        (
            "\u0251\u0261\u026a\u0269\u028b\u0185\u01a8\u01ad\u0253\u0257\u0256\u0266\u0268\u026b\u026f\u0272\u0275\u027e\u0280\u0282\u0288\u0289\u0290",
            "agiivbstbddhilmnorrstuz",
        ),
        (
            "\u0180\u0188\u0192\u01a5\u01b4\u0142\u00f8\u0111\u0127\u0167\u1e9f\u0237\u2c65\u0247\u0249\u024d\u024f",
            "bcfpylodhtdjaejry",
        ),
        ("\u0250\u0254\u01dd\u025f\u0265\u0279\u029e\u0287\u028c\u028d\u028e", "acefhrktvwy"),
        ("\u20b3\u0e3f\u20b5\u20a6\u20b1\u20ae\u20a9\u20ac\u00a5", "ABCNPTWEY"),
        ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢıɑɡⅼ", "abcdefghijklmnopqrstuvwyziagl"),
    )
    for look, latin in zip(looks, latins, strict=True)
}
# Letters in black circles and squares, which Unicode takes for no variants of the plain ones.
LOOK_ALIKES |= {chr(start + n): chr(ord("A") + n) for start in (0x1F150, 0x1F170) for n in range(26)}
#: Those of other scripts that no font tells from the Latin ones.
TRUE_LOOK_ALIKES = frozenset(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u051b\u051d\u04cf\u0454"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0408\u0405\u03bf\u03bd\u03c1"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
)
#: Regions that have a flag (ISO 3166-1, and those of Unicode besides).
REGIONS = frozenset(
    """
    AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
    CD CF CG CH CI CK CL CM CN CO CP CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES ET EU FI FJ FK FM FO FR
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU
    MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB
    SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM UN
    US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW CQ
    """.split()  # noqa: SIM905
)
_TABLE = str.maketrans(LOOK_ALIKES)
_MARKS = re.compile(r"[\u0300-\u036f]+")


def as_read(text: str) -> str:
    """Return a text as its reader takes it: look-alikes as Latin, in lower case, without accents and what is unseen."""
    if text.isascii():
        return text.lower()
    composed = unicodedata.normalize("NFKC", text).translate(_TABLE)
    plain = _MARKS.sub("", unicodedata.normalize("NFD", composed))
    lowered = unseen_characters().sub("", plain.replace("\u00a0", " ")).replace("’", "'").lower()
    return lowered.translate(_TABLE)  # Capitals that have no look-alike may have one in lower case.
