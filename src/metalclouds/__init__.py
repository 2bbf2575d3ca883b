"""Metal ion clouds above the metal layer: from a public data record to figures, verdicts and a page."""

import importlib

__version__ = "0.1.0"

# Public name -> the module that holds it; a package stands for itself.
_PUBLIC = {
    "open_nights": "metalclouds.ingest.files",
    "plot_night": "metalclouds.figures.one_night",
    "detect": "metalclouds.detect",
    "Site": "metalclouds.ingest.settings",
    "IngestSettings": "metalclouds.ingest.settings",
    "LidarSettings": "metalclouds.ingest.settings",
    "DetectSettings": "metalclouds.detect.settings",
    "FiguresSettings": "metalclouds.figures.settings",
}


def __dir__() -> list[str]:
    """The public names, also those that nobody has asked for yet."""
    return sorted({*globals(), *_PUBLIC})


def __getattr__(name: str) -> object:
    """The public names, imported when they are asked for: what nobody uses costs no time."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(_PUBLIC[name])
    return module if module.__name__ == f"{__name__}.{name}" else getattr(module, name)
