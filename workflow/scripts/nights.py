"""A row a night, and counts of nights by year and against the threshold."""

from metalclouds import io, workflow
from metalclouds.derive.nights import nights
from metalclouds.derive.occurrence import clear_threshold, occurrence_by_year
from metalclouds.derive.settings import OccurrenceSettings

with workflow.job(snakemake):
    settings = OccurrenceSettings(**snakemake.params.settings)
    detected = io.read_csv(snakemake.input.detected)
    table = nights(detected, io.read_csv(snakemake.input.columns))
    io.write_csv(snakemake.output.nights, table)
    io.write_csv(snakemake.output.by_year, occurrence_by_year(table, settings))
    io.write_csv(snakemake.output.threshold, clear_threshold(detected, settings))
