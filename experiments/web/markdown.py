"""Notes as HTML: Markdown without raw HTML, and what comes out still passes an allow-list."""

from collections.abc import Sequence

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"*": set[str](), "a": {"href"}}
_LONGEST = 20_000
_HEADINGS_ABOVE = 2
_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def note_html(text: str, longest: int = _LONGEST, above: int = _HEADINGS_ABOVE) -> SafeString:
    """A note for a page that has `above` levels of headings.

    Images are left out: one from elsewhere would tell its host who reads the note.
    """
    tokens = _parser.parse(text[:longest])
    _headings_lower(tokens, above)
    html = nh3.clean(
        _parser.renderer.render(tokens, _parser.options, {}), tags=_TAGS, attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"}, link_rel="noopener noreferrer nofollow",
    )  # fmt: skip
    return mark_safe(html)  # noqa: S308 - cleaned above


def _headings_lower(tokens: Sequence[Token], levels: int) -> None:
    """The page has `levels` headings of its own: those of a note begin below and go down by one level at a time."""
    above: list[str] = []
    lowered = ""
    for token in tokens:
        if token.type == "heading_open":
            above = [tag for tag in above if tag < token.tag] + [token.tag]
            lowered = f"h{min(levels + len(above), 6)}"
        if token.type in ("heading_open", "heading_close"):
            token.tag = lowered
