"""Column density, centroid and width of the main layer of each night."""

from metalclouds import workflow

with workflow.job(snakemake), workflow.client(snakemake, "metalclouds.derive.columns") as client:
    # Imported here, so that this process and the one that workers are forked from import at the same time.
    from metalclouds import io
    from metalclouds.derive.columns import columns
    from metalclouds.derive.nights import night_files
    from metalclouds.derive.settings import ColumnSettings
    from metalclouds.schema.datasets import NIGHTLY_DENSITY, check_dataset
    from metalclouds.schema.tables import COLUMNS

    given, parameters = snakemake.input, snakemake.params
    files = night_files(given.lidar, given.detect)
    table, density = columns(files, ColumnSettings(**parameters.settings), client)
    COLUMNS.write(snakemake.output.columns, table)
    check_dataset(density, NIGHTLY_DENSITY, snakemake.output.nightly_density)
    io.write_netcdf(snakemake.output.nightly_density, density)
