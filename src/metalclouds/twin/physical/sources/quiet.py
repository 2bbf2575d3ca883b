"""Nothing above the main layer."""

from __future__ import annotations

from metalclouds.twin.physical.puffs import Chain
from metalclouds.twin.physical.scene import Scene


def chains(scene: Scene) -> list[Chain]:
    """No chain."""
    return []
