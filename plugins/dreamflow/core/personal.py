"""Personal data in text: e-mail addresses, telephone, card and account numbers, postal addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import NamedTuple

__all__ = ["ADDRESS", "Personal", "addresses_in", "half_masked", "personal_in"]

#: The kind of what says where somebody lives.
ADDRESS = "postal address"


class Personal(NamedTuple):
    """:ivar kind: in words of ours. :ivar value: as it is written. :ivar key: the same however it is written."""

    kind: str
    value: str
    key: str


_EMAIL = re.compile(r"(?<![\w.+@-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}\.[A-Za-z]{2,24}(?![\w@])")
_DIGITS = re.compile(r"\d[\d -]{10,22}\d")
_CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){11,18}(?![\w-]|\.\d)")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?!\w)")
#: Lengths by country, of the SWIFT registry's larger ones; of others 15 to 34 and the checksum have to do.
_IBAN_LENGTHS = {
    "AT": 20,
    "BE": 16,
    "BG": 22,
    "CH": 21,
    "CY": 28,
    "CZ": 24,
    "DE": 22,
    "DK": 18,
    "EE": 20,
    "ES": 24,
    "FI": 18,
    "FR": 27,
    "GB": 22,
    "GR": 27,
    "HR": 21,
    "HU": 28,
    "IE": 22,
    "IT": 27,
    "LT": 20,
    "LU": 20,
    "LV": 21,
    "NL": 18,
    "NO": 15,
    "PL": 28,
    "PT": 25,
    "RO": 24,
    "SE": 24,
    "SI": 19,
    "SK": 24,
    "TR": 26,
    "SA": 24,
    "AE": 23,
    "IL": 23,
}
_ACCOUNT = re.compile(
    r"\b(?:account|acct|konto(?:nummer)?|compte|cuenta|routing|sort code|ssn|social security(?: number)?|"
    r"passport|reisepass|"
    r"tax id|national id|dni|driver'?s licen[cs]e)\s*(?:no|nr|number|num|#|id)?\.?\s*(?:is|:|=|#)?\s*"
    r"(?P<value>(?=[A-Z]{0,3}\d)[A-Z0-9](?:[ -]?[A-Z0-9]){5,20})(?!\w)",
    re.IGNORECASE,
)
#: Issuers by their first digits, with the lengths of their numbers.
_ISSUERS = (
    (re.compile(r"4"), (13, 16, 19)),
    (re.compile(r"5[1-5]|2(?:2[2-9]|[3-6]|7[01]|720)"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"3(?:0[0-5]|[689])"), (14,)),
    (re.compile(r"6(?:011|5|4[4-9]|22)"), (16, 19)),
    (re.compile(r"35"), (16,)),
    (re.compile(r"(?:5018|5020|5038|6304|67)"), (12, 13, 14, 15, 16, 17, 18, 19)),
    (re.compile(r"62"), (16, 17, 18, 19)),
)
#: A telephone number without its country's code is one only where a word says so.
_PHONE = re.compile(r"(?<![\w.#/+-])(?:\+|00)[1-9][\d ().\-/]{6,20}\d(?!\w)")
_LOCAL = re.compile(
    r"\b(?:phone|tel(?:efon|ephone)?|mobile|mobil|cell|call|fax|whatsapp|sms|handy|durchwahl|text|ring|"
    r"reach\w*|telefono|number is)\b"
    r"[^\d\n]{0,30}(?P<value>\(?\d[\d ().\-/]{6,16}\d)(?![\w-])",
    re.IGNORECASE,
)
_STREET = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|way|square|sq|"
    r"terrace|close|crescent|"
    r"row|highway|hwy|parkway|pkwy|circle|cir|trail|mews|quay|gardens)"
)
#: Postal addresses by how they are written, each with what a line then has one of: looked for first.
_ADDRESSES = (
    (
        ("",),
        re.compile(rf"(?<![\w#-])\d{{1,5}}[A-Za-z]?,? (?:[A-Z][\w'.-]+ ){{1,3}}(?i:{_STREET})\b\.?"),
    ),
    (
        ("aße ", "asse ", "str. ", "weg ", "platz ", "allee ", "ring ", "damm ", "ufer "),
        re.compile(
            r"(?<!\w)[A-ZÄÖÜ][\wäöüß-]{1,30}(?:straße|strasse|str\.|weg|gasse|platz|allee|ring|damm|"
            r"ufer) \d{1,4}[a-z]?(?!\w)"
        ),
    ),
    (
        ("rue ", "avenue ", "place ", "chemin ", "impasse ", "quai "),
        re.compile(
            r"(?<!\w)\d{1,4}(?: bis| ter)?,? (?:rue|avenue|boulevard|place|chemin|impasse|quai) "
            r"(?:(?:de|du|des|la|le|l'|d') ?)*[A-Z][\w'-]+"
        ),
    ),
    (
        ("calle ", "avenida ", "plaza ", "paseo ", "carrera "),
        re.compile(
            r"(?<!\w)(?:[Cc]alle|[Aa]venida|[Pp]laza|[Pp]aseo|[Cc]arrera) (?:(?:de|del|la|las|los|el) )*"
            r"[A-ZÁÉÍÓÚ][\wáéíóúñ'-]+(?: [A-Z][\w'-]+)*,? \d{1,4}"
        ),
    ),
)
_NUMBERS = re.compile(r"\d[\d ().\-/]{5,}\d|(?<![A-Z])[A-Z]{1,2}\d{2}")


def personal_in(line: str) -> Iterator[Personal]:
    """Yield the personal data of a line. Order, flight and other numbers of things are none."""
    if "@" in line:
        for match in _EMAIL.finditer(line):
            yield Personal("e-mail address", match[0], match[0].lower())
    if _NUMBERS.search(line):
        yield from _numbered(line)
    for address in addresses_in(line):
        yield Personal(ADDRESS, address, address.lower())


def addresses_in(line: str) -> Iterator[str]:
    """Yield the postal addresses of a line: street and number."""
    lowered = line.lower()
    for hints, address in _ADDRESSES:
        if any(hint in lowered for hint in hints):
            for match in address.finditer(line):
                yield match[0]


def _numbered(line: str) -> Iterator[Personal]:
    for match in _IBAN.finditer(line):
        if _is_iban(number := match[0].replace(" ", "")):
            yield Personal("bank account", match[0], number)
    if _DIGITS.search(line):
        for match in _CARD.finditer(line):
            if _is_card(number := re.sub(r"\D", "", match[0])):
                yield Personal("card number", match[0], number)
    for match in _ACCOUNT.finditer(line):
        yield Personal("account number", match["value"], re.sub(r"\W", "", match["value"]))
    yield from _phones(line)


def half_masked(value: str) -> str:
    """Return what is shown of personal data: its beginning, and of an e-mail address where it leads."""
    name, at, host = value.partition("@")
    return f"{name[:2]}…@{host}" if at else f"{value[: max(2, len(value) // 3)]}…"


def _phones(line: str) -> Iterator[Personal]:
    taken = [match.span() for match in _IBAN.finditer(line)]
    for match in (*_PHONE.finditer(line), *_LOCAL.finditer(line)):
        start, end = match.span("value" if "value" in match.re.groupindex else 0)
        key = _phone_key(line[start:end])
        if key and not any(start < until and end > since for since, until in taken):
            taken.append((start, end))
            yield Personal("telephone number", line[start:end], key)


def _phone_key(written: str) -> str:
    """Return a telephone number's digits, where it can be one: by the library's tables, with its country's code."""
    digits = re.sub(r"\D", "", written)
    if not written.startswith(("+", "00")):
        return digits if 7 <= len(digits) <= 12 and not re.fullmatch(r"\d{4}-\d\d-\d\d", written) else ""
    # Late: half a megabyte of tables, which DAG files, parsed every 30 s, have no use for.
    phonenumbers = import_module("phonenumbers")
    try:
        number = phonenumbers.parse("+" + digits.removeprefix("00"), None)
    except phonenumbers.NumberParseException:
        return ""
    return digits.removeprefix("00") if phonenumbers.is_possible_number(number) else ""


def _is_card(number: str) -> bool:
    """Tell whether digits are a card's: an issuer's, as long as its are, with the right check digit (Luhn)."""
    if not any(first.match(number) and len(number) in lengths for first, lengths in _ISSUERS):
        return False
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _is_iban(number: str) -> bool:
    """Tell whether a word is an IBAN: as long as its country's are, with the right check digits (ISO 7064)."""
    if len(number) != _IBAN_LENGTHS.get(number[:2], len(number)) or not 15 <= len(number) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in number[4:] + number[:4])) % 97 == 1
