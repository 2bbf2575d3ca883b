from pathlib import Path

from metalclouds.twin import fpi, scenario
from metalclouds.twin.settings import TwinSettings
from metalclouds.workflow import job

with job(snakemake):
    settings = TwinSettings.model_validate(snakemake.params.settings)
    fpi.write(settings, scenario.campaign(settings), Path(snakemake.output[0]))
