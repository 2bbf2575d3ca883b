"""Random numbers keyed by (seed, product, night), so that no night depends on which others are made."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, product: str, night: str = "") -> np.random.Generator:
    """A generator of its own for each seed, product and night; the same on every machine."""
    digest = hashlib.sha256(f"{product}/{night}".encode()).digest()
    words = [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4)]
    return np.random.default_rng(np.random.SeedSequence([seed, *words]))
