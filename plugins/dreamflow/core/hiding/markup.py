"""What Markdown and HTML don't show when a page renders them: comments, styles that hide, titles, definitions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["commented", "unrendered"]

_CODE_SPAN = re.compile(r"(?<!`)(`{1,3})(?!`)[^`]+\1(?!`)")
#: Comments as tools write and read them, and short ones that say where a part begins: no sentence fits in one.
_TOOL_COMMENT = re.compile(
    r"<!--\s*(?:/?[^\W_]+(?:[-_:.@]+[^\W_]+){0,2}(?:[-_:]+(?:begin|start|end|stop))?[:.]?"
    r"|/?(?:prettier|markdownlint|eslint|vale|textlint|cspell|lint|more|toc|begin|end|start|stop|todo|fixme)[\w:.@/-]*"
    r"(?:\s+[\w:.@/=,\"'-]+){0,2}"
    r"|(?:markdownlint|eslint|vale|textlint|cspell)[\w:.@/-]*(?:\s+[A-Z]{1,5}\d+,?){1,20}"
    r"|spdx-[\w-]+:(?:\s+[\w.-]+){1,3}|copyright(?:\s+\(c\))?\s+\d{4}(?:-\d{4})?,?(?-i:\s+(?:[A-Z][\w.,-]*|&)){0,5}"
    r"|(?:(?:auto-?)?generated(?:\s+(?:by|from|with)\s+[\w./@-]+)?)?[.,;:]?\s*(?:do not edit)?[.!]?"
    r")\s*-->",
    re.IGNORECASE,
)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_WORD = re.compile(r"[^\W_]+")
_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font(?:-size)?\s*:\s*(?:0|[01](?:\.\d+)?(?:px|pt))\b|"
    r"opacity\s*:\s*0?(?:\.0\d*)?\s*(?=[;\"'}!]|$)|(?<![\w-])color\s*:\s*(?:white|transparent|#fff(?:fff)?\b|snow|ivory|"
    r"rgba?\(\s*255\s*,\s*255\s*,\s*255|rgba\([^)]*,\s*0?\.?0\d?\s*\)|hsl\([^)]*100%\s*\)|inherit;)|"
    r"(?:left|top|right|text-indent|margin(?:-left|-top)?)\s*:\s*-\d{3,}|clip(?:-path)?\s*:\s*(?:rect\(\s*[01]|inset\(\s*(?:50|100))|"
    r"(?<![\w-])(?:max-)?(?:height|width)\s*:\s*[01](?:px)?\s*(?=[;\"'}]|$)|line-height\s*:\s*0|transform\s*:\s*scale\(\s*0|"
    r"content-visibility\s*:\s*hidden|text-overflow|z-index\s*:\s*-|mso-hide|letter-spacing\s*:\s*-|filter\s*:\s*opacity\(0",
    re.IGNORECASE,
)
#: A style is one within a tag, or a rule.
_IN_STYLE = re.compile(r"style\s*=|<style|\{", re.IGNORECASE)
_TAGGED = re.compile(
    r"<font[^>]{0,80}(?:color\s*=\s*[\"']?(?:white|#fff|transparent)|size\s*=\s*[\"']?0)"
    r"|<\w+[^>]{0,120}\s(?:hidden|aria-hidden\s*=\s*[\"']?true)(?=[\s>=/])"
    r"|<\w+[^>]{0,120}\sclass\s*=\s*[\"']?[^\"'>]*\b(?:hidden|sr-only|visually-hidden|d-none|invisible|screen-reader\w*|offscreen)\b"
    r"|<(?:template|noscript|script|style|noembed|noframes|xmp|datalist|object|iframe|math)\b[^>]*>"
    r"|<input[^>]{0,120}type\s*=\s*[\"']?hidden|<meta\b[^>]{0,200}content\s*="
    r"|<!\[CDATA\[|<!(?!--|doctype)[a-z]|<\?(?!xml)\w*"
    r"|\\(?:text)?color\{(?:white|[^}]*!0)\}|\\(?:v|h)?phantom\{|\\iffalse|\\begin\{comment\}"
    r"|\b(?:data-[\w-]+|title|alt|value|placeholder|label|summary|aria-label)\s*=\s*\"(?:[^\"\s]+\s+){9,}"
    r"|<details>(?!\s*$)",
    re.IGNORECASE,
)
_COMMENTS = re.compile(
    r"^\s{0,3}\[[^\]^][^\]]{0,80}\]:\s*(?:#|<>|<#>|about:blank|\.|/|javascript:|data:)?\s*(?:$|[\"'(])"  # never shown
    r"|^\s{0,3}\[[^\]^][^\]]{0,80}\]:\s*\S+\s+(?:\"[^\"]{24,}\"|'[^']{24,}'|\([^)]{24,}\))"
    r"|^\s{0,3}\[(?://|comment|_|hidden|note)\]:"
    r"|\[[^\]]*\]\((?:\s*|[^)\s]+\s+)[\"'](?:[^\"'\s]+\s+){7,}|(?<!!)\[\]\([^)]+\)"  # a link's title, or one without a text
    r"|!\[(?:[^\]\s]+\s+){23,}[^\]]*\]|!\[(?:[^\]\s]+\s+){5,}[^\]]*\]\(\s*(?:#|data:|<>|\)|https?:)"
    r"|^\s*%%\s*(?:\S+\s+){3}|%%(?:[^%\s]+\s+){2,}[^%\s]+\s*%%|\{#-?[^#}]{12,400}#\}|\{%-?\s*comment|\{\{!(?:--)?\s*(?:\S+\s+){2}|"
    r"\{/\*\s*(?:\S+\s+){2}|^\s*(?:```|~~~)\s*[\w+-]+(?:\s+[\w,.']+){4,}\s*$"
    r"|^\s*\[\^?[^\]]*\]:\s*<\s*>",
    re.IGNORECASE,
)
#: Characters that are not seen, or plain letters, written as numbers.
_ENTITIES = re.compile(
    r"&(?:zwnj|zwj|ZeroWidthSpace|NoBreak|shy|lrm|rlm|InvisibleTimes|InvisibleComma|ApplyFunction|af|it|ic);"
    r"|&#(?:x(?:200[b-f]|20[26][0-9a-f]|feff|ad|180e|e00[2-7][0-9a-f]|3164|115f)|8203|8204|8205|8206|8207|823[2-8]|"
    r"82(?:8[89]|9\d)|830[0-3]|65279|173|9179\d\d|12644);"
    r"|(?:&#(?:x[46-7][0-9a-f]|x[57][0-9a]|6[5-9]|[789]\d|1[01]\d|12[0-2]);){3,}"
    r"|(?:\\u00[4-7][0-9a-f]){4,}|(?:&(?:nbsp|emsp|ensp|thinsp);\s?){12,}",
    re.IGNORECASE,
)
_SPLIT_WORD = re.compile(
    r"[a-z](?:<!--.{0,80}?-->|<wbr\s*/?>|<(\w+)[^>]{0,60}>\s*</\1>|&shy;|<!---->)[a-z]", re.IGNORECASE
)

_SPECIAL = re.compile(r"[<\]{&\\`~]|%%")


def unrendered(line: str) -> str:
    """Return what of a line a page doesn't show, in words of ours; empty where it shows all. Code is shown."""
    if not _SPECIAL.search(line):
        return ""
    shown = _CODE_SPAN.sub("` `", line) if "`" in line else line
    if "<!--" in shown and _is_comment(shown):
        return "a comment, which a page doesn't show"
    if ":" in shown and ("{" in shown or "style" in shown.lower()) and _has_hiding_style(shown):
        return "text that a page doesn't show"
    if ("<" in shown or "\\" in shown or "=" in shown) and _TAGGED.search(shown):
        return "text that a page doesn't show"
    if ("]" in shown or "%%" in shown or "{" in shown or shown[:1] in "`~ ") and _COMMENTS.search(shown):
        return "text that a page doesn't show"
    if ("&" in shown or "\\u" in shown) and _ENTITIES.search(shown):
        return "characters written as numbers"
    if ("<" in shown or "&" in shown) and _SPLIT_WORD.search(shown):
        return "words that are cut by what a page doesn't show"
    return ""


def _is_comment(line: str) -> bool:
    """Tell whether a line has a comment that is more than a mark for a tool, or one that goes on below."""
    rest = _TOOL_COMMENT.sub("", line)
    at = rest.find("<!--")
    return at >= 0 and (len(_WORD.findall(rest[at + 4 :].split("-->")[0])) >= 2 or "-->" not in rest[at:])


def commented(lines: Sequence[str]) -> Iterator[int]:
    """Yield the numbers, from 1, of the lines that say something within a comment which began above them."""
    ends = [n for n, line in enumerate(lines) if "-->" in line]
    last_end = ends[-1] if ends else -1
    fence, is_inside = "", False
    for n, line in enumerate(lines):
        if is_inside:
            hidden, closed, rest = line.partition("-->")
            if _WORD.search(hidden):
                yield n + 1
            is_inside = not closed or _opens(rest, is_closed_below=n < last_end)
        elif found := _FENCE.match(line):
            if not fence:
                fence = found[1]
            elif found[1].startswith(fence) and not line[found.end() :].strip("`~ \r"):
                fence = ""
        elif not fence:
            is_inside = _opens(line, is_closed_below=n < last_end)


def _opens(line: str, *, is_closed_below: bool) -> bool:
    """Tell whether a comment begins in a line that goes on below: without an end, only one that begins it."""
    if "<!--" not in line:
        return False
    before, opened, rest = _CODE_SPAN.sub("` `", line).rpartition("<!--")
    return bool(opened) and "-->" not in rest and (is_closed_below or not before.strip())


def _has_hiding_style(line: str) -> bool:
    style = _HIDING_STYLE.search(line)
    return bool(style and _IN_STYLE.search(line, max(0, style.start() - 300), style.start()))
