"""Maps of TEC that are rarer than the epochs of the grid leave a region in one piece."""

import numpy as np

from metalclouds.derive.tec_background import Grid
from metalclouds.derive.tec_region import find_region, smoothed
from metalclouds.derive.tec_settings import EnhancementSettings


def test_a_region_in_a_map_every_quarter_hour_is_one_region():
    settings = EnhancementSettings()
    hours = np.arange(12.0, 18.0, settings.epoch_minutes / 60.0)
    grid = Grid(hours, np.arange(20.0, 50.0), np.arange(100.0, 130.0))
    excess = np.zeros((hours.size, grid.latitude.size, grid.longitude.size))
    excess[20:40, 5:22, 14:18] = 3.0
    rare = np.full_like(excess, np.nan)
    kept = np.unique(np.round(np.arange(0, hours.size, 2.5)).astype(int))
    rare[kept] = excess[kept]
    every, seldom = (find_region(smoothed(one, grid, settings) / 0.3, grid, settings) for one in (excess, rare))
    assert every.mass > 0
    # The same excess, seen in two epochs of five: an epoch at either end may be lost.
    assert 0.8 * every.mass < seldom.mass < 1.2 * every.mass
