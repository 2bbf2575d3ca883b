from pathlib import Path

from metalclouds.fetch.folder import fetch_record
from metalclouds.workflow import job

with job(snakemake):
    manifest = fetch_record(Path(snakemake.input.record), Path(snakemake.params.run_dir))
    manifest.write(snakemake.output[0])
