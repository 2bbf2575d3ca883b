from pathlib import Path

from metalclouds.batches import chosen_cases
from metalclouds.ingest.inventory import make_inventory
from metalclouds.ingest.settings import IngestSettings
from metalclouds.schema.documents import Manifest
from metalclouds.workflow import job

with job(snakemake):
    manifest = Manifest.read(snakemake.input.manifest)
    settings = IngestSettings(**snakemake.params.settings)
    instrument, run_dir = snakemake.wildcards.instrument, Path(snakemake.params.run_dir)
    others = [] if instrument == "lidar" else chosen_cases(run_dir)
    cases = snakemake.params.cases or [case["night"] for case in others]
    inventory = make_inventory(manifest, instrument, run_dir, settings, cases)
    inventory.write(snakemake.output[0])
