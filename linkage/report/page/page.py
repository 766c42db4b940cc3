"""A page: one HTML file that needs nothing else, for any screen, light or dark.

Text from data never becomes markup: `Markup.format` of ``markupsafe`` escapes what it is given,
and a page forbids, by its content security policy, any script but its own and any request.
The parts a page is made of are in `linkage.report.page.parts`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

from linkage.io.output import plain_json

__all__ = ["Markup", "Page", "Section", "embed_json", "escape", "join"]

_PAGE = Markup(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="generator" content="catalog-linkage">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header class="top">
<div class="top-line"><h1>{heading}</h1>
<button type="button" id="theme" aria-label="Switch between light and dark">Light / dark</button>
</div>
<p class="subtitle">{subtitle}</p>
</header>
<div class="frame">
<nav class="contents" aria-label="Sections"><ol>{links}</ol></nav>
<main>
{sections}
</main>
</div>
<footer>{footer}</footer>
{data}{scripts}
</body>
</html>
"""
)
_LINK = Markup('{group}<li><a href="#{id}">{title}</a></li>')
_GROUP = Markup('<li class="group-name">{}</li>')
_SECTION = Markup('<section id="{id}">{above}<h2>{title}</h2>{lead}{body}</section>\n')
_ABOVE = Markup('<p class="above">{}</p>')
_LEAD = Markup('<p class="lead">{}</p>')


@dataclass(frozen=True)
class Section:
    """A part of a page that the navigation leads to.

    Attributes:
        id: Its anchor; unique on the page.
        title: Its heading.
        body: What it shows.
        lead: A sentence below the heading, if any.
        short: Its name in the navigation; the heading if not given.
        group: The navigation's heading for it and the sections that follow with the same one; it
            also stands above the section's own heading.

    """

    id: str
    title: str
    body: Markup
    lead: str = ""
    short: str = ""
    group: str = ""

    def render(self) -> Markup:
        """Return the section as markup."""
        lead = _LEAD.format(self.lead) if self.lead else ""
        above = _ABOVE.format(self.group) if self.group and self.group != self.title else ""
        return _SECTION.format(id=self.id, above=above, title=self.title, lead=lead, body=self.body)


@dataclass(frozen=True)
class Page:
    """A page of sections.

    Attributes:
        title: In the window's title bar and on top of the page.
        subtitle: A line below the title.
        sections: In their order.
        data: What scripts read, by the id of the element that holds it; see `embed_json`.
        scripts: Names of the package's own script files, run in this order after ``page.js``.
        footer: The last line.

    """

    title: str
    subtitle: str
    sections: Sequence[Section]
    data: dict[str, Any] = field(default_factory=dict)
    scripts: tuple[str, ...] = ()
    footer: str = ""

    def render(self) -> str:
        """Return the whole file."""
        scripts = [asset(name) for name in ("page.js", *self.scripts)]
        page = _PAGE.format(
            policy=_policy(scripts),
            title=self.title,
            heading=self.title,
            subtitle=self.subtitle,
            style=Markup(asset("page.css")),
            links=join(self._links()),
            sections=join(section.render() for section in self.sections),
            footer=self.footer,
            data=join(embed_json(name, value) for name, value in self.data.items()),
            scripts=join(Markup("<script>{}</script>").format(Markup(text)) for text in scripts),
        )
        return str(page)

    def _links(self) -> Iterator[Markup]:
        """Yield the navigation's entries, each group's name before its first section."""
        group = ""
        for section in self.sections:
            name = _GROUP.format(section.group) if section.group not in ("", group) else ""
            group = section.group
            yield _LINK.format(group=name, id=section.id, title=section.short or section.title)


def join(parts: Iterable[Any]) -> Markup:
    """Return parts one after another; those that are not markup are escaped."""
    return Markup("").join(parts)


def embed_json(name: str, value: Any) -> Markup:
    """Return an element that holds a value as JSON, for scripts to read by its id.

    No text in it can end the element: ``<``, ``>`` and ``&`` are written as escapes of JSON.

    Args:
        name: Id of the element.
        value: What `linkage.io.output.plain_json` can turn into plain values.

    """
    text = json.dumps(plain_json(value), separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    element = Markup('<script type="application/json" id="{}">{}</script>\n')
    return element.format(name, Markup(text))


@cache
def asset(name: str) -> str:
    """Return the text of a style sheet or script of this package."""
    return (files("linkage.report") / "assets" / name).read_text(encoding="utf-8").strip()


def _policy(scripts: Sequence[str]) -> str:
    """Return a policy that lets the given inline scripts run, and nothing be fetched."""
    hashes = (
        base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode() for text in scripts
    )
    allowed = " ".join(f"'sha256-{value}'" for value in hashes)
    return (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src {allowed}; base-uri 'none'; form-action 'none'"
    )
