"""Metal ion clouds above the metal layer: from a public data record to figures, verdicts and a page."""

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """`open_nights`, imported when it is asked for: most users of the package read no foreign files."""
    if name == "open_nights":
        from metalclouds.ingest.files import open_nights

        return open_nights
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
