"""Is there an enhancement of TEC above the lidar? Each night is compared with quiet nights near it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from metalclouds.derive.tec_campaign import Array, TecCampaign, lidar_box
from metalclouds.derive.tec_excess import Changed, Excesses
from metalclouds.derive.tec_noise import (
    Noise,
    hours_with_margin,
    least_mass,
    masses_by_third,
    needed_mass,
    own_scatter,
    reference_cells,
    standing,
)
from metalclouds.derive.tec_region import TecRegion, find_region, smoothed


@dataclass(frozen=True)
class SearchedNight:
    """The excess of a night by one method, and what the search over the lidar says.

    `found` is None where there was nothing to judge by; `least_tecu` is the mean excess of the least region over the
    lidar that would have been found.
    """

    excess: Array
    region: TecRegion
    quiet: tuple[int, ...]
    significance: float
    found: bool | None
    least_tecu: float


class QuietDayComparison:
    """Decides over which nights there is an enhancement above the lidar, by one background method.

    Each night has an excess over the background and a heaviest region over the lidar in it. A night is enhanced if
    that region is far heavier than on the quiet nights near it. Where there are too few quiet nights, the
    zonal high-pass, which needs none for its background, takes the noise from the night itself (`own_noise`).
    Nights thought enhanced do not serve as quiet ones: first the suspects, then the nights that were found. The
    search is repeated until the set no longer grows.

    Parameters
    ----------
    campaign
        all nights on the common grid.
    method
        `quiet_days` or `zonal_highpass`.
    suspects
        nights that are not taken as quiet from the beginning.
    """

    def __init__(self, campaign: TecCampaign, method: str, suspects: Collection[str]) -> None:
        self.campaign, self.method = campaign, method
        busy = {index for index, night in enumerate(campaign.nights) if night in suspects}
        self.excesses = Excesses(campaign, method, busy)
        self._regions: dict[int, TecRegion] = {}
        self._own: dict[int, Noise] = {}
        self.lidar = lidar_box(campaign.grid, campaign.settings.place, campaign.settings.over_lidar_deg)
        for _ in range(campaign.settings.rounds):
            found = {i for i in range(len(campaign.nights)) if self.search(i).found}
            if found <= self.excesses.busy:
                break
            self.excesses.add_busy(found)
            self._regions.clear()

    def _over_lidar(self, score: Array) -> TecRegion:
        return find_region(score, self.campaign.grid, self.campaign.settings, self.lidar)

    def _region_of(self, index: int) -> TecRegion:
        """The heaviest region over the lidar on a night, in the scatter of its quiet nights."""
        if index not in self._regions:
            scatter = self.excesses.scatter(self.excesses.quiet(index))
            self._regions[index] = self._over_lidar(self.excesses.smoothed_of(index) / scatter)
        return self._regions[index]

    def enough(self, quiet: Sequence[int]) -> bool:
        """Whether some quiet nights are enough to judge by."""
        return len(quiet) >= max(self.campaign.settings.minimum_quiet_days, 2)

    def noise(self, index: int) -> Noise | None:
        """What the excess of a night is judged by; None if there is nothing."""
        quiet = self.excesses.quiet(index)
        if self.enough(quiet):
            masses = [self._region_of(i).mass for i in quiet if self.excesses.quiet(i)]
            return Noise(self.excesses.scatter(quiet), np.array(masses))
        return self.own_noise(index) if self.method == "zonal_highpass" else None

    def own_noise(self, index: int) -> Noise | None:
        """Noise from the residual of the night itself and of others that have too few quiet nights.

        The scatter of a cell is taken over the epochs outside the hours of the region over the lidar. Masses are
        those of the heaviest regions of the excess with its sign changed, in each third of the map, outside these
        hours. None if the maps hold fewer than two such regions' worth of data.
        """
        alone = [i for i in range(len(self.campaign.nights)) if not self.enough(self.excesses.quiet(i))]
        parts = [self._own_noise(i) for i in alone]
        masses = np.concatenate([part.masses for part in parts])
        own = self._own_noise(index)
        there = np.isfinite(own.scatter[..., self.lidar]).any()
        return Noise(own.scatter, masses) if there and masses.size >= 2 else None

    def _own_noise(self, index: int) -> Noise:
        if index not in self._own:
            smooth = self.excesses.smoothed_of(index)
            grid, settings = self.campaign.grid, self.campaign.settings
            first = own_scatter(smooth, np.ones(grid.hours.size, dtype=bool), grid, settings)
            outside = ~hours_with_margin(self._over_lidar(smooth / first), grid, settings)
            scatter = own_scatter(smooth, outside, grid, settings)
            score = np.where(outside[:, None, None], -smooth / scatter, np.nan)
            self._own[index] = Noise(scatter, masses_by_third(score, grid, settings))
        return self._own[index]

    def search(self, index: int, changed: Changed | None = None) -> SearchedNight:
        """Search a night; `changed` replaces its maps, as where a satellite is left out."""
        quiet, settings, noise = self.excesses.quiet(index), self.campaign.settings, self.noise(index)
        if noise is None:
            return self._undecided(index, quiet)
        excess = self.excesses.of(index) if changed is None else self.excesses.of_changed(changed, quiet)
        if changed is None and self.enough(quiet):
            region = self._region_of(index)
        else:
            region = self._over_lidar(smoothed(excess, self.campaign.grid, settings) / noise.scatter)
        significance, chance = standing(region.mass, noise.masses, least_mass(settings), settings.minimum_scatter)
        found = region.mass > 0 and chance < settings.false_alarm
        return SearchedNight(excess, region, quiet, significance, bool(found), self.least_tecu(noise))

    def least_tecu(self, noise: Noise) -> float:
        """Mean excess of the least region over the lidar that the search would find, TECU.

        The region lasts two hours and reaches over ten degrees of latitude with the width of the smoothing. Its
        cells must pass the sigma of a region; its mass must be so large that noise reaches it with no more than the
        probability of a false alarm.
        """
        settings = self.campaign.settings
        needed = needed_mass(noise.masses, least_mass(settings), settings.minimum_scatter, settings.false_alarm)
        score = max(settings.region_sigma, needed / reference_cells(settings))
        return score * float(np.sqrt(np.nanmean(noise.scatter[..., self.lidar] ** 2)))

    def _undecided(self, index: int, quiet: tuple[int, ...]) -> SearchedNight:
        """Nothing to judge by: the excess may be there or not."""
        excess = self.excesses.of(index)
        nothing = TecRegion(0.0, np.zeros(excess.shape, dtype=bool))
        return SearchedNight(excess, nothing, quiet, float("nan"), None, float("nan"))
