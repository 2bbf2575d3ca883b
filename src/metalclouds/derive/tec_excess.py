"""Excess of TEC over its background, night by night; every array is made once and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metalclouds.derive.tec_background import (
    excess_over_quiet_days,
    excess_over_zonal_background,
    quiet_background,
)
from metalclouds.derive.tec_campaign import Array, TecCampaign
from metalclouds.derive.tec_region import quiet_scatter, smoothed


@dataclass(frozen=True)
class Changed:
    """Maps of a night without a satellite: `values` beside the `whole` maps and the excess of these, TECU."""

    values: Array
    whole: Array
    whole_excess: Array


class Excesses:
    """Excess of the nights of a campaign by one background method, and its scatter on quiet nights.

    Parameters
    ----------
    campaign
        all nights on the common grid.
    method
        `quiet_days`, or `zonal_highpass`, which needs no other night.
    busy
        numbers of the nights that may not serve as quiet ones.
    """

    def __init__(self, campaign: TecCampaign, method: str, busy: set[int]) -> None:
        self.campaign, self.method, self.busy = campaign, method, busy
        self._backgrounds: dict[tuple, Array] = {}
        self._excesses: dict[tuple, Array] = {}
        self._smoothed: dict[tuple, Array] = {}
        self._scatters: dict[tuple, Array] = {}

    def add_busy(self, nights: set[int]) -> None:
        """Take more nights out of the quiet ones, and drop the arrays that rest on them."""
        self.busy |= nights
        self._scatters.clear()
        self._backgrounds.clear()
        valid = {self._key(index) for index in range(len(self.campaign.nights))}
        for kept in (self._excesses, self._smoothed):
            for key in set(kept) - valid:
                del kept[key]

    def _key(self, index: int) -> tuple:
        return (index,) if self.method == "zonal_highpass" else (index, self.quiet(index))

    def quiet(self, index: int) -> tuple[int, ...]:
        """Numbers of the quiet nights that a night is compared with."""
        near = self.campaign.neighbours(self.campaign.nights[index])
        return tuple(i for i in near if i not in self.busy)

    def over_background(self, values: Array, quiet: Sequence[int]) -> Array:
        """Excess of one night's maps over the background."""
        settings = self.campaign.settings
        if self.method == "zonal_highpass":
            return excess_over_zonal_background(values, settings)
        return excess_over_quiet_days(values, self._background(quiet), settings)

    def renewed(
        self,
        excess: Array,
        values: Array,
        quiet: Sequence[int],
        where: NDArray[np.bool_],
        exclude: NDArray[np.bool_] | None = None,
    ) -> Array:
        """The excess where the fits that hold some cells are made anew, without the excluded ones.

        A fit covers an epoch, or with the zonal background a latitude at an epoch.

        Parameters
        ----------
        excess, values
            excess and vertical TEC of the night, TECU, dims (epoch, latitude, longitude).
        quiet
            numbers of the quiet nights in the campaign.
        where, exclude
            bool, dims of `values`; None for no cell.

        Returns
        -------
        ndarray
            TECU, dims of `values`.
        """
        out, settings = excess.copy(), self.campaign.settings
        if self.method == "zonal_highpass":
            lines = np.nonzero(where.any(axis=2))
            fitted = None if exclude is None else exclude[lines][:, None]
            out[lines] = excess_over_zonal_background(values[lines][:, None], settings, fitted)[:, 0]
            return out
        epochs = np.flatnonzero(where.any(axis=(1, 2)))
        fitted = None if exclude is None else exclude[epochs]
        out[epochs] = excess_over_quiet_days(values[epochs], self._background(quiet)[epochs], settings, fitted)
        return out

    def of_changed(self, changed: Changed, quiet: Sequence[int]) -> Array:
        """Excess of maps without a satellite: only the cells that differ are fitted again."""
        same = (changed.values == changed.whole) | (np.isnan(changed.values) & np.isnan(changed.whole))
        return self.renewed(changed.whole_excess, changed.values, quiet, ~same)

    def _background(self, quiet: Sequence[int]) -> Array:
        key = tuple(quiet)
        if key not in self._backgrounds:
            self._backgrounds[key] = quiet_background(self.campaign.values[list(key)], self.campaign.settings)
        return self._backgrounds[key]

    def of(self, index: int) -> Array:
        """Excess of a night over the quiet nights near it."""
        key = self._key(index)
        if key not in self._excesses:
            self._excesses[key] = self.over_background(self.campaign.values[index], self.quiet(index))
        return self._excesses[key]

    def smoothed_of(self, index: int) -> Array:
        """The same, smoothed over time and place for the search."""
        key = self._key(index)
        if key not in self._smoothed:
            self._smoothed[key] = smoothed(self.of(index), self.campaign.grid, self.campaign.settings)
        return self._smoothed[key]

    def of_quiet(self, quiet: Sequence[int]) -> list[Array]:
        """Excess of each of some quiet nights."""
        return [self.of(i) for i in quiet]

    def scatter(self, quiet: Sequence[int]) -> Array:
        """Scatter of the smoothed excess on quiet nights."""
        key = tuple(quiet)
        if key not in self._scatters:
            nights = [self.smoothed_of(i) for i in quiet]
            self._scatters[key] = quiet_scatter(nights, self.campaign.grid, self.campaign.settings)
        return self._scatters[key]
