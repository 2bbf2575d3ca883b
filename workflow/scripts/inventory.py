from pathlib import Path

from metalclouds.ingest.inventory import make_inventory
from metalclouds.ingest.settings import IngestSettings
from metalclouds.schema.documents import Manifest
from metalclouds.workflow import job

with job(snakemake):
    manifest = Manifest.read(snakemake.input.manifest)
    settings = IngestSettings(**snakemake.params.settings)
    inventory = make_inventory(
        manifest, snakemake.wildcards.instrument, Path(snakemake.params.run_dir), settings, snakemake.params.cases
    )
    inventory.write(snakemake.output[0])
