from pathlib import Path

from metalclouds.twin import scenario, tec
from metalclouds.twin.settings import TwinSettings
from metalclouds.workflow import job

with job(snakemake):
    settings = TwinSettings.model_validate(snakemake.params.settings)
    tec.write(settings, scenario.campaign(settings), Path(snakemake.output[0]))
