from pathlib import Path

from metalclouds import io
from metalclouds.ingest.inventory import make_inventory
from metalclouds.ingest.settings import IngestSettings
from metalclouds.workflow import job

with job(snakemake):
    manifest = io.read_json(snakemake.input.manifest)
    settings = IngestSettings(**snakemake.params.settings)
    inventory = make_inventory(
        manifest, snakemake.wildcards.instrument, Path(snakemake.params.run_dir), settings, snakemake.params.cases
    )
    io.write_json(snakemake.output[0], inventory)
