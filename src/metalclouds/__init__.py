"""Metal ion clouds above the metal layer: from a public data record to figures, verdicts and a page."""

__version__ = "0.1.0"
