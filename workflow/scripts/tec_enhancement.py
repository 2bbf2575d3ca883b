"""Enhanced regions of TEC, their series at the lidar, and the maps of Figure 2."""

from metalclouds import io, workflow
from metalclouds.batches import nights_of
from metalclouds.derive.tec_product import tec_files
from metalclouds.derive.tec_settings import EnhancementSettings
from metalclouds.schema.tables import TEC_ENHANCEMENT, TEC_SERIES

with workflow.job(snakemake):
    parameters = snakemake.params
    paths = nights_of(snakemake.input.get("tec", []))
    files = tec_files(list(paths.values()), EnhancementSettings(**parameters.settings), parameters.cases)
    TEC_ENHANCEMENT.write(snakemake.output.enhancement, files.enhancement)
    TEC_SERIES.write(snakemake.output.series, files.series)
    io.write_netcdf(snakemake.output.maps, files.maps)
