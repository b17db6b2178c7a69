"""Notes as HTML: Markdown without raw HTML, and what comes out still passes an allow-list."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}}
_LONGEST = 20_000
_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def note_html(text: str) -> SafeString:
    """A note for a page. Images are left out: one from elsewhere would tell its host who reads the note."""
    html = nh3.clean(
        _parser.render(text[:_LONGEST]), tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )  # fmt: skip
    # The page has its own h1 and h2: headings of a note begin below them.
    for level in (3, 2, 1):
        html = html.replace(f"<h{level}>", f"<h{level + 2}>").replace(f"</h{level}>", f"</h{level + 2}>")
    return mark_safe(html)  # noqa: S308 - cleaned above
