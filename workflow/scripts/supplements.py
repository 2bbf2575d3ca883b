"""Tests of the explanation: meteoroid trails against their rivals."""

from pathlib import Path

from metalclouds import io, workflow
from metalclouds.batches import nights_of
from metalclouds.physics.settings import TrailSettings
from metalclouds.physics.wind import measured_wind
from metalclouds.schema.tables import DERIVE_TABLES
from metalclouds.supplements.settings import SupplementSettings
from metalclouds.supplements.tables import Given, read_tables, supplements

with workflow.job(snakemake):
    inputs, parameters = snakemake.input, snakemake.params
    trail = TrailSettings(**parameters.trail)
    wind = measured_wind(map(io.read_netcdf, nights_of(inputs.wind).values()), trail)
    with io.open_netcdf(inputs.density) as density:
        species = str(density.attrs["species"])
    settings = SupplementSettings(**parameters.settings)
    given = Given(read_tables(inputs.tables), wind, trail, settings, species=species, site=tuple(parameters.site))
    made = supplements(given)
    for target in snakemake.output:
        name = Path(target).name
        DERIVE_TABLES[name].write(target, made[Path(name).stem])
