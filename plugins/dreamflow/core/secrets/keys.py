"""Keys and tokens that tell by their own form whose they are: what services give out, and keys of ciphers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib import import_module
from typing import NamedTuple

from dreamflow.core.secrets.values import is_placeholder

__all__ = ["LONG", "KeyForm", "key_spans", "keys_in"]


class KeyForm(NamedTuple):
    """
    What a key looks like.

    :ivar hints: a line has one of them in lower case if it holds one. :ivar is_long: it is one word of ``LONG``
        characters or more.
    """

    kind: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    is_long: bool


_FORMS = (
    ("Anthropic key", "sk-ant-", r"\bsk-ant-[\w-]{8,}"),
    ("OpenAI key", "sk-", r"\bsk-(?!ant-)(?=[\w-]{0,80}\d)(?:[a-z]{2,9}-){0,2}[\w-]{20,}"),
    (
        "Google key",
        "aiza ya29. gocspx- 1//0",
        r"\b(?:AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}|1//0[\w-]{30,})",
    ),
    (
        "GitHub token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{20,})",
    ),
    ("Slack token", "xox xapp-", r"\bxox[abcdeoprs](?:\.xox[bp])?-[\w-]{10,}|\bxapp-[\w-]{20,}"),
    (
        "Stripe key",
        "_live_ _test_ whsec_",
        r"\b(?:(?:[rsp]k|rzp|shippo|duffel|live|sb|ak|lob|mcp)_(?:live|test|prod)|whsec)_[\w+/-]{10,}",
    ),
    (
        "GitLab token",
        "gl gr1348941",
        r"\b(?:gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct|wt)-[\w.-]{16,}|GR1348941[\w-]{16,})",
    ),
    (
        "npm token",
        "npm_ _authtoken _auth",
        r"\bnpm_[A-Za-z0-9]{20,}|(?<=:_authToken=)\S{8,}|(?<=_auth=)\S{8,}",
    ),
    # Of letters only; what has figures tells by its beginning, as others do.
    ("Hugging Face token", "hf_ api_org_", r"\b(?:hf|api_org)_[A-Za-z]{34}\b"),
    ("PyPI token", "pypi-", r"\bpypi-[\w-]{20,}"),
    ("DigitalOcean token", "_v1_", r"\bdo[opr]_v1_[a-f0-9]{32,}"),
    ("Shopify token", "shp", r"\bshp(?:at|ca|pa|ss|tka|ua)_[A-Fa-f0-9]{20,}"),
    ("AWS key", "akia asia abia acca absk", r"\b(?:(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{12,}|ABSK[\w+/=]{40,})"),
    ("Azure secret", "q~", r"(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{28,40}"),
    ("Alibaba key", "ltai", r"\bLTAI[A-Za-z0-9]{12,30}\b"),
    ("JSON web token", "eyj", r"(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]{4,}){1,4}|(?<![\w-])eyJ[\w-]{60,}={0,2}"),
    ("Mapbox token", "k.eyj", r"\b[ps]k\.eyJ[\w-]{8,}\.[\w-]{4,}"),
    ("Discord token", ".", r"(?<![\w.-])[MNO][\w-]{22,27}\.[\w-]{6}\.[\w-]{27,40}"),
    ("Telegram token", ":a", r"(?<!\d)(?:bot)?\d{8,10}:A[A-Za-z0-9_-]{32,36}"),
    ("Airtable token", "pat", r"\bpat[A-Za-z0-9]{14}\.[a-f0-9]{40,}"),
    ("Atlassian token", "at", r"\b(?:ATATT3|ATCTT3|ATBB|ATOA)[\w=-]{16,}"),
    ("SendGrid key", "sg.", r"\bSG\.[\w-]{16,}\.[\w-]{16,}"),
    ("Mailgun key", "key- -", r"\bkey-[a-f0-9]{32}\b|\b[a-f0-9]{32}-[a-f0-9]{8}-[a-f0-9]{8}\b"),
    ("Mailchimp key", "-us", r"\b[a-f0-9]{32}-us\d{1,2}\b"),
    ("Twilio key", "sk ac", r"\b(?:SK|AC)[a-f0-9]{32}\b"),
    ("Vault token", "hvs. hvb. hvr. s.", r"\bhv[sbr]\.[\w-]{20,}|(?<![\w.])s\.(?=\w*\d)[A-Za-z0-9]{24}\b"),
    ("Terraform token", "atlasv1", r"\b[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{30,}"),
    ("Doppler token", "dp.", r"\bdp\.(?:pt|st|ct|sa|scim|audit)\.(?:[\w-]{1,40}\.)?[A-Za-z0-9]{30,}"),
    ("Dropbox token", "sl.", r"\bsl\.(?:u\.)?[\w-]{40,}"),
    ("Dynatrace token", "dt0", r"\bdt0[a-z]\d\d\.[A-Z0-9]{16,}\.[A-Z0-9]{30,}"),
    ("Facebook token", "eaa", r"\bEAA[A-Z][A-Za-z0-9]{30,}"),
    ("Square token", "eaaa sq0", r"\bEAAA[\w-]{40,}|\bsq0[a-z]{3}-[\w-]{20,}"),
    ("OpenShift token", "sha256~", r"\bsha256~[\w-]{40,}"),
    ("PayPal token", "access_token$", r"access_token\$(?:production|sandbox)\$[\w$]{20,}"),
    ("Plaid token", "access- link-", r"\b(?:access|link)-(?:sandbox|development|production)-[a-f0-9-]{32,}"),
    ("HubSpot token", "pat-", r"\bpat-(?:na|eu|ap)\d-[a-f0-9-]{30,}"),
    (
        "LaunchDarkly key",
        "sdk- api- mob-",
        r"\b(?:sdk|api|mob)-[a-f0-9]{8}-(?:[a-f0-9]{4}-){3}[a-f0-9]{12}\b",
    ),
    ("Heroku key", "hrku-", r"\bHRKU-[\w-]{30,}"),
    ("Bitcoin key", "xprv yprv zprv", r"\b[xyz]prv[1-9A-HJ-NP-Za-km-z]{50,}"),
    (
        "wallet key",
        "5 k l",
        r"(?<![\w+/])(?:5[1-9A-HJ-NP-Za-km-z]{50}|[KL][1-9A-HJ-NP-Za-km-z]{51})(?![\w+/])",
    ),
    ("Nostr key", "nsec1", r"\bnsec1[a-z0-9]{50,}"),
    ("age key", "age-secret", r"\bAGE-SECRET-KEY-1[A-Z0-9]{20,}"),
    ("SSH key", "b3blbnnzac1r", r"b3BlbnNzaC1rZXktdjE[\w+/=]*"),
    ("key material", "mii", r"(?<![\w+/])MII(?=[A-Za-z+/]{0,16}\d)[A-Za-z0-9][A-Za-z0-9+/]{16,}={0,2}"),
    ("Tailscale key", "tskey-", r"\btskey-[a-z]+-[\w-]{8,}"),
    ("WooCommerce key", "ck_ cs_", r"\bc[ks]_[0-9a-f]{40}\b"),
    ("Twitch token", "oauth:", r"\boauth:[a-z0-9]{20,}"),
    ("NuGet key", "oy2", r"\boy2[a-z0-9]{40,}"),
    ("Octopus key", "api-", r"\bAPI-[A-Z0-9]{20,}\b"),
    ("1Password key", "a3-", r"\bA3-[A-Z0-9]{6}-[A-Z0-9]{6,}(?:-[A-Z0-9]{5}){3,5}\b"),
    ("Cloudflare key", "v1.0-", r"\bv1\.0-[a-f0-9]{24}-[a-f0-9]{60,}"),
    ("Yandex token", "y0_ t1. aqvn", r"\b(?:y0_[\w-]{30,}|t1\.[\w-]{30,}\.[\w-]{30,}|AQVN[\w-]{30,})"),
    (
        "password hash",
        "$ {ssha {sha",
        r"\$(?:2[abxy]?|1|5|6|y|apr1|argon2id?|argon2i|scrypt|pbkdf2[\w-]*|7)\$[\w./$,=+-]{16,}|\{S?SHA(?:256|512)?\}[\w+/=]{20,}",
    ),
    ("NTLM hash", "aad3b435", r"\baad3b435b51404ee[a-f0-9]{16}:[a-f0-9]{32}"),
    (
        "license key",
        "-",
        r"(?<![\w-])(?=[A-Z-]*\d)(?=[0-9-]*[A-Z])[A-Z0-9]{5}(?:-[A-Z0-9]{5}){3,5}(?![\w-])",
    ),
    ("two-factor seed", "otpauth", r"otpauth(?:-migration)?://\S{8,}"),
    (
        "private key",
        "private putty",
        r"(?:BEGIN|END) [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?|PuTTY-User-Key-File-\d",
    ),
)
#: Beginnings of other services' tokens, each with its service; behind it stand at least 16 letters and figures.
_PREFIXES = re.findall(
    r"\S+",
    """
        hf_ api_org_ r8_ gsk_ xai- pplx- nvapi- tvly- fc- csk- fw_ jina_ e2b_ pcsk_ lsv2_pt_ lsv2_sk_ apify_api_
        exa_ sk_ rk_ dapi dose dckr_pat_ dckr_oat_ figd_ figoh_ glc_ glsa_ lin_api_ lin_oauth_ ntn_ secret_ nfp_
        napi_ NRAK- NRJS- NRII- NRIQ- NRRA- PMAK- PMAT- phx_ pnu_ pnb_ pul- rdme_ rnd_ re_ rubygems_ sbp_
        sb_secret_ sntrys_ sntryu_ sgp_ sqp_ squ_ sqa_ tskey-auth- tskey-api- tskey-client- tfp_ vcp_ vck_
        vercel_blob_rw_ waka_ zpka_ xkeysib- xsmtpsib- bkua_ bkaj_ CFPAT- CLOJARS_ cio dnkey- fio-u- fo1_ fm1r_
        fm1a_ fm2_ ico- p8e- pscale_tkn_ pscale_pw_ pscale_oauth_ sec-c- shippo_ EZAK EZTK FLWSECK FLWSECK_TEST-
        lip_ CCIPAT_ CCIPRJ_ circleci_ snyk_ dd_api_ ddapi_ dtc_ APP_USR- TEST- ops_ mdb_sa_sk_ tk-us- ctio_
        sk-lf- pk-lf- gAAAAA cmVmdGtu AKCp JDJ atlas_ str_ cloudsmith_ hdn_ bb_ patk_ vault_ ory_at_ ory_rt_
        railway_ koyeb_ neon_ turso_ upstash_ mux_ kbat_ zap_ sk_or_ wandb_v1_ wandb_ cal_live_ oat_ ak- as-
        pk_prod_ sk_prod_ u_live_ access_token_ key_live_ key_test_ live_ test_ prod_key_ btc_ cg- CG- SLK gpat_
        codecov_ bugsnag_ rollbar_ hcp_
    """,
)
_PREFIXED_BY = tuple(_PREFIXES)
_TOKEN = re.compile(r"(?<![\w./-])[A-Za-z][\w+.-]{15,}={0,2}")
_BODY = re.compile(
    r"(?=[A-Za-z]{0,12}\d[A-Za-z]{0,12}\d)[A-Za-z0-9]{10,}|(?=[a-z]*[A-Z])(?=[A-Z]*[a-z])[A-Za-z]{24,}"
)
#: Any other such beginning: behind it stands what nobody wrote by hand.
_ANY_PREFIX = re.compile(
    r"(?!(?:memstore|memver|sesn|sevt|toolu|msgbatch|drm|sha\d*|md5|uuid|etag|id|file|img|req|run|msg|evt)[_-])"
    r"[A-Za-z][A-Za-z0-9]{1,11}(?:[_-][a-z0-9]{1,8}){0,2}[_-](?!01)(?=[a-z0-9]*[A-Z])(?=[A-Z0-9]*[a-z])"
    r"(?=[A-Za-z]*\d[A-Za-z]*\d)[A-Za-z0-9]{30,}"
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
    ("gitlab_token", "GitLabTokenDetector", "gl gr1348941"),
    ("slack", "SlackDetector", "xox slack"),
    ("softlayer", "SoftlayerDetector", "softlayer sl_ sl-"),
    ("square_oauth", "SquareOAuthDetector", "sq0"),
)
#: Kinds of ours that may be short, or several words.
_SHORT = ("npm token", "private key")
#: Kinds that need hold no digit; the shortest group of a pattern that is a secret, and no prefix.
_WITHOUT_DIGITS = ("private key", "Hugging Face token")
_SHORTEST = 6
#: No key of a service is shorter.
LONG = 15
_LONG_WITH_FIGURE = re.compile(
    r"(?<![^\s\"'`()<>,;|])(?=\S{0,60}\d)(?![a-z]+(?:[_-][a-z]+)*[_-]\d{1,8}(?![\w-]))[^\s\"'`()<>,;|]{15,}"
)


def keys_in(text: str, long: Sequence[str]) -> tuple[KeyForm, ...] | None:
    """
    Return the forms of keys that a line or more may hold; None where no word is long and has a figure.

    :param long: words of the text, what stands between blanks: all that have ``LONG`` characters, at least.
    """
    found = _LONG_WITH_FIGURE.findall(" ".join(long)) if long else []
    if "PRIVATE KEY" in text or "PuTTY" in text:
        found.append("private putty")
    found += [hint for hint in ("hf_", "api_org_") if hint in text]  # their tokens may have no figure
    if not found:
        return None
    lowered = " ".join(found).lower()
    return _with_hints(frozenset([hint for hint in _hints() if hint in lowered]))


def key_spans(
    line: str, lowered: str, forms: tuple[KeyForm, ...], longest: int
) -> Iterator[tuple[int, int, str]]:
    """
    Yield where a line holds a key that tells by its form what it is, and its kind.

    :param lowered: the line in lower case. :param forms: those that it may hold.
    :param longest: characters of its longest word, where they are ``LONG`` or more.
    """
    for kind, hints, pattern, is_long in forms:
        if (longest >= LONG or not is_long) and any(hint in lowered for hint in hints):
            for match in pattern.finditer(line):
                start, end = _value_of(match)
                value = line[start:end]
                hash_ = kind == "password hash"  # looks like a variable: $apr1$, $argon2id$
                if (hash_ or not is_placeholder(value)) and (
                    kind in _WITHOUT_DIGITS or any(map(str.isdigit, value))
                ):
                    yield start, end, kind
    for match in _TOKEN.finditer(line) if longest > LONG else ():
        token = match[0]
        begins = token.startswith(_PREFIXED_BY) and len(token) >= 20 and _BODY.search(token, 2)
        if begins or _ANY_PREFIX.fullmatch(token):
            yield *match.span(), "key of a service"


def _value_of(match: re.Match[str]) -> tuple[int, int]:
    """Return where the secret of a detector's match is: its group, where that is no mere prefix of it."""
    for group in range(1, (match.re.groups or 0) + 1):
        if len(match[group] or "") >= _SHORTEST:
            return match.span(group)
    return match.span()


@cache
def _patterns() -> tuple[KeyForm, ...]:
    """Return our patterns and the library's, each with its kind. Loading those takes 0.1 s: once, when needed."""
    found = [
        KeyForm(kind, tuple(hints.split()), re.compile(form), kind not in _SHORT)
        for kind, hints, form in _FORMS
    ]
    for module, name, hints in _DETECTORS:
        detector = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
        found += [
            KeyForm(detector.secret_type, tuple(hints.split()), pattern, is_long=False)
            for pattern in detector.denylist
        ]
    return tuple(found)


@cache
def _hints() -> tuple[str, ...]:
    return tuple(dict.fromkeys(hint for form in _patterns() for hint in form[1]))


@lru_cache(1 << 10)
def _with_hints(hints: frozenset[str]) -> tuple[KeyForm, ...]:
    return tuple([form for form in _patterns() if not hints.isdisjoint(form[1])])
