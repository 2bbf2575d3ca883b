"""The RO-Crate of an invented run: whole, true to the files, and without a time of day."""

import hashlib
import re
import shutil
from pathlib import Path

import pytest
import yaml

from metalclouds import io
from metalclouds.report import crate
from tests.report.site import make

ROOT = Path(__file__).parents[2]
WORKFLOW = [ROOT / "workflow/Snakefile", ROOT / "workflow/rules/common.smk", ROOT / "workflow/rules/report.smk"]


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    folder = make(tmp_path_factory.mktemp("crate") / "twin", "twin")
    record = io.read_json(folder / "run.json")
    record["configuration"]["cases"] = [{"panel": "a", "night": "2021-01-08"}]
    io.write_json(folder / "run.json", record | {"date": "2026-11-21"})
    manifest = io.read_json(folder / "raw/manifest.json")
    for file in manifest["files"]:
        file["path"] = f"raw/files/{file['key']}"
        path = folder / file["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a file of the record")
        file |= {"sha256": io.sha256(path), "size": path.stat().st_size}
    io.write_json(folder / "raw/manifest.json", manifest)
    for night in ("2021-01-08", "1999-01-01"):
        (folder / f"figures/night_{night}.html").write_text("a page", encoding="utf-8")
    crate.write(folder, WORKFLOW)
    return folder


@pytest.fixture
def graph(run_dir):
    entities = io.read_json(run_dir / crate.NAME)["@graph"]
    named = {one["@id"]: one for one in entities}
    assert len(named) == len(entities)
    return named


def references(value):
    """All {"@id": ...} in an entity's properties."""
    if isinstance(value, dict):
        return [value["@id"]] if set(value) == {"@id"} else [one for own in value.values() for one in references(own)]
    return [one for own in value for one in references(own)] if isinstance(value, list) else []


def test_whatever_is_referred_to_is_described(graph):
    wanted = {one for entity in graph.values() for one in references(list(entity.values()))}
    # Web pages of the language and the version of the specification need no entity.
    web = {one for one in wanted - set(graph) if one.startswith("https://")}
    assert wanted - set(graph) == web == {"https://w3id.org/ro/crate/1.1", "https://snakemake.github.io"}


def test_every_file_is_there_with_its_checksum(run_dir, graph):
    files = {name: one for name, one in graph.items() if "File" in one["@type"]}
    assert {"claims/verdicts.json", "figures/figure1.png", "raw/manifest.json", "run.json"} <= set(files)
    for name, entity in files.items():
        content = (run_dir / name).read_bytes()
        if "sha256" in entity:
            assert entity["sha256"] == hashlib.sha256(content).hexdigest(), name
            assert entity["contentSize"] == str(len(content))
    bare = {name for name, entity in files.items() if "sha256" not in entity}
    assert all(name == "run.json" or name.startswith("report/") for name in bare)


def test_all_files_are_parts_and_no_left_over_is(graph):
    files = {name for name, one in graph.items() if one["@type"] == "Dataset" or "File" in one["@type"]}
    assert {one["@id"] for one in graph["./"]["hasPart"]} == files - {"./"}
    assert "figures/night_2021-01-08.html" in files
    assert "figures/night_1999-01-01.html" not in files


def test_the_run_used_the_workflow_that_stands_in_the_crate(run_dir, graph):
    workflow = graph["./"]["mainEntity"]["@id"]
    assert (run_dir / workflow).read_bytes() == WORKFLOW[0].read_bytes()
    assert graph["#run"]["instrument"]["@id"] == workflow
    assert {one["@id"] for one in graph[workflow]["hasPart"]} == {
        "report/workflow/rules/common.smk", "report/workflow/rules/report.smk"}  # fmt: skip
    assert "raw/manifest.json" in references(graph["#run"]["object"])
    assert "claims/verdicts.json" in references(graph["#run"]["result"])
    assert graph["./"]["mentions"] == {"@id": "#run"}


def test_there_is_no_time_of_day_and_the_bytes_stay(run_dir, tmp_path):
    text = (run_dir / crate.NAME).read_text(encoding="utf-8")
    assert not re.search(r"\d\d:\d\d", text)
    other = Path(shutil.copytree(run_dir, tmp_path / "other"))
    crate.write(other, WORKFLOW)
    assert (other / crate.NAME).read_text(encoding="utf-8") == text


def test_what_it_says_of_simulated_data_and_of_giro(run_dir, graph, tmp_path):
    assert "says nothing about the paper" in graph["./"]["description"]
    assert graph["./"]["license"]["@id"].endswith("/CC0-1.0")
    other = Path(shutil.copytree(run_dir, tmp_path / "giro"))
    inventory = io.read_json(other / "raw/inventory/ionosonde.json")
    io.write_json(other / "raw/inventory/ionosonde.json", inventory | {"source": "GIRO, station BP440"})
    root = next(one for one in crate.document(other, [])["@graph"] if one["@id"] == "./")
    assert root["license"]["@id"].endswith("/CC-BY-NC-SA-4.0")


def test_what_it_says_of_somebodys_own_data(run_dir, tmp_path):
    """No licence is put on them, and they test no statement of a paper."""
    other = Path(shutil.copytree(run_dir, tmp_path / "own"))
    manifest = io.read_json(other / "raw/manifest.json")
    io.write_json(
        other / "raw/manifest.json", manifest | {"source": "local", "synthetic": False, "title": "Na lidar of Utah"}
    )
    graph = crate.document(other, [])["@graph"]
    root = next(one for one in graph if one["@id"] == "./")
    assert root["name"] == "Na lidar of Utah"
    assert root["license"].startswith("As the holders of the input files ask")
    assert not re.search("paper|verdict|statement", root["name"] + root["description"])


def test_codecheck_names_the_figures_the_verdicts_and_the_page():
    content = yaml.safe_load((ROOT / "codecheck.yml").read_text(encoding="utf-8"))
    figures = [f"results/zenodo/figures/figure{number}.png" for number in range(1, 7)]
    others = ["results/zenodo/claims/verdicts.csv", "results/zenodo/report/index.html"]
    assert [one["file"] for one in content["manifest"]] == figures + others
    assert content["paper"]["reference"] == "https://doi.org/10.5194/egusphere-2026-2356"
