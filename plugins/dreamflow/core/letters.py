"""Letters that pass for others: Cyrillic, Greek or small capitals that read as Latin, and a text's plain reading."""

from __future__ import annotations

import re
import unicodedata

from dreamflow.core.visible import unseen_characters

__all__ = ["LOOK_ALIKES", "as_read"]

#: Letters of other scripts that a reader takes for the Latin ones beside them (of Unicode's confusables.txt those that
#: are alike in common fonts), and Latin ones that are no letters of any word.
LOOK_ALIKES = {
    look: latin
    for looks, latins in (
        ("аеорсухіјѕԁһԛԝӏвкмнтьгпԍց", "aeopcyxijsdhqwlbkmhtbrngg"),
        ("АВЕКМНОРСТУХІЈЅԌԚԜҮ", "ABEKMHOPCTYXIJSGQWY"),
        ("οαενρτυχικηωϲϳγ", "oaevptuxiknwcjy"),
        ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹ", "ABEZHIKMNOPTYXC"),  # noqa: RUF001
        ("օսոհզցքյլԼՕՍ", "ounhqgpjlLOU"),
        ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢıɑɡⅼ", "abcdefghijklmnopqrstuvwyziagl"),
    )
    for look, latin in zip(looks, latins, strict=True)
}
_TABLE = str.maketrans(LOOK_ALIKES)
_MARKS = re.compile(r"[\u0300-\u036f]+")


def as_read(text: str) -> str:
    """Return a text as its reader takes it: look-alikes as Latin, in lower case, without accents and what is unseen."""
    if text.isascii():
        return text.lower()
    composed = unicodedata.normalize("NFKC", text).translate(_TABLE)
    plain = _MARKS.sub("", unicodedata.normalize("NFD", composed))
    return unseen_characters().sub("", plain.replace("\u00a0", " ")).replace("’", "'").lower()  # noqa: RUF001
