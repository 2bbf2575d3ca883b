"""Some files of a night are read before the others: never so few that what is there is called not there."""

from __future__ import annotations

from pathlib import Path

from metalclouds.ingest.catalogue import read_catalogue
from metalclouds.ingest.placing import place
from metalclouds.ingest.record import look_at
from metalclouds.ingest.sample import some_of
from metalclouds.ingest.settings import IngestSettings
from metalclouds.ingest.source import Member
from tests.ingest import shapes


def profiles(folder: Path) -> list[Path]:
    """A night of 200 profiles a minute and a half apart, one file a profile."""
    lines = "".join(f"{altitude:7.3f}     100.0   5.0\n" for altitude in shapes.truth("2021-06-03").altitude)
    paths = []
    for number in range(200):
        minutes = 13 * 60 + 1.5 * number
        clock = f"{int(minutes // 60):02d}:{int(minutes % 60):02d}:{int(60 * (minutes % 1)):02d}"
        head = shapes.MERIDIAN.format(time=f"2021-06-03T{clock}.000", records=60)
        stamp = f"20210603{clock.replace(':', '')}"
        paths.append(folder / f"YANQG_CAL09_NDCI_L2_STP_{stamp}_V01.00.TXT")
        paths[-1].write_text(head + lines)
    return paths


def test_where_none_of_the_first_can_be_read_the_others_are(tmp_path):
    paths = profiles(tmp_path)
    for member in some_of([Member(path) for path in sorted(paths)], "lidar"):
        member.path.write_text("#DataTime: cut short\n")
    entries, settings = read_catalogue(IngestSettings().catalogue), IngestSettings()
    places = place(look_at([tmp_path], entries), entries, "lidar", settings)
    assert [key[0] for key in places.nights] == ["2021-06-03"]


def test_files_of_each_kind_of_names_are_among_some():
    night = [Member(Path(f"{metal}_{number:03d}.txt")) for metal in ("Ca", "Na") for number in range(300)]
    some = some_of(night, "lidar")
    assert {member.name[:2] for member in some} == {"Ca", "Na"}
    assert {"Ca_000.txt", "Ca_299.txt", "Na_000.txt", "Na_299.txt"} <= {member.name for member in some}
