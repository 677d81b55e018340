"""Feedback: nbgrader's page, on which what people typed is text and never HTML."""

from typing import Any

from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath


class Feedback(HTMLExporter):
    """Shows a `<` that a teacher or a student wrote as a `<`, in comments too."""

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Markdown with its formulas; HTML in it is shown, and links lead to web pages only."""
        renderer = IPythonRenderer(
            escape=True,
            allow_harmful_protocols=False,
            anchor_link_text=self.anchor_link_text,
            exclude_anchor_links=self.exclude_anchor_links,
        )
        return MarkdownWithMath(renderer=renderer).render(source)
