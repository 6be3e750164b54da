"""
Secrets in text: where they are, and how a text is shown without them.

Keys of known services are found by the detectors of detect-secrets, without its verification, which would send them
over the network. What people write in prose ("the password is …", "door code 4711") is found here: a word for a
secret, and beside it a value that looks like one. Order numbers, checksums, UUIDs and ids of this service are none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import NamedTuple

from dreamflow.core.secret_words import named_secrets

__all__ = [
    "Span",
    "mask",
    "masked_for_edit",
    "secret_spans",
    "shortened",
    "spans_of_lines",
    "unmasked",
]

#: Characters of a line that are searched at once, and how far two pieces overlap: keeps one line of 100 kB linear.
_PIECE, _OVERLAP = 4_000, 400
#: What a line has at least one of if it holds a secret that these modules find; looked for before anything else.
_HINTS = tuple(
    re.findall(
        r"\S+",
        """
        pass pwd pw phrase words secret token key code pin cvv cvc auth bearer cred :// login logon log user account
        network ssid wifi wi-fi wlan hotspot kennwort geheim zugang contrase clave código combin schlüssel eyj sk-
        aiza ya29 gocspx ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ gl xox k_live k_test akia asia abia acca a3t akc npm_
        pypi- sg. sq0 hf_ -us whsec shpat putty dop_v1 private slack pgp senha otp combo -u sig= webhooks
        """,
    )
)
_LONG_RUN = re.compile(r"[A-Za-z0-9+/=_-]{32}")
#: No key of a service is shorter, nor a URL with a password in it.
_LONG_WORD = re.compile(r"\S{15}|PRIVATE KEY")
_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
#: A line of a key file by itself: base64 from end to end.
_KEY_LINE = re.compile(r"\s*(?=[^\n]*[a-z])(?=[^\n]*[A-Z])(?=[^\n]*[0-9])[A-Za-z0-9+/]{56,80}={0,2}\s*")
#: What the library lacks, finds too little of, or finds in more than linear time.
_OWN = (
    ("Anthropic key", "sk-ant-", re.compile(r"\bsk-ant-[\w-]{8,}")),
    (
        "OpenAI key",
        "sk-",
        re.compile(r"\bsk-(?!ant-)(?=[\w-]{0,80}\d)(?:proj-|svcacct-|admin-|None-)?[\w-]{20,}"),
    ),
    (
        "Google key",
        "aiza ya29. gocspx-",
        re.compile(r"\b(?:AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,})"),
    ),
    (
        "GitHub token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{20,})"),
    ),
    ("Slack token", "xox xapp-", re.compile(r"\bxox[abcdeoprs]-[\w-]{10,}|\bxapp-[\w-]{20,}")),
    (
        "Stripe key",
        "k_live_ k_test_ whsec_",
        re.compile(r"\b(?:[rsp]k_(?:live|test)|whsec)_[A-Za-z0-9]{10,}"),
    ),
    ("GitLab token", "glpat-", re.compile(r"\bglpat-[\w-]{16,}")),
    ("npm token", "npm_ _authtoken", re.compile(r"\bnpm_[A-Za-z0-9]{20,}|(?<=:_authToken=)\S{8,}")),
    ("PyPI token", "pypi-", re.compile(r"\bpypi-[\w-]{20,}")),
    ("Hugging Face token", "hf_", re.compile(r"\bhf_[A-Za-z0-9]{20,}")),
    ("DigitalOcean token", "_v1_", re.compile(r"\bdo[opr]_v1_[a-f0-9]{32,}")),
    ("Shopify token", "shp", re.compile(r"\bshp(?:at|ca|pa|ss)_[A-Fa-f0-9]{20,}")),
    ("AWS key", "akia asia abia acca", re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{12,}")),
    ("JSON web token", "eyj", re.compile(r"(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]{4,}){1,2}")),
    (
        "password in a URL",
        "://",
        re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{0,64}:([^\s/@]{1,128})@", re.IGNORECASE),
    ),
    ("Discord webhook", "api/webhooks/", re.compile(r"discord(?:app)?\.com/api/webhooks/\d+/[\w-]{20,}")),
    (
        "private key",
        "private putty",
        re.compile(r"(?:BEGIN|END) [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?|PuTTY-User-Key-File-\d"),
    ),
)
#: The library's detectors by module and class, with what a line has one of, in lower case, if they find something.
_DETECTORS = (
    (
        "artifactory",
        "ArtifactoryDetector",
        "akc apa apb apc apd ape apf ap0 ap1 ap2 ap3 ap4 ap5 ap6 ap7 ap8 ap9",
    ),
    ("aws", "AWSKeyDetector", "akia asia abia acca a3t aws"),
    ("azure_storage_key", "AzureStorageKeyDetector", "accountkey"),
    ("cloudant", "CloudantDetector", "cloudant"),
    ("discord", "DiscordBotTokenDetector", "."),
    ("gitlab_token", "GitLabTokenDetector", "gl gr1348941"),
    ("mailchimp", "MailchimpDetector", "-us"),
    ("sendgrid", "SendGridDetector", "sg."),
    ("slack", "SlackDetector", "xox slack"),
    ("softlayer", "SoftlayerDetector", "softlayer sl_ sl-"),
    ("square_oauth", "SquareOAuthDetector", "sq0"),
    ("telegram_token", "TelegramBotTokenDetector", ":a"),
    ("twilio", "TwilioKeyDetector", "ac sk"),
)
_NO_VALUE = re.compile(
    r"[\W_]*(?:x{3,}|\*{3,}|\.{3,}|…|<[^>]*>|\$\{?\w+\}?|\{\{?[^}]*\}?\}|\[[\w ]+\]|%\w+%)[\W_]*", re.I
)
#: Kinds of secrets that need hold no digit; and the shortest group of a pattern that is a secret, and no prefix.
_WITHOUT_DIGITS = ("private key", "password in a URL")
_SHORTEST = 6
_PLACEHOLDER = re.compile(r"⟦secret (\d{1,6})⟧")


class Span(NamedTuple):
    """A secret in a line: ``line[start:end]``, and what kind it is, in words of ours."""

    start: int
    end: int
    kind: str


def secret_spans(line: str) -> list[Span]:
    """Return the secrets of one line, from left to right, none within another."""
    lowered = line.lower()
    if not any(hint in lowered for hint in _HINTS) and not _LONG_RUN.search(line):
        return []
    if len(line) <= _PIECE:
        return _apart(_found(line))
    spans: list[Span] = []
    for offset in range(0, len(line), _PIECE - _OVERLAP):
        found = _found(line[offset : offset + _PIECE])
        spans.extend(Span(start + offset, end + offset, kind) for start, end, kind in found)
    return _apart(spans)


def mask(text: str) -> str:
    """Return a text in which of every secret only its beginning stands, and its kind. Lines stay lines."""
    return _replaced(text, lambda number, secret, kind: shortened(secret, kind))


def masked_for_edit(text: str) -> str:
    """Return a text to be edited: ``⟦secret 1⟧`` in place of the first secret, and so on. See ``unmasked``."""
    first = _first_number(text)
    return _replaced(text, lambda number, secret, kind: f"⟦secret {first + number}⟧")


def unmasked(edited: str, original: str) -> str:
    """Return an edited text with the secrets of the original put back where its placeholders stand."""
    first = _first_number(original)
    secrets = [original[start:end] for start, end, _ in _spans_of(original)]

    def put_back(match: re.Match[str]) -> str:
        number = int(match[1]) - first
        return secrets[number] if 0 <= number < len(secrets) else match[0]

    return _PLACEHOLDER.sub(put_back, edited)


def shortened(secret: str, kind: str) -> str:
    """Return what is shown in place of a secret: at most four of its characters, and never a third of it."""
    return f"{secret[: min(4, len(secret) // 4)]}…[{kind}]"


def _first_number(text: str) -> int:
    """Return the number of a text's first placeholder: one that it doesn't hold already."""
    return max((int(number) for number in _PLACEHOLDER.findall(text)), default=0) + 1


def _replaced(text: str, replacement: Callable[[int, str, str], str]) -> str:
    pieces, done = [], 0
    for number, (start, end, kind) in enumerate(_spans_of(text)):
        pieces += [text[done:start], replacement(number, text[start:end], kind)]
        done = end
    return "".join([*pieces, text[done:]])


def _spans_of(text: str) -> Iterator[Span]:
    lines = text.splitlines(keepends=True)
    offset = 0
    for line, spans in zip(lines, spans_of_lines(line.rstrip("\r\n") for line in lines), strict=True):
        yield from (Span(offset + start, offset + end, kind) for start, end, kind in spans)
        offset += len(line)


def spans_of_lines(lines: Iterable[str]) -> Iterator[list[Span]]:
    """Yield the secrets of each line; between a private key's first and last line all is secret."""
    in_key = False
    for line in lines:
        ended = _END.search(line)
        if in_key and not ended:
            yield [Span(0, len(line), "private key")] if line.strip() else []
        else:
            yield secret_spans(line)
        in_key = bool(in_key or _BEGIN.search(line)) and not ended


def _found(line: str) -> Iterator[Span]:
    if _KEY_LINE.fullmatch(line):
        yield Span(len(line) - len(line.lstrip()), len(line.rstrip()), "key material")
        return
    lowered = line.lower()
    for kind, pattern in _patterns_for(lowered) if _LONG_WORD.search(line) else ():
        for match in pattern.finditer(line):
            start, end = _value_of(match)
            value = line[start:end]
            if not _NO_VALUE.fullmatch(value) and (kind in _WITHOUT_DIGITS or any(map(str.isdigit, value))):
                yield Span(start, end, kind)
    for start, end, kind in named_secrets(line):
        yield Span(start, end, kind)


def _value_of(match: re.Match[str]) -> tuple[int, int]:
    """Return where the secret of a detector's match is: its group, where that is no mere prefix of it."""
    for group in range(1, (match.re.groups or 0) + 1):
        if len(match[group] or "") >= (1 if "://" in match[0] else _SHORTEST):
            return match.span(group)
    return match.span()


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Return spans that don't overlap: of those that do one, over all of them, of the first's kind."""
    apart: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if apart and span.start < apart[-1].end:
            apart[-1] = apart[-1]._replace(end=max(apart[-1].end, span.end))
        else:
            apart.append(span)
    return apart


def _patterns_for(lowered: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    for kind, hints, pattern in _patterns():
        if any(hint in lowered for hint in hints):
            yield kind, pattern


@cache
def _patterns() -> tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...]:
    """Return our patterns and the library's, each with its kind. Loading those takes 0.1 s: once, when needed."""
    found = [(kind, tuple(hints.split()), pattern) for kind, hints, pattern in _OWN]
    for module, name, hints in _DETECTORS:
        detector = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
        found += [(detector.secret_type, tuple(hints.split()), pattern) for pattern in detector.denylist]
    return tuple(found)
