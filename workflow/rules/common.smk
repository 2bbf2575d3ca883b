import json
import os
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.io import apply_wildcards, get_wildcard_names

try:
    from metalclouds import config as configuration
except ImportError as error:
    raise WorkflowError(
        f"the active environment has no working metalclouds ({error}): was its folder moved? In this checkout: "
        "pip install --no-deps --no-build-isolation -e ."
    ) from None
from metalclouds import run_lock, sums, verify
from metalclouds.batches import chosen_cases
from metalclouds.checkout import check_kernels_can_be_kept, check_own_code
from metalclouds.constants import INSTRUMENTS
from metalclouds.errors import ConfigError, MetalcloudsError
from metalclouds.ingest.catalogue_files import catalogue_files
from metalclouds.code_hash import PACKAGE, code_hash, keys_read, save_cache
from metalclouds.workflow import limit_threads

# Folder of the workflow's own files: its rules may be used from another folder (`module`), or be installed elsewhere.
RULES = Path(workflow.current_basedir.get_path_or_uri(secret_free=True))
SCRIPTS = RULES.parent / "scripts"

limit_threads()
# Matplotlib writes this instead of the time of the run into a PDF.
os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
os.environ.setdefault("MPLBACKEND", "Agg")

try:
    check_own_code()
    check_kernels_can_be_kept()
    SETTINGS = configuration.validate(
        dict(config), ", ".join(map(str, workflow.configfiles))
    )
except MetalcloudsError as error:
    raise WorkflowError(str(error)) from None

SOURCE = SETTINGS.source
RUN = configuration.run_name(SETTINGS)
RUN_DIR = f"results/{RUN}"
RECORD_DIR = f"record/{RUN}"
TRUTH_DIR = f"truth/{RUN}"

DETECTED_TABLES = ["stripes", "stripe_profiles", "events", "nights"]


if not workflow.subprocess_exec:
    run_lock.announce()


# One lock for every way to start a run: make, a bare snakemake, a cluster. Jobs have no hooks.
onstart:
    try:
        run_lock.hold("results", RUN)
    except MetalcloudsError as error:
        raise WorkflowError(str(error)) from None


wildcard_constraints:
    instrument="|".join(INSTRUMENTS),
    batch=r"cases|rest|\d{4}",


def section(name):
    """One section of the configuration as plain values: all that a rule of that stage is told."""
    return getattr(SETTINGS, name).model_dump(mode="json")


def ingest_section(wildcards):
    """What the section `ingest` says of one instrument (maps take their site from the lidar)."""
    whole = section("ingest")
    others = (
        set(INSTRUMENTS)
        - {wildcards.instrument}
        - ({"lidar"} if wildcards.instrument == "tec" else set())
    )
    own = {key: value for key, value in whole.items() if key not in others}
    return own | {
        "leave_out": [
            name for name in whole["leave_out"] if name == wildcards.instrument
        ]
    }


def lidar_site():
    """Latitude and longitude of the lidar (degrees north, east)."""
    site = SETTINGS.ingest.site("lidar")
    return [site.latitude, site.longitude]


def tec_section():
    """What the section `derive` says of electron content, with the place that it is measured at."""
    own = section("derive")["tec"]
    return own | {"site": own["site"] or lidar_site()}


def cases(wildcards):
    """The case nights: [{"panel", "night"}]; where the configuration names none, those that the inventory chose."""
    if SETTINGS.cases:
        return [case.model_dump() for case in SETTINGS.cases]
    return chosen_cases(RUN_DIR)


def own_cases(wildcards):
    """Input function: what tells the case nights where the configuration names none."""
    if SETTINGS.cases:
        return []
    return [checkpoints.inventory.get(instrument="lidar").output[0]]


def own_cases_of_lidar(wildcards):
    """Input function: as `own_cases`, for the inventories of the other instruments."""
    return [] if wildcards.instrument == "lidar" else own_cases(wildcards)


def figure_settings(name):
    """Of the section `figures`, the keys that a figure's module reads: one of Figure 3 alone reruns Figure 3 alone."""
    keys = keys_read(f"metalclouds.figures.{name}")
    return {key: value for key, value in section("figures").items() if key in keys}


def supplement_settings(names):
    """Of the section `figures`, the keys that the modules of some supplements read."""
    parts = [figure_settings(f"supplement_{name}") for name in names]
    return {key: value for part in parts for key, value in sorted(part.items())}


def case_nights(wildcards):
    """The case nights as dates."""
    return [case["night"] for case in cases(wildcards)]


def enlarged_night(wildcards):
    """The case night that Figure 5 enlarges; empty where its panel is not among the cases."""
    panel = section("figures")["enlarged_panel"]
    return next(
        (case["night"] for case in cases(wildcards) if case["panel"] == panel), ""
    )


def own_file(path):
    """A file of the project for an input: relative where it lies below the working directory, so that results can move."""
    path, here = Path(os.path.abspath(path)), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def package_file(name):
    """A data file or template of the library, which in a checkout lies below src/."""
    here = Path("src/metalclouds")
    return own_file(
        (here if here.is_dir() and here.samefile(PACKAGE) else PACKAGE) / name
    )


def notebook(name):
    """The notebook of a figure."""
    return own_file(RULES.parents[1] / "notebooks" / f"{name}.ipynb")


def code(script, *modules):
    """Hash of a script and of the library's code that it runs; `modules` are those that it imports by other ways."""
    return code_hash(SCRIPTS / f"{script}.py", *modules)


def nights_by_batch(instrument):
    """Batch -> number of nights of an instrument, known once its inventory is made."""
    inventory = checkpoints.inventory.get(instrument=instrument).output[0]
    listed = json.loads(Path(inventory).read_text(encoding="utf-8"))["batches"]
    return {batch: len(listed[batch]) for batch in sorted(listed)}


def batches(instrument):
    """Batches of nights of an instrument."""
    return list(nights_by_batch(instrument))


def stage_folder(instrument, stage):
    """Folder of the batches of a stage, `ingest` or `detect`."""
    return (
        f"{RUN_DIR}/detect" if stage == "detect" else f"{RUN_DIR}/ingest/{instrument}"
    )


def batch_indices(instrument, stage="ingest"):
    """Input function: the index of each batch of a stage."""

    def files(wildcards):
        folder = stage_folder(instrument, stage)
        return [f"{folder}/batches/{batch}.json" for batch in batches(instrument)]

    return files


def night_folders(instrument, stage="ingest"):
    """Input function: the folder of nights of each batch; what is in them is told by the indices, not by their age."""

    def folders(wildcards):
        folder = stage_folder(instrument, stage)
        return [ancient(f"{folder}/{batch}") for batch in batches(instrument)]

    return folders


def batch_tables(wildcards):
    """Tables of all batches."""
    return [
        f"{RUN_DIR}/detect/batches/{batch}.{table}.csv"
        for batch in batches("lidar")
        for table in DETECTED_TABLES
    ]


def case_files(instrument, *names):
    """Input function: files of the case nights' batch, none where the instrument has no case night."""

    def files(wildcards):
        return (
            [f"{RUN_DIR}/{name}" for name in names]
            if "cases" in batches(instrument)
            else []
        )

    return files


def case_folders(instrument, *names):
    """Input function: as `case_files`, for folders of nights."""

    def folders(wildcards):
        return [ancient(name) for name in case_files(instrument, *names)(wildcards)]

    return folders


def inventories(*instruments):
    """What is known about the instruments of a figure."""
    return [f"{RUN_DIR}/raw/inventory/{instrument}.json" for instrument in instruments]


def figure_outputs(name, numbers):
    """What a figure leaves: picture, page, notebook, caption, and the plotted numbers with their sidecar."""
    stem = f"{RUN_DIR}/figures/{name}"
    endings = {"png": "png", "pdf": "pdf", "html": "html", "notebook": "ipynb", "caption": "caption.txt",
               "numbers": numbers, "sidecar": "json"}  # fmt: skip
    outputs = {kind: f"{stem}.{ending}" for kind, ending in endings.items()}
    outputs["png"] = report(
        outputs["png"],
        caption=f"../report/{name}.rst",
        category="Figures",
        labels={"content": f"Figure {name[-1]}"},
    )
    return outputs


def outputs_of_rules():
    """Every file and folder that the rules so far make, as patterns."""
    names = dict.fromkeys(str(file) for one in workflow.rules for file in one.output)
    return [name for name in names if name.startswith((RUN_DIR, RECORD_DIR, TRUTH_DIR))]


def products():
    """Every file and folder of a run that is no batch's, so that none is missed when it is lost."""
    return [
        apply_wildcards(name, {"instrument": instrument})
        for name in outputs_of_rules()
        if "batch" not in get_wildcard_names(name)
        for instrument in (
            INSTRUMENTS if "instrument" in get_wildcard_names(name) else ["lidar"]
        )
    ]


def products_of_batches(wildcards):
    """Input function: the files and folders of all batches."""
    return [
        apply_wildcards(name, {"instrument": instrument, "batch": batch})
        for name in outputs_of_rules()
        if "batch" in get_wildcard_names(name)
        for instrument in (
            INSTRUMENTS if "instrument" in get_wildcard_names(name) else ["lidar"]
        )
        for batch in batches(instrument)
    ]


def stop_if_damaged():
    """Refuse to go on from products that Snakemake takes for good and that are not what their jobs have written."""
    run_dir = Path(RUN_DIR)
    lost = [loss for loss in sums.losses(run_dir) if sums.unseen(run_dir, loss)]
    if lost:
        raise WorkflowError(verify.complaint(run_dir, lost))


def workflow_files():
    """The Snakefile and the rule files included so far; the page of the run, whose rules come last, keeps copies."""
    files = [str(file.get_path_or_uri(secret_free=True)) for file in workflow.included]
    names = [
        os.path.relpath(file)
        for file in files
        if Path(file).parent.name in ("workflow", "rules")
    ]
    return sorted(names, key=lambda name: (not name.endswith("Snakefile"), name))


def all_cores(wildcards):
    """Threads of the rules that spread nights over dask workers; a profile gives the cores of a node instead."""
    return max(1, workflow.cores or 1)


def cores_of_batch(wildcards):
    """Threads of a batch of lidar nights: its share of this machine's cores, as the batches run side by side.

    A batch with a share of one core is worked on in the job's own process, one with more by as many dask workers. On a
    cluster a job has a node's cores for itself.
    """
    if workflow.remote_exec or not workflow.local_exec:
        return all_cores(wildcards)
    nights = nights_by_batch("lidar")
    share = nights[wildcards.batch] / sum(nights.values())
    return max(1, round(share * all_cores(wildcards)))


# Lint takes a plain text in `params` for a forgotten file name; this says where paths in manifests start.
def run_dir(wildcards):
    """Folder of the run."""
    return RUN_DIR
