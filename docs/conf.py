"""The documentation as pages, by `make docs`: the Markdown files of docs/ and the docstrings of the library."""

import inspect
import textwrap
from typing import Any

from sphinx.application import Sphinx
from sphinx.ext.napoleon import Config, NumpyDocstring

import metalclouds
from metalclouds.ingest.files import read_any

DETECT: Any = metalclouds.detect

project = "metalclouds"
author = "The metalclouds developers"
version = release = metalclouds.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "docs/index"
include_patterns = ["docs/**.md", "config/README.md", "tests/data/README.md", "*.md"]
# Folders of a checkout that hold no documentation.
exclude_patterns = ["docs/_build", ".*", "results", "record", "truth", "envs", "src", "tests/[!d]*", "workflow"]

# A page that stands in no menu is no fault; a link that leads nowhere is.
suppress_warnings = ["toc.not_included"]
default_role = "code"
myst_heading_anchors = 3
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"metalclouds {version}"
html_extra_path = ["_build/extra"]
html_copy_source = False
html_show_sourcelink = False


def docstring(function: Any) -> str:
    """A docstring as the content of a directive."""
    text = str(NumpyDocstring(inspect.getdoc(function) or "", Config(napoleon_use_rtype=False)))
    return textwrap.indent(text, "   ").strip()


def fill(app: Sphinx, name: str, source: list[str]) -> None:
    """Docstrings of what has another name than its own: a module that is called, a function that hands on."""
    for mark, function in (("@DETECT@", DETECT.__call__), ("@READ_ANY@", read_any)):
        if mark in source[0]:
            source[0] = source[0].replace(mark, docstring(function))


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", fill)
