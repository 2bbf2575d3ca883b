"""Find clouds and stripes in one night of lidar; the package itself can be called: `metalclouds.detect(night)`."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

    from metalclouds.detect.night import DetectedNight
    from metalclouds.detect.settings import DetectSettings


class _Detect(ModuleType):
    """This package, which finds things when it is called."""

    def __call__(self, night: xr.Dataset, settings: DetectSettings | None = None) -> DetectedNight:
        """Find clouds and stripes in a night.

        Parameters
        ----------
        night
            dims (time, altitude), as `metalclouds.open_nights` gives it: counts or density (cm-3), altitude in km
            above sea level, times in UTC.
        settings
            section `detect` of the configuration.

        Returns
        -------
        DetectedNight
            tables `stripes`, `events` (clouds and connections), `stripe_profiles` and `night` as DataFrames, and the
            `dataset` of mask and significance; columns: docs/products.md.

        Raises
        ------
        ContractError
            If the night holds neither counts nor density.
        """
        from metalclouds.detect.night import detect_night
        from metalclouds.detect.settings import DetectSettings

        return detect_night(night, settings or DetectSettings())


sys.modules[__name__].__class__ = _Detect
