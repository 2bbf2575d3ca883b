"""Inventory and batches: what is written, what is named, what happens to damaged and unknown files."""

from __future__ import annotations

import dataclasses
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from metalclouds import io
from metalclouds.errors import ContractError
from metalclouds.ingest import batch as batch_module
from metalclouds.ingest.batch import ingest_batch
from metalclouds.ingest.inventory import make_inventory
from metalclouds.ingest.readers import READERS
from metalclouds.ingest.settings import IngestSettings
from metalclouds.schema.documents import BatchIndex, DamagedFile, DamagedRawFile, Inventory, Manifest, RawFile
from tests.ingest import shapes
from tests.ingest.ten_shapes import difference
from tests.ingest.test_formats import NA

DATA = Path(__file__).parents[1] / "data"
SETTINGS = IngestSettings()
# A case night that none of the records has: all their nights fall into the batches of their years.
NO_CASES = ("1990-01-01",)


def run_with(folder: Path, source: str = "local", damaged: tuple[DamagedRawFile, ...] = ()) -> tuple[Path, Manifest]:
    """A run whose raw files are those in `folder`, and its manifest."""
    files = []
    for path in sorted((folder / "raw/files").iterdir()):
        key = path.name
        files.append(RawFile(key, path.stat().st_size, path=f"raw/files/{key}", sha256=io.sha256(path)))
    return folder, Manifest(source, "test files", False, tuple(files), damaged)


def raw(folder: Path) -> Path:
    path = folder / "raw/files"
    path.mkdir(parents=True, exist_ok=True)
    return path


def inventory_of(folder: Path, instrument: str = "lidar", cases=NO_CASES, **manifest) -> Inventory:
    run, content = run_with(folder, **manifest)
    return make_inventory(content, instrument, run, SETTINGS, cases)


def product(run: Path, item: dict) -> Path:
    """The file of a night that an index lists; its path starts at the index, in a folder beside it."""
    return next(run.glob(f"ingest/*/{item.path.removeprefix('../')}"))


def ingested(inventory: Inventory, batch: str, run: Path, settings: IngestSettings) -> BatchIndex:
    """The nights of a batch, in their folder of the run."""
    return ingest_batch(inventory, batch, run, run / "ingest" / inventory.instrument / batch, settings)


def test_nights_fall_into_batches(tmp_path):
    shapes.counts_only(raw(tmp_path))
    inventory = inventory_of(tmp_path, cases=["2021-06-04"])
    assert inventory.status == "present"
    assert {batch: [item.night for item in items] for batch, items in inventory.batches.items()} == {
        "2021": ["2021-06-03"],
        "cases": ["2021-06-04"],
    }
    assert inventory.sha256["raw/files/counts_2021-06-03.h5"] == io.sha256(raw(tmp_path) / "counts_2021-06-03.h5")


def test_a_batch_writes_nights_and_their_checksums(tmp_path):
    shapes.counts_only(raw(tmp_path))
    index = ingested(inventory_of(tmp_path), "2021", tmp_path, SETTINGS)
    assert index.failed == ()
    assert [item.night for item in index.nights] == list(shapes.NIGHTS)
    for item in index.nights:
        assert io.sha256(product(tmp_path, item)) == item.sha256
    night = io.read_netcdf(tmp_path / "ingest/lidar/2021/2021-06-03.nc")
    assert night["photon_counts"].dtype == np.uint16
    assert "ca_ion_number_density" not in night
    assert json.loads(night.attrs["input_sha256"]) == {
        "counts_2021-06-03.h5": io.sha256(raw(tmp_path) / "counts_2021-06-03.h5")
    }
    assert night.attrs["synthetic"] == "false"


def test_same_bytes_again_and_elsewhere(tmp_path):
    sums = []
    for folder in (tmp_path / "a", tmp_path / "b" / "deeper"):
        shapes.netcdf(raw(folder))
        sums.append([n.sha256 for n in ingested(inventory_of(folder), "2021", folder, SETTINGS).nights])
    # The raw files hold no time of writing that matters: only their checksum is kept, and h5 files may differ in it.
    first, second = (
        xr.open_dataset(f / "ingest/lidar/2021/2021-06-03.nc") for f in (tmp_path / "a", tmp_path / "b/deeper")
    )
    assert first.drop_attrs().identical(second.drop_attrs())
    again = ingested(inventory_of(tmp_path / "a"), "2021", tmp_path / "a", SETTINGS)
    assert [n.sha256 for n in again.nights] == sums[0]


def test_a_damaged_file_is_named_and_the_others_are_used(tmp_path):
    shapes.counts_only(raw(tmp_path))
    victim = raw(tmp_path) / "counts_2021-06-03.h5"
    content = victim.read_bytes()
    victim.write_bytes(content[: len(content) // 2])
    found = inventory_of(tmp_path)
    index = ingested(found, "2021", tmp_path, SETTINGS)
    assert [item.night for item in index.nights] == ["2021-06-04"]
    named = [item.file for item in index.failed] + [item.file for item in found.damaged + found.unmapped]
    assert "counts_2021-06-03.h5" in named
    assert not (tmp_path / "ingest/lidar/2021/2021-06-03.nc").exists()
    assert not list((tmp_path / "ingest").rglob("*.part"))


def test_a_member_with_a_wrong_crc_is_named(tmp_path):
    shapes.counts_only(tmp_path)
    path = raw(tmp_path) / "nights.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for night in shapes.NIGHTS:
            archive.write(tmp_path / f"counts_{night}.h5", f"counts_{night}.h5")
    content = bytearray(path.read_bytes())
    content[2000] ^= 0xFF
    path.write_bytes(bytes(content))
    inventory = inventory_of(tmp_path)
    problems = [item.file for item in inventory.damaged]
    index = ingested(inventory, "2021", tmp_path, SETTINGS)
    problems += [item.file for item in index.failed]
    assert problems == ["nights.zip/counts_2021-06-03.h5"]
    assert [item.night for item in index.nights] == ["2021-06-04"]


def test_one_damaged_profile_does_not_cost_the_night(tmp_path):
    shapes.meridian(raw(tmp_path))
    files = sorted(raw(tmp_path).glob("*_20210603*.TXT"))
    files[5].write_text(files[5].read_text()[:900])
    index = ingested(inventory_of(tmp_path), "2021", tmp_path, SETTINGS)
    assert [item.file for item in index.failed] == [files[5].name]
    night = io.read_netcdf(tmp_path / "ingest/lidar/2021/2021-06-03.nc")
    assert night.sizes["time"] == shapes.truth("2021-06-03").hours.size - 1


def test_a_file_that_fits_nothing_is_listed_with_what_is_in_it(tmp_path):
    (raw(tmp_path) / "notes.csv").write_text("apples,pears\n1,2\n3,4\n")
    inventory = inventory_of(tmp_path)
    assert inventory.status == "absent"
    assert inventory.unmapped[0].file == "notes.csv"
    assert "apples" in inventory.unmapped[0].seen
    assert "fit no entry" in inventory.why


@pytest.fixture
def broken_reader(monkeypatch):
    """A reader with a bug that only files of one night bring out."""
    reader = READERS["lidar_arrays"]

    def read(members, context):
        if "2021-06-03" in members[0].name:
            raise ZeroDivisionError("a bug")
        return reader.read(members, context)

    monkeypatch.setitem(READERS, "lidar_arrays", dataclasses.replace(reader, read=read))


def test_profiles_named_in_local_time_past_midnight_stay_in_their_night(tmp_path):
    """A file a profile from 21:00 to 24:15 LT: the inventory keeps the night together, and the batch finds LT."""
    shapes.local_names(raw(tmp_path))
    inventory = inventory_of(tmp_path)
    assert {item.night: len(item.files) for item in inventory.batches["2021"]} == dict.fromkeys(shapes.NIGHTS, 40)
    index = ingested(inventory, "2021", tmp_path, SETTINGS)
    assert index.failed == ()
    night = io.read_netcdf(tmp_path / "ingest/lidar/2021/2021-06-03.nc")
    assert difference(night) < 2e-4


def test_a_bug_of_a_reader_is_not_called_damage(tmp_path, broken_reader, capsys):
    """The run goes on; the record says whose fault it is, and the trace is in the log."""
    shapes.counts_only(raw(tmp_path))
    index = ingested(inventory_of(tmp_path), "2021", tmp_path, SETTINGS)
    assert [item.night for item in index.nights] == ["2021-06-04"]
    (failure,) = index.failed
    assert (failure.night, failure.kind) == ("2021-06-03", "fault")
    assert "unexpected error in reader lidar_arrays" in failure.reason
    assert "counts_2021-06-03.h5" in failure.reason
    assert "please report it" in failure.reason
    assert "ZeroDivisionError: a bug" in failure.reason
    assert "Traceback" in capsys.readouterr().err


def test_a_damaged_file_is_called_damaged(tmp_path):
    shapes.meridian(raw(tmp_path))
    first = min(raw(tmp_path).glob("*.TXT"))
    first.write_text(first.read_text()[:900])
    index = ingested(inventory_of(tmp_path), "2021", tmp_path, SETTINGS)
    assert [(item.file, item.kind) for item in index.failed] == [(first.name, "damaged")]


def test_a_bug_while_the_inventory_is_made_does_not_stop_it(tmp_path, monkeypatch):
    """Spreadsheets of the ionosonde are read for their days; a bug in that names the file and the others go on."""

    def read(members, context):
        raise IndexError("a bug")

    monkeypatch.setitem(READERS, "ionosonde_table", dataclasses.replace(READERS["ionosonde_table"], read=read))
    shapes.sao_characteristics(raw(tmp_path))
    (damaged,) = inventory_of(tmp_path, "ionosonde").damaged
    assert damaged.kind == "fault"
    assert "unexpected error in reader ionosonde_table" in damaged.reason


def test_an_empty_source_is_absent_with_a_reason(tmp_path):
    raw(tmp_path)
    inventory = inventory_of(tmp_path, "ionosonde", source="zenodo")
    assert (inventory.status, inventory.batches) == ("absent", {})
    assert "ionosonde" in inventory.why
    assert "GIRO" in inventory.where


def test_what_a_folder_of_ones_own_lacks_is_not_sought_in_the_paper_s_record(tmp_path):
    raw(tmp_path)
    where = inventory_of(tmp_path, "fpi", source="local").where
    assert "your own" in where
    assert "Zenodo" not in where


def test_of_two_species_in_a_night_that_of_the_settings_is_taken(tmp_path):
    """A station with a sodium and an iron lidar in one folder; the other's files are named in the decisions."""
    for kind, species in (("NDFE", "Fe"), ("NDNA", "Na")):
        for minute in (0, 5):
            name = f"MOHE_LID_{kind}_L2_STP_2021060314{minute:02d}00_V01.00.TXT"
            text = NA.format(clock=f"14:{minute:02d}:00.000").replace("NaDen", f"{species}Den")
            (raw(tmp_path) / name).write_text(text)
    base = SETTINGS.lidar.model_copy(update={"species": "Na"})
    settings = SETTINGS.model_copy(update={"lidar": base})
    run, manifest = run_with(tmp_path)
    inventory = make_inventory(manifest, "lidar", run, settings, NO_CASES)
    ingested(inventory, "2021", run, settings)
    night = io.read_netcdf(run / "ingest/lidar/2021/2021-06-03.nc")
    assert night.attrs["species"] == "Na"
    assert night.sizes["time"] == 2


def test_files_that_fetch_found_damaged_stay_named(tmp_path):
    raw(tmp_path)
    inventory = inventory_of(tmp_path, damaged=(DamagedRawFile("a.zip", "md5 differs"),))
    assert inventory.damaged == (DamagedFile("a.zip", "md5 differs", "damaged", ""),)
    assert inventory.status == "unread"


def test_a_truncated_zip_is_named(tmp_path):
    shapes.gbk_zip(raw(tmp_path))
    path = raw(tmp_path) / "record.zip"
    path.write_bytes(path.read_bytes()[:-40])
    inventory = inventory_of(tmp_path)
    assert [item.file for item in inventory.damaged] == ["record.zip"]


def test_chinese_names_are_read_as_they_are(tmp_path):
    shapes.gbk_zip(raw(tmp_path))
    inventory = inventory_of(tmp_path)
    assert inventory.batches["2021"][0].files[0].member == "激光雷达/钙离子_20210603.mat"


def test_each_instrument_sees_its_own_files(tmp_path):
    shapes.counts_only(raw(tmp_path))
    shapes.sao_characteristics(raw(tmp_path))
    for name in ("tec/codg0080.20i.Z", "fpi/bfp220301g.7100.txt"):
        shutil.copy(DATA / name, raw(tmp_path))
    nights = {
        instrument: sorted(
            {item.night for items in inventory_of(tmp_path, instrument).batches.values() for item in items}
        )
        for instrument in ("lidar", "tec", "fpi", "ionosonde")
    }
    assert nights == {
        "lidar": list(shapes.NIGHTS),
        "tec": ["2020-01-08", "2020-01-09"],
        "fpi": ["2022-03-01"],
        "ionosonde": ["2025-01-12", "2025-01-13", "2025-01-14", "2025-01-15"],
    }


def test_maps_of_24_h_join_the_next_day(tmp_path):
    """CODE's file ends with the map of 24 h; with one map alone the next day has one epoch."""
    shutil.copy(DATA / "tec/codg0080.20i.Z", raw(tmp_path))
    index = ingested(inventory_of(tmp_path, "tec"), "rest", tmp_path, SETTINGS)
    sizes = [io.read_netcdf(product(tmp_path, item)).sizes["time"] for item in index.nights]
    assert sizes == [24, 1]


def test_of_two_centres_of_a_day_the_choice_is_recorded(tmp_path):
    """CODE has 25 maps of the day and ESOC 13, of which all are at epochs of CODE's: every second hour."""
    for name in ("codg0080.20i.Z", "esag0080.20i.Z"):
        shutil.copy(DATA / "tec" / name, raw(tmp_path))
    ingested(inventory_of(tmp_path, "tec"), "rest", tmp_path, SETTINGS)
    day = io.read_netcdf(tmp_path / "ingest/tec/rest/2020-01-08.nc")
    assert day.sizes["time"] == 24
    assert "input_file" not in day.attrs
    made = {entry["what"]: entry for entry in json.loads(day.attrs["decisions"])}
    assert made["maps of several files"]["decided"] == "0 of 12 of esag0080.20i.Z used"
    assert "codg0080.20i.Z with 24" in made["maps of several files"]["because"]
    (tmp_path / "alone").mkdir()
    shutil.copy(DATA / "tec/codg0080.20i.Z", raw(tmp_path / "alone"))
    ingested(inventory_of(tmp_path / "alone", "tec"), "rest", tmp_path / "alone", SETTINGS)
    alone = io.read_netcdf(tmp_path / "alone/ingest/tec/rest/2020-01-08.nc")
    np.testing.assert_array_equal(day["vertical_tec"], alone["vertical_tec"])


@pytest.mark.parametrize("magic", [b"7z\xbc\xaf\x27\x1c\x00\x04", b"Rar!\x1a\x07\x01\x00"])
def test_archives_that_are_not_read_say_so(tmp_path, magic):
    (raw(tmp_path) / "data.bin").write_bytes(magic + bytes(100))
    inventory = inventory_of(tmp_path)
    assert "archives are not read" in inventory.damaged[0].reason


def test_one_file_of_all_nights_is_read_once_and_cut_cleanly(tmp_path, monkeypatch):
    from metalclouds.ingest.readers import lidar_arrays

    shapes.one_file(raw(tmp_path))
    inventory = inventory_of(tmp_path)
    reads = []
    load = lidar_arrays.load
    monkeypatch.setattr(lidar_arrays, "load", lambda member: reads.append(member) or load(member))
    index = ingested(inventory, "2021", tmp_path, SETTINGS)
    assert len(reads) == 1
    nights = [io.read_netcdf(product(tmp_path, item)) for item in index.nights]
    assert [night.attrs["night"] for night in nights] == list(shapes.NIGHTS)
    for night in nights:
        assert np.array_equal(
            np.unique(night["time"].values.astype("datetime64[D]").astype(str)), [night.attrs["night"]]
        )


def test_a_file_that_cannot_be_decided_is_listed_with_the_lines_that_would(tmp_path):
    import scipy.io

    scipy.io.savemat(raw(tmp_path) / "night.mat", {"data": np.random.default_rng(0).normal(size=(40, 60))})
    unmapped = inventory_of(tmp_path).unmapped
    assert unmapped[0].file == "night.mat"
    assert "a matrix without axes" in unmapped[0].seen
    assert "config/catalogue/own.yaml" in unmapped[0].seen


def test_an_error_of_putting_files_together_blames_them_all(tmp_path, monkeypatch):
    """Each of the two files can be read; what is wrong came up in the night that they make together."""
    shapes.counts_only(raw(tmp_path))
    shutil.copyfile(raw(tmp_path) / "counts_2021-06-03.h5", raw(tmp_path) / "again_2021-06-03.h5")
    inventory = inventory_of(tmp_path)
    items = [one for items in inventory.batches.values() for one in items if one.night == "2021-06-03"]
    assert sum(len(one.files) for one in items) == 2

    def refuse(*_, **__):
        raise ContractError("two files hold the same profiles")

    monkeypatch.setattr(batch_module, "finished", refuse)
    failed = [one for one in ingested(inventory, "2021", tmp_path, SETTINGS).failed if one.night == "2021-06-03"]
    assert [one.file for one in failed] == ["again_2021-06-03.h5, counts_2021-06-03.h5"]
