"""Parts of a night, from whatever readers, put into the one form that the contract asks for."""

from __future__ import annotations

from collections.abc import Iterable

import xarray as xr

# Attribute of a part that names the file it came from; it does not reach the product.
INPUT_FILE = "input_file"


def files_of(parts: Iterable[xr.Dataset]) -> str:
    """Names of the files that parts came from, for a decision.

    Parameters
    ----------
    parts
        datasets with the attribute `input_file`.
    """
    return ", ".join(sorted({str(part.attrs.get(INPUT_FILE, "?")) for part in parts}))
