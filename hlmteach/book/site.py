"""The site: Sphinx with the book's settings, run on the sources."""

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hlmteach import __version__
from hlmteach.book import api, glossary, launch

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

STATIC = Path(__file__).parent / "static"
AFTER_THE_THEME, BEFORE_NAPOLEON = 900, 400  # in the order of Sphinx's events; 500 is usual


def settings(vendored: Path, repository: str = "") -> dict[str, Any]:
    """Sphinx's configuration, as a conf.py would hold it.

    Parameters
    ----------
    vendored : Path
        A folder with `vendor/`, the JavaScript of others.
    repository : str
        The course's address on the web, or an empty text.
    """
    return {
        "project": "Hierarchical linear models, hands on",
        "author": "hlmteach contributors",
        "project_copyright": "hlmteach contributors. Text and figures: CC BY 4.0",
        "version": __version__,
        "language": "en",
        "extensions": [
            "myst_nb",
            "sphinx.ext.autodoc",
            "sphinx.ext.autosummary",
            "sphinx.ext.napoleon",
            "sphinx.ext.mathjax",
            "sphinx_copybutton",
        ],
        "html_theme": "sphinx_book_theme",
        "html_title": "Hierarchical linear models, hands on",
        "html_static_path": [str(STATIC), str(vendored)],
        "html_css_files": ["book.css"],
        "html_js_files": [("book.js", {"defer": "defer"})],
        "html_favicon": str(STATIC / "favicon.svg"),
        "html_context": {"default_mode": "auto"},
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_theme_options": {
            "show_toc_level": 2,
            "max_navbar_depth": 1,
            "navbar_start": [],
            "navbar_center": [],
            "navbar_end": [],
            "navbar_persistent": [],
            "use_download_button": True,
            "use_fullscreen_button": False,
            "pygments_light_style": "a11y-high-contrast-light",
            "pygments_dark_style": "a11y-high-contrast-dark",
            **launch.theme_options(repository),
        },
        # The notebooks come executed; see hlmteach.book.sources.
        "nb_execution_mode": "off",
        "nb_merge_streams": True,
        "nb_ipywidgets_js": {"vendor/require.js": {}, "vendor/embed-amd.js": {}},
        "mathjax_path": "vendor/mathjax/tex-mml-chtml.js",
        # Its menu would make every formula a stop of the keyboard. Screen readers get MathML.
        "mathjax3_config": {"options": {"enableMenu": False}},
        # What is typed, and not what came out; without the prompts.
        "copybutton_selector": "div:not(.output) > div.highlight > pre",
        "copybutton_prompt_text": r">>> |\.\.\. ",
        "copybutton_prompt_is_regexp": True,
        "myst_enable_extensions": ["dollarmath", "amsmath", "colon_fence"],
        "myst_heading_anchors": 3,
        "autosummary_generate": False,
        "add_module_names": False,
        "autodoc_typehints": "none",  # the docstrings say types in words
        "napoleon_google_docstring": False,
        "napoleon_custom_sections": [("Attributes", "params_style")],
        "napoleon_use_rtype": False,
        "default_role": "code",
        "toc_object_entries": False,
    }


def build(
    source: Path, target: Path, work: Path, conf: dict[str, Any], strict: bool, branch: str = ""
) -> int:
    """Run Sphinx.

    Parameters
    ----------
    source : Path
        As `hlmteach.book.sources.make` writes it.
    target : Path
        The folder of the site.
    work : Path
        A folder for what Sphinx keeps between two builds.
    conf : dict
        From `settings`.
    strict : bool
        Whether a warning is a fault.
    branch : str
        The branch of the repository that will hold the site, if any.

    Returns
    -------
    int
        0, or 1 if the site has a fault.
    """
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            str(source),
            None,
            str(target),
            str(work),
            "html",
            confoverrides=conf,
            warningiserror=strict,
            parallel=os.cpu_count() or 1,
            status=None,
        )
        known = glossary.terms(_glossary(source))
        app.connect("doctree-resolved", lambda *seen: _link(known, *seen))
        app.connect("autodoc-process-docstring", _tell, priority=BEFORE_NAPOLEON)
        settled = partial(_buttons, branch)
        app.connect("html-page-context", settled, priority=AFTER_THE_THEME)
        app.build()
        return app.statuscode


def _glossary(source: Path) -> str:
    path = source / f"{glossary.PAGE}.md"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _link(known: dict[str, str], app: "Sphinx", tree: "nodes.document", name: str) -> None:
    if name.startswith("chapters/ch"):
        uri = app.builder.get_relative_uri(name, glossary.PAGE)
        glossary.link_terms(tree, known, uri)


def _tell(app: "Sphinx", kind: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    lines[:] = api.with_sentences(lines)


def _buttons(
    branch: str,
    app: "Sphinx",
    name: str,
    template: str,
    context: dict[str, Any],
    tree: "nodes.document | None",
) -> None:
    to = context["pathto"]
    is_notebook = context.get("page_source_suffix") == ".ipynb"
    file = to(f"{launch.HANDED_OUT}/{name}.ipynb", True) if is_notebook else ""
    run = f"{to('run')}#on-binder-and-on-colab"
    launch.settle(context["header_buttons"], file, branch, run)
