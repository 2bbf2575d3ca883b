from metalclouds.fetch import manifest
from metalclouds.workflow import job

with job(snakemake):
    manifest.merge(manifest.read(path) for path in snakemake.input.parts).write(snakemake.output[0])
