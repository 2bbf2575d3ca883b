import json
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from metalclouds import config as configuration
from metalclouds.constants import INSTRUMENTS
from metalclouds.errors import ConfigError
from metalclouds.workflow import library_files, limit_threads

limit_threads()
# Matplotlib writes this instead of the time of the run into a PDF.
os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
os.environ.setdefault("MPLBACKEND", "Agg")

try:
    SETTINGS = configuration.validate(dict(config))
except ConfigError as error:
    raise WorkflowError(str(error)) from None

SOURCE = SETTINGS.source
RUN = configuration.run_name(SETTINGS)
RUN_DIR = f"results/{RUN}"
RECORD_DIR = f"record/{RUN}"
TRUTH_DIR = f"truth/{RUN}"


wildcard_constraints:
    instrument="|".join(INSTRUMENTS),
    batch=r"cases|rest|\d{4}-Q\d",


def section(name):
    """One section of the configuration as plain values: all that a rule of that stage is told."""
    return getattr(SETTINGS, name).model_dump(mode="json")


def cases():
    """The case nights: [{"panel", "night"}]."""
    return [case.model_dump() for case in SETTINGS.cases]


def case_nights():
    """The case nights as dates."""
    return [case.night for case in SETTINGS.cases]


def library(*modules):
    """Source files that a rule depends on."""
    return [os.path.relpath(path) for path in library_files(*modules)]


def batches(instrument):
    """Batches of nights of an instrument, known once its inventory is made."""
    inventory = checkpoints.inventory.get(instrument=instrument).output[0]
    return sorted(json.loads(Path(inventory).read_text(encoding="utf-8"))["batches"])


def batch_indices(instrument, stage="ingest"):
    """Input function: the index of each batch of a stage, `ingest` or `detect`."""
    folder = f"{RUN_DIR}/detect/batches" if stage == "detect" else f"{RUN_DIR}/ingest/{instrument}/batches"

    def files(wildcards):
        return [f"{folder}/{batch}.json" for batch in batches(instrument)]

    return files
