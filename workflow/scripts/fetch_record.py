from pathlib import Path

from metalclouds.fetch.folder import fetch_record
from metalclouds.workflow import job

with job(snakemake):
    run_dir, files = Path(snakemake.params.run_dir), Path(snakemake.output.files)
    listing = Path(snakemake.input.record) / f"{snakemake.wildcards.instrument}.json"
    files.mkdir(parents=True, exist_ok=True)
    fetch_record(listing, run_dir, files.relative_to(run_dir)).write(snakemake.output.manifest)
