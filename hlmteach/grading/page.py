"""Page: an HTML file that needs nothing but itself, and readers of every kind can read.

Everything that came from a student goes through `text`; no script is in the page, and its own
policy forbids any.
"""

import re
import unicodedata
from html import escape

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { border-bottom: 1px solid #8888; padding: .25rem .7rem; text-align: left;
  vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
td.n { white-space: nowrap; }
.answer { white-space: pre-wrap; overflow-wrap: anywhere; max-width: 46rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .6rem; border: 1px solid #8888; }
section { border-left: 4px solid #767676; padding: .1rem 1rem; margin: 1rem 0; }
section.right { border-color: #1b7f46; } section.wrong { border-color: #b25a00; }
section.open { border-color: #3366aa; }
.wide { margin: 1rem 0; overflow-x: auto; } .wide table { margin: 0; }
.wide td:last-child { min-width: 12rem; } .wide td.n:last-child { min-width: 0; }
figure { margin: 1rem 0; } img, svg { max-width: 100%; height: auto; }
@media print { body { margin: 0; max-width: none; } section { break-inside: avoid; }
  .wide { overflow: visible; } }
""".strip()
_RULES = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(title: str, body: list[str]) -> str:
    """A whole page.

    Parameters
    ----------
    title : plain text
    body : parts that are HTML already
    """
    head = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_RULES}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{text(title)}</title>",
        f"<style>{_STYLE}</style></head>",
        f"<body><main><h1>{text(title)}</h1>",
    ]
    return "\n".join([*head, *body, "</main></body></html>"]) + "\n"


def text(value: object) -> str:
    """Plain text as HTML; signs that change the direction of what follows, or show nothing, as
    their numbers.

    Examples
    --------
    >>> text("<b>Zoë</b>")
    '&lt;b&gt;Zoë&lt;/b&gt;'
    """
    plain = str(value).encode("utf-8", "replace").decode("utf-8")
    return escape("".join(c if _shows(c) else f"\\u{ord(c):04x}" for c in plain))


def _shows(sign: str) -> bool:
    """Printable, a space of any kind, or a joiner that some scripts need inside words."""
    space = unicodedata.category(sign) == "Zs" or sign in "\n\t"
    return space or sign.isprintable() or sign in "\u200c\u200d"


_EMPHASIS = re.compile(r"(?<![\w*])\*(\w[^*\n]{0,80}\w|\w)\*(?![\w*])")


def code(value: str) -> str:
    """Plain text as HTML, with what stands between back ticks as code and between stars stressed.

    Examples
    --------
    >>> code("Variance *between* schools: `sigma_u`")
    'Variance <em>between</em> schools: <code>sigma_u</code>'
    """
    parts = text(value).split("`")
    if len(parts) % 2 == 0:
        return text(value)
    return "".join(
        f"<code>{part}</code>" if number % 2 else _EMPHASIS.sub(r"<em>\1</em>", part)
        for number, part in enumerate(parts)
    )


def paragraph(value: str) -> str:
    return f"<p>{code(value)}</p>" if value else ""


def bullets(values: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{code(value)}</li>" for value in values) + "</ul>"


def table(caption: str, head: list[str], rows: list[list[object]], numbers: set[int] = frozenset()):
    """A table with a caption; columns in `numbers` are set to the right.

    One that is wider than a phone is moved sideways by itself, by the keyboard too.
    """

    def cell(tag: str, place: int, value: object) -> str:
        scope = ' scope="col"' if tag == "th" else ""
        align = ' class="n"' if place in numbers else ""
        return f"<{tag}{scope}{align}>{code(str(value))}</{tag}>"

    lines = [f'<div class="wide" role="region" tabindex="0" aria-label="{text(caption)}">']
    lines += [f"<table><caption>{text(caption)}</caption>", "<thead><tr>"]
    lines += [cell("th", place, name) for place, name in enumerate(head)]
    lines.append("</tr></thead><tbody>")
    for row in rows:
        lines.append("<tr>" + "".join(cell("td", k, v) for k, v in enumerate(row)) + "</tr>")
    return "\n".join([*lines, "</tbody></table></div>"])
