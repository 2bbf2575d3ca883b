"""Occurrence and mean columns of calendar months."""

from pathlib import Path

from metalclouds import io, workflow
from metalclouds.derive.monthly import monthly, monthly_density
from metalclouds.derive.settings import OccurrenceSettings
from metalclouds.schema.datasets import MONTHLY_DENSITY, check_dataset
from metalclouds.schema.tables import MONTHLY

with workflow.job(snakemake):
    given, parameters = snakemake.input, snakemake.params
    nights, columns = io.read_csv(given.nights), io.read_csv(given.columns)
    settings = OccurrenceSettings(**parameters.settings)
    MONTHLY.write(snakemake.output.monthly, monthly(nights, columns, settings, parameters.p_false))
    inputs = {Path(path).name: io.sha256(path) for path in (given.nights, given.nightly_density)}
    with workflow.dask_threads(snakemake), io.open_netcdf(given.nightly_density) as nightly:
        density = monthly_density(nightly.chunk(night=366), nights, inputs, settings)
    check_dataset(density, MONTHLY_DENSITY, snakemake.output.density)
    io.write_netcdf(snakemake.output.density, density)
