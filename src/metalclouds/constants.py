"""Numbers with a source. Settings that a user may change live in config/, not here."""

from __future__ import annotations

# Yanqing lidar, Chen et al. 2026, lines 67-68. The altitude of the station is not given there; the Yanqing
# site of the National Space Science Center lies at about 0.5 km (terrain of the town of Yanqing).
LIDAR_LATITUDE_DEG = 40.4
LIDAR_LONGITUDE_DEG = 116.0
LIDAR_ALTITUDE_KM = 0.5

# Digisonde at Changping, Chen et al. 2026, line 78.
IONOSONDE_LATITUDE_DEG = 40.3
IONOSONDE_LONGITUDE_DEG = 116.2

# Fabry-Perot interferometer at Xinglong, Chen et al. 2026, lines 91-94; nominal emission altitudes from there.
FPI_LATITUDE_DEG = 40.2
FPI_LONGITUDE_DEG = 117.4
FPI_EMISSIONS_NM = (557.7, 630.0, 892.0)
FPI_EMISSION_ALTITUDE_KM = {557.7: 97.0, 630.0: 250.0, 892.0: 87.0}

# IUGG mean radius.
EARTH_RADIUS_KM = 6371.0088

# 1 TECU = 1e16 electrons m-2, by definition.
ELECTRONS_PER_M2_PER_TECU = 1e16

# Critical frequency and density: Ne[cm-3] = 1.24e4 f[MHz]^2 (plasma frequency; Ejiri et al. 2019 use the same).
ELECTRONS_PER_CM3_PER_MHZ2 = 1.24e4

# Magnetic field at 250 km above the lidar: dip 59.5 deg, declination -7 deg (IGRF-13 for 2021).
MAGNETIC_DIP_DEG = 59.5
MAGNETIC_DECLINATION_DEG = -7.0

# What the project has schemas for.
INSTRUMENTS = ("lidar", "tec", "fpi", "ionosonde")

# Line that fetch puts above an answer of GIRO, whose columns come in the order of the request.
GIRO_REQUESTED = "# requested characteristics:"
