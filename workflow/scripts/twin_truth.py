from pathlib import Path

from metalclouds.twin.scenario import campaign
from metalclouds.twin.settings import TwinSettings
from metalclouds.twin.truth import write
from metalclouds.workflow import job

with job(snakemake):
    settings = TwinSettings.model_validate(snakemake.params.settings)
    write(settings, campaign(settings), Path(snakemake.output[0]).parent)
