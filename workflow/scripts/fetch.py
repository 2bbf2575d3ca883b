from pathlib import Path

from metalclouds.fetch.settings import FetchSettings
from metalclouds.fetch.source import fetch_source
from metalclouds.workflow import job

with job(snakemake):
    settings = FetchSettings(**snakemake.params.settings)
    params = snakemake.params
    for folder in snakemake.output.files:
        Path(folder).mkdir(parents=True, exist_ok=True)
    manifest = fetch_source(params.source, settings, params.nights, Path(params.run_dir))
    manifest.write(snakemake.output.manifest)
