"""Density from counts of a resonance lidar, normalised to Rayleigh scattering."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metalclouds.errors import ReadError, UndecidedError
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.settings import PAPERS_STATIONS
from metalclouds.physics.resonance import LINES, rayleigh_backscatter_m2_sr, resonance_backscatter_m2_sr

# Solar and geomagnetic indices change the air at 30 km by less than 0.1 %; these are moderate values.
_F107, _AP = 100.0, 4.0


def air_density_cm3(
    moment: np.datetime64, altitude_km: np.ndarray | float, latitude: float, longitude: float
) -> np.ndarray:
    """Number density of air from NRLMSISE-00 (sum of the molecules and atoms; Picone et al. 2002).

    Parameters
    ----------
    moment
        UTC.
    altitude_km
        above sea level, dims (altitude,) or one.

    Returns
    -------
    ndarray
        cm-3, dims (altitude,).
    """
    import pymsis

    altitude = np.atleast_1d(np.asarray(altitude_km, float))
    state = np.asarray(pymsis.calculate(moment, longitude, latitude, altitude, _F107, _F107, [[_AP] * 7], version=0))
    return np.asarray(np.nansum(state.reshape(-1, 11)[:, 1:8], axis=1) * 1e-6)


# Altitudes at which the return of air is told, km.
_AIR_KM = (70.0, 80.0, 100.0)
# A background is the mean of this many km at the top of the profiles, where nothing is said.
_BACKGROUND_KM = 40.0


# Of the lidar of Chen et al. 2026, Ca+ at 393.366 nm, air and resonance, m2 sr-1.
_OF_THE_PAPER = (2.0172e-31, 1.091e-16)
# A station within this many degrees of the paper's is taken for it.
_SAME_STATION_DEG = 1.0
# A wavelength this far from the line of the constants is another line of the metal, as Na D1 beside D2.
_SAME_LINE_NM = 0.5
_AIR_INDEX = 1.00028
# Widths (GHz) of a seeded laser and of a pulsed dye laser, whose cross sections a question shows.
_NARROW, _WIDE = 0.1, 2.0
_WITH_IT = (
    "--config mine.yaml; or, where the file has a calibration, options: {variables: {calibration_factor: NAME}}"
)


def _remedy(altitude_km: np.ndarray, reference: bool, asked: str) -> str:
    """The lines of a configuration by which the retrieval stays within the profiles.

    Parameters
    ----------
    altitude_km
        above sea level, dims (altitude,).
    asked
        a key that has to be given, too, or "".
    """
    top = float(np.floor(altitude_km.max()))
    low = np.ceil(max(top - _BACKGROUND_KM, 0.5 * top))
    lines = f"ingest: {{lidar: {{retrieval_background_km: [{low:g}, {top - 1.0:g}]{asked and f', {asked}'}}}}}"
    own = "" if reference else ", and retrieval_reference_km where there are counts of air (15 to 60 km)"
    return (
        f"a file mine.yaml with the line\n         {lines}\n    (altitudes without resonance signal{own}), then "
        f"{_WITH_IT}"
    )


@dataclass(frozen=True)
class _CrossSections:
    """Of air and of the metal, m2 sr-1, None where nothing gives it; what a person is asked, and in which words."""

    species: str
    air: float | None
    metal: float | None
    other_line_nm: float | None = None
    papers_laser: bool = False

    @property
    def asked(self) -> str:
        """The keys that have to be given, as they stand in a configuration, or ""."""
        if self.metal is None and self.species in LINES and self.other_line_nm is None:
            return "laser_width_GHz: NUMBER"
        missing = {"resonance_backscatter_m2_sr": self.metal, "rayleigh_backscatter_m2_sr": self.air}
        return ", ".join(f"{key}: NUMBER" for key, value in missing.items() if value is None)

    @property
    def words(self) -> str:
        """What the metal's cross section would be for two lasers."""
        if self.species not in LINES:
            return f"no line of {self.species} is known here"
        if self.other_line_nm is not None:
            known = LINES[self.species]
            return f"the file's wavelength is {self.other_line_nm:.6g} nm; the constants are of {known.name}"
        narrow, wide = (resonance_backscatter_m2_sr(self.species, width) for width in (_NARROW, _WIDE))
        name = LINES[self.species].name
        return f"{name}: {narrow:.2e} m2 sr-1 for a laser of {_NARROW:g} GHz, {wide:.2e} for one of {_WIDE:g} GHz"


def _cross_sections(context: Context, wavelength_nm: float | None = None) -> _CrossSections:
    """Those of the settings, else of the species' line; never those of another species, or another line."""
    lidar = context.settings.lidar
    species = str(context.options.get("species") or lidar.species)
    air, metal = lidar.rayleigh_backscatter_m2_sr, lidar.resonance_backscatter_m2_sr
    if wavelength_nm is not None and not _is_line(species, wavelength_nm):
        air = rayleigh_backscatter_m2_sr(wavelength_nm) if air is None else air
        return _CrossSections(species, air, metal, other_line_nm=wavelength_nm)
    if metal is None and lidar.laser_width_GHz is not None and species in LINES:
        metal = resonance_backscatter_m2_sr(species, lidar.laser_width_GHz)
    if species == "Ca+":
        papers = metal is None and not _stands_elsewhere(context)
        metal = _OF_THE_PAPER[1] if papers else metal
        return _CrossSections(species, air or _OF_THE_PAPER[0], metal, papers_laser=papers)
    if air is None and species in LINES:
        air = rayleigh_backscatter_m2_sr(LINES[species].wavelength_nm)
    return _CrossSections(species, air, metal)


def _is_line(species: str, wavelength_nm: float) -> bool:
    """Whether a stated wavelength, in air or vacuum, is that of the line whose constants are known."""
    return species in LINES and abs(wavelength_nm - LINES[species].wavelength_nm / _AIR_INDEX) <= _SAME_LINE_NM


def _stands_elsewhere(context: Context) -> bool:
    """Whether the station is known and is not the paper's, whose laser is another."""
    paper, site = PAPERS_STATIONS["lidar"], context.site
    east = (site.longitude - paper.longitude + 180.0) % 360.0 - 180.0
    away = max(abs(site.latitude - paper.latitude), abs(east))
    return context.site_given and away > _SAME_STATION_DEG


def _ratio(sections: _CrossSections, context: Context) -> float:
    """Rayleigh over resonance cross section.

    Raises
    ------
    UndecidedError
        If that of the metal, or of air at its wavelength, is not known: it depends on the laser.
    """
    if sections.air is None or sections.metal is None:
        lidar = context.settings.lidar
        low, high = lidar.retrieval_background_km
        given = "retrieval_background_km" in lidar.model_fields_set
        kept = f"retrieval_background_km: [{low:g}, {high:g}], " if given else ""
        raise UndecidedError(
            f"counts of {sections.species} without calibration: which cross section?",
            file=context.file,
            rule="the effective resonance cross section depends on the line and on the width of the laser",
            given=sections.words,
            remedy=f"a file mine.yaml with the line\n         ingest: {{lidar: {{{kept}{sections.asked}}}}}\n    (or "
            "resonance_backscatter_m2_sr: NUMBER in m2 sr-1, and rayleigh_backscatter_m2_sr for another line), "
            f"then {_WITH_IT}",
        )
    return sections.air / sections.metal


_PAPERS_LASER = " (of the paper's laser; laser_width_GHz gives that of another)"


def calibration(
    counts: np.ndarray,
    distance_km: np.ndarray,
    times: np.ndarray,
    context: Context,
    wavelength_nm: float | None = None,
) -> dict[str, np.ndarray]:
    """Background and calibration of each profile by the resonance lidar equation, and the return of air.

    n(z) = (z^2/z_R^2) (sigma_Ray/sigma_eff) (N(z)-N_B)/(N(z_R)-N_B) n_air(z_R), so
    calibration_factor = (sigma_Ray/sigma_eff) n_air(z_R) / (z_R^2 (N(z_R)-N_B)), z from the station.
    By the same equation air of density n_air(z) is taken for a metal of (sigma_Ray/sigma_eff) n_air(z).

    Parameters
    ----------
    counts
        dims (time, altitude).
    distance_km
        height above the station.
    times
        UTC, datetime64, dims (time,).
    wavelength_nm
        that the file states, None where it states none.

    Returns
    -------
    dict
        background_counts, background_counts_error (counts in a bin), calibration_factor (cm-3 km-2), dims (time,);
        air_return_density (cm-3 of the metal), dims (altitude,).

    Raises
    ------
    ReadError
        If the profiles do not reach the reference or the background altitudes, or show no Rayleigh signal.
    UndecidedError
        If the cross section of the metal for its laser is not known.
    """
    lidar, site = context.settings.lidar, context.site
    altitude_km, sections = distance_km + site.altitude_km, _cross_sections(context, wavelength_nm)
    low, high = lidar.retrieval_background_km
    empty = (altitude_km >= low) & (altitude_km <= high)
    near = np.abs(altitude_km - lidar.retrieval_reference_km) <= 0.5
    if not empty.any() or not near.any():
        raise ReadError(
            "counts without calibration do not reach the altitudes of the retrieval",
            file=context.file,
            rule=f"{lidar.retrieval_reference_km:g} km and {low:g} to {high:g} km, above sea level",
            given=f"{altitude_km.min():g} to {altitude_km.max():g} km above sea level"
            + (f"; {sections.words}" if sections.asked else ""),
            remedy=_remedy(altitude_km, bool(near.any()), sections.asked),
        )
    ratio, bottom = _ratio(sections, context), lidar.retrieval_reference_km - site.altitude_km
    background = counts[:, empty].mean(axis=1)
    signal = counts[:, near].mean(axis=1) - background
    if not (signal > 0).all():
        raise ReadError(
            "no Rayleigh signal at the reference altitude",
            file=context.file,
            given=f"{int((signal <= 0).sum())} profiles",
        )
    air = float(air_density_cm3(times[0], lidar.retrieval_reference_km, site.latitude, site.longitude)[0])
    context.decisions.record(
        "calibration",
        f"Rayleigh at {lidar.retrieval_reference_km:g} km",
        f"cross sections of air {sections.air:.4g} and {sections.species} {sections.metal:.4g} m2 sr-1"
        f"{_PAPERS_LASER if sections.papers_laser else ''}; the file has no calibration; "
        f"NRLMSISE-00 air {air:.4e} cm-3",
    )
    return {
        "background_counts": background,
        "background_counts_error": np.sqrt(background / int(empty.sum())),
        "calibration_factor": ratio * air / (bottom**2 * signal),
        "air_return_density": _air_return(ratio, altitude_km, times[0], context),
    }


def _air_return(ratio: float, altitude_km: np.ndarray, moment: np.datetime64, context: Context) -> np.ndarray:
    """Density of the metal that the light scattered by air would be taken for, cm-3, dims (altitude,)."""
    site = context.site
    told = ratio * air_density_cm3(moment, np.array(_AIR_KM), site.latitude, site.longitude)
    context.decisions.record(
        "return of air",
        "taken off",
        "light that air scatters, as density of the metal: "
        + ", ".join(f"{one:.2g} cm-3 at {km:g} km" for one, km in zip(told, _AIR_KM, strict=True))
        + " (air of NRLMSISE-00; tides and waves move the air of a night by a tenth or so)",
    )
    return ratio * air_density_cm3(moment, altitude_km, site.latitude, site.longitude)
