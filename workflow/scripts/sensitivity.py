from pathlib import Path

from metalclouds.claims.run import RunFiles
from metalclouds.claims.sensitivity.run import RunSettings, run
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.derive.settings import DeriveSettings
from metalclouds.detect.settings import DetectSettings
from metalclouds.physics.settings import TrailSettings
from metalclouds.workflow import job

with job(snakemake):
    paths, options = snakemake.input, snakemake.params
    masks, soundings = (next(iter(found), None) for found in (paths.masks, paths.soundings))
    files = RunFiles(paths.tables, paths.inventories, paths.manifest, paths.claims, masks, soundings)
    settings = RunSettings(
        ClaimsSettings(**options.claims),
        DetectSettings(**options.detect),
        DeriveSettings(**options.derive),
        TrailSettings(**options.trail),
    )
    run(files, options.cases, settings, Path(snakemake.output.json).parent)
