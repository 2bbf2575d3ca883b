"""Files that are small on disk and unpack, claim or link themselves to much more, and names that lead elsewhere."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import netCDF4
import numpy as np
import scipy.io

# Larger than any file may unpack to by default.
HUGE = 1_200_000_000
SOME = 400_000_000


@dataclass(frozen=True)
class Trap:
    """A name, the name of its file, how it is made, and whether its content is right all the same."""

    name: str
    file: str
    write: Callable[[Path], None]
    harmless: bool = False


class Zeros(io.RawIOBase):
    """A stream of zeros of any length, never held in memory."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        count = min(len(buffer), self.left)
        buffer[:count] = bytes(count)
        self.left -= count
        return count


def pour(stream, size: int) -> None:
    """Write zeros."""
    block = bytes(1 << 20)
    for _ in range(size >> 20):
        stream.write(block)


def gz(size: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with gzip.open(path, "wb", compresslevel=9) as stream:
            pour(stream, size)

    return write


def bz(path: Path) -> None:
    """One compressed block again and again: bzip2 streams may follow one another."""
    block = bz2.compress(bytes(45_000_000))
    path.write_bytes(block * (HUGE // 45_000_000))


def xz(path: Path) -> None:
    block = lzma.compress(bytes(100_000_000), preset=1)
    path.write_bytes(block * (HUGE // 100_000_000))


def lzw(path: Path) -> None:
    """Unix compress: each code a string one longer than the last, so that 2 n bytes give n squared."""
    codes, width, count = [0, *range(257, 60_257)], 9, 257
    value = length = 0
    out = bytearray(b"\x1f\x9d\x90")
    filled = 0
    for code in codes:
        value |= code << length
        length += width
        filled += 1
        while length >= 8:
            out.append(value & 255)
            value, length = value >> 8, length - 8
        count += 1
        if count > (1 << width) - 1 and width < 16:
            # The codes of one width come in groups of eight.
            padding = -filled % 8 * width
            length += padding
            while length >= 8:
                out.append(value & 255)
                value, length = value >> 8, length - 8
            width, filled = width + 1, 0
    out.append(value & 255)
    path.write_bytes(bytes(out))


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", method) as archive:
            for name, data in members.items():
                archive.writestr(name, data)

    return write


def zip_of_zeros(size: int, count: int = 1, method: int = zipfile.ZIP_DEFLATED) -> Callable:
    def write(path: Path | io.BytesIO) -> None:
        with zipfile.ZipFile(path, "w", method) as archive:
            for number in range(count):
                with archive.open(f"night{number}.txt", "w", force_zip64=True) as stream:
                    pour(stream, size)

    return write


def lying_zip(path: Path) -> None:
    """A member of 400 MB that says it has 1000 bytes."""
    zip_of_zeros(SOME)(path)
    data = bytearray(path.read_bytes())
    for magic, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.find(magic)
        data[at + offset : at + offset + 4] = struct.pack("<I", 1000)
    path.write_bytes(data)


def overlapping(path: Path) -> None:
    """Many names for one compressed block."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", bytes(20_000_000))
        info = archive.infolist()[0]
        for number in range(2000):
            other = zipfile.ZipInfo(f"b{number}.txt")
            for name in ("CRC", "compress_size", "file_size", "header_offset", "compress_type"):
                setattr(other, name, getattr(info, name))
            archive.filelist.append(other)


def quine(path: Path) -> None:
    """Zips in zips, five deep, ten in each."""
    data = b"1 2 3\n" * 1000
    name = "night.txt"
    for depth in range(5):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(10):
                archive.writestr(f"{number}{name}", data)
        data, name = stream.getvalue(), f"inner{depth}.zip"
    path.write_bytes(data)


def nested(path: Path) -> None:
    """A zip bomb in a zip."""
    stream = io.BytesIO()
    zip_of_zeros(SOME)(stream)
    zipped({"inner.zip": stream.getvalue()})(path)


def tar_of(name: str, data: bytes, **values: object) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with tarfile.open(path, "w") as archive:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for key, value in values.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(data))

    return write


def tar_bomb(path: Path) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for number in range(4):
            info = tarfile.TarInfo(f"night{number}.txt")
            info.size = HUGE // 4
            archive.addfile(info, io.BufferedReader(Zeros(info.size)))


def tar_that_claims(path: Path) -> None:
    """A header of a member of 8 TB, and nothing behind it."""
    info = tarfile.TarInfo("night.txt")
    info.size = 1 << 43
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(10240))


def sparse_tar(path: Path) -> None:
    """A sparse member: 13 GB of which nothing is stored."""
    info = tarfile.TarInfo("night.txt")
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:398] = b"00000000000\0"
    header[398:410] = b"00000000000\0"
    header[482:483] = b"\0"
    header[483:495] = f"{100 << 30:011o}\0".encode()[:12]
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header[:512]):06o}\0 ".encode()
    path.write_bytes(bytes(header) + bytes(10240))


SHEET = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
)
BOOK = {
    "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType='
    '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName='
    '"/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
    'main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" '
    'sheetId="1" r:id="a"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/'
    'package/2006/relationships"><Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def workbook(dimension: str, rows: str, before: str = "") -> Callable[[Path], None]:
    def write(path: Path) -> None:
        sheet = SHEET.format(dimension=dimension, rows=rows)
        if before:
            sheet = sheet.replace("<worksheet", f"{before}<worksheet", 1)
        members = {**BOOK, "xl/worksheets/sheet1.xml": sheet}
        zipped({name: text.encode() for name, text in members.items()})(path)

    return write


def row(number: int, *cells: tuple[str, str]) -> str:
    inside = "".join(f'<c r="{column}{number}"><v>{value}</v></c>' for column, value in cells)
    return f'<row r="{number}">{inside}</row>'


SMALL = "".join(row(n, ("A", str(n)), ("B", str(2 * n))) for n in range(1, 21))
WIDE = "".join(row(n, ("A", "1"), ("XFD", "2")) for n in range(1, 3000))
LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "lollollollol">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    + "]>"
)


def hdf5(fill: Callable[[h5py.File], None]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with h5py.File(path, "w") as file:
            fill(file)

    return write


def in_itself(file: h5py.File) -> None:
    group = file.create_group("a")
    group["a"], group["b"] = group, group


def claimed(file: h5py.File) -> None:
    file.create_dataset("density", (100_000, 1_000_000), "f8", chunks=(100, 1000), compression="gzip")


def many(file: h5py.File) -> None:
    for number in range(200):
        file.create_dataset(f"density{number}", (1000, 10_000), "f8", chunks=(100, 1000), compression="gzip")


def zeros(file: h5py.File) -> None:
    file.create_dataset("density", data=np.zeros((1000, 50_000)), chunks=(1000, 1000), compression="gzip")


def soft_links(file: h5py.File) -> None:
    file["a"] = h5py.SoftLink("/b")
    file["b"] = h5py.SoftLink("/a")
    file["c"] = h5py.ExternalLink("/etc/passwd", "/")


def strings(file: h5py.File) -> None:
    """A long text that many cells refer to."""
    file.create_dataset("words", (200_000,), h5py.string_dtype(), fillvalue="x" * 100_000)


def heap_without_end(path: Path) -> None:
    """The netCDF library writes references of the axes into a heap; its first object now has number and size 0."""
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("time", 3)
        file.createVariable("time", "f8", ("time",))[:] = 0.0
        file.createVariable("density", "f8", ("time",))[:] = 0.0
    data = path.read_bytes()
    start = data.find(b"GCOL") + 16
    path.write_bytes(data[:start] + bytes(16) + data[start + 16 :])


def netcdf(path: Path) -> None:
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("time", 200_000)
        file.createDimension("altitude", 200_000)
        file.createVariable("density", "f8", ("time", "altitude"), zlib=True, chunksizes=(100, 1000))


def classic(path: Path) -> None:
    """netCDF-3: a header that claims 2^31 times 2^28 values, and no values."""
    with netCDF4.Dataset(path, "w", format="NETCDF3_64BIT_OFFSET") as file:
        file.createDimension("time", 7)
        file.createVariable("density", "f8", ("time",))
    data = path.read_bytes().replace(struct.pack(">I", 7), struct.pack(">I", 0x7FFFFFF0), 1)
    path.write_bytes(data)


def matlab(path: Path) -> None:
    scipy.io.savemat(path, {"density": np.zeros((4000, 20_000))}, do_compression=True)


def matlab_claims(path: Path) -> None:
    """A matrix whose header says 2^30 by 2^30, compressed."""
    scipy.io.savemat(path, {"density": np.zeros((3, 7))})
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<ii", 3, 7), struct.pack("<ii", 1 << 30, 1 << 30), 1))


def ionex(path: Path) -> None:
    """3000 maps of a grid of a quarter of a degree, all of them empty."""

    def line(text: str, label: str) -> str:
        return f"{text:<60}{label}\n"

    head = line("     1.0            IONOSPHERE MAPS     GPS", "IONEX VERSION / TYPE")
    head += line("  3000", "# OF MAPS IN FILE") + line("   450.0 450.0   0.0", "HGT1 / HGT2 / DHGT")
    head += line("    87.5 -87.5  -0.5", "LAT1 / LAT2 / DLAT") + line("  -180.0 180.0   0.5", "LON1 / LON2 / DLON")
    head += line("    -1", "EXPONENT") + line("", "END OF HEADER")
    maps = "".join(
        line(f"{n + 1:6d}", "START OF TEC MAP")
        + line(f"  2021     6    {n // 1440 + 1:2d}  {n // 60 % 24:4d}  {n % 60:4d}     0", "EPOCH OF CURRENT MAP")
        + line(f"{n + 1:6d}", "END OF TEC MAP")
        for n in range(3000)
    )
    path.write_text(head + maps)


def ionograms(last_frequency: float, last_range: float) -> Callable[[Path], None]:
    """An export of SAO-Explorer of three echoes, one of them far away."""
    rows = f"1.000 100.0 90 60 10\n1.001 100.1 90 60 10\n{last_frequency:.3f} {last_range:.1f} 90 60 10\n"

    def write(path: Path) -> None:
        path.write_text("2021.06.03 (154) 14:00:00.000\nFreq Range Pol MPA Amp\n" + rows)

    return write


def sao(path: Path) -> None:
    """An SAO record that counts 999 lines in each group and has none."""
    path.write_text("999" * 40 + "\n" + "999" * 39 + "  5\n" + "FF20211540603140000\n")


def long_line(path: Path) -> None:
    path.write_bytes(b"1 " * 30_000_000)


def many_lines(path: Path) -> None:
    path.write_bytes(b"\n" * 100_000_000)


NIGHT = b"1 2 3\n" * 100

TRAPS = (
    Trap("gzip of 1.2 GB", "night.txt.gz", gz(HUGE)),
    Trap("gzip of 400 MB", "night.txt.gz", gz(SOME)),
    Trap("bzip2 of 1.2 GB", "night.txt.bz2", bz),
    Trap("xz of 1.2 GB", "night.txt.xz", xz),
    Trap("Unix compress of 900 MB", "night.txt.Z", lzw),
    Trap("zip of 1.2 GB", "record.zip", zip_of_zeros(HUGE)),
    Trap("zip of 400 MB", "record.zip", zip_of_zeros(SOME)),
    Trap("zip of 20 times 50 MB", "record.zip", zip_of_zeros(50_000_000, 20, zipfile.ZIP_BZIP2)),
    Trap("zip of 400 MB by bzip2", "record.zip", zip_of_zeros(SOME, 1, zipfile.ZIP_BZIP2)),
    Trap("zip of 400 MB by LZMA", "record.zip", zip_of_zeros(SOME, 1, zipfile.ZIP_LZMA)),
    Trap("zip whose member lies about its size", "record.zip", lying_zip),
    Trap("zip of 2000 names for one block", "record.zip", overlapping),
    Trap("zips in zips, five deep", "record.zip", quine),
    Trap("zip bomb in a zip", "record.zip", nested),
    Trap("zip with names that climb", "record.zip", zipped({"../../climbed.txt": NIGHT, "/x.txt": NIGHT}), True),
    Trap("zip with a name of 60 kB", "record.zip", zipped({"a" * 60_000 + ".txt": NIGHT}), True),
    Trap("zip with control characters in a name", "record.zip", zipped({"a\x1b[2J\n.txt": NIGHT}), True),
    Trap("zip with 20000 empty members", "record.zip", zipped({f"{n}.txt": b"" for n in range(20_000)}), True),
    Trap("tar.gz of 1.2 GB", "record.tar.gz", tar_bomb),
    Trap("tar whose header claims 8 TB", "record.tar", tar_that_claims),
    Trap("tar with 13 GB of nothing", "record.tar", sparse_tar),
    Trap("tar with a link to /etc/passwd", "record.tar", tar_of("a.txt", b"", type=tarfile.SYMTYPE,
                                                               linkname="/etc/passwd")),
    Trap("tar with a device", "record.tar", tar_of("a.txt", b"", type=tarfile.CHRTYPE)),
    Trap("tar with names that climb", "record.tar", tar_of("../../climbed.txt", NIGHT), True),
    Trap("workbook that claims all cells", "table.xlsx", workbook("A1:XFD1048576", SMALL), True),
    Trap("workbook of 3000 wide rows", "table.xlsx", workbook("A1:XFD3000", WIDE)),
    Trap("workbook with a cell in the last row", "table.xlsx", workbook("A1:B20", SMALL + row(1048576, ("A", "1"))),
         True),
    Trap("workbook with entities in entities", "table.xlsx", workbook("A1", row(1, ("A", "&j;")), LAUGHS)),
    Trap("workbook of 400 MB of spaces", "table.xlsx", workbook("A1:B20", " " * SOME + SMALL)),
    Trap("HDF5 groups inside themselves", "night.h5", hdf5(in_itself)),
    Trap("HDF5 that claims 800 GB", "night.h5", hdf5(claimed)),
    Trap("HDF5 of 200 times 80 MB, empty", "night.h5", hdf5(many)),
    Trap("HDF5 of 400 MB of zeros", "night.h5", hdf5(zeros)),
    Trap("HDF5 with links in a ring and out of the file", "night.h5", hdf5(soft_links)),
    Trap("HDF5 of one text 200000 times", "night.h5", hdf5(strings)),
    Trap("netCDF with a heap without end", "night.nc", heap_without_end),
    Trap("netCDF that claims 320 GB", "night.nc", netcdf),
    Trap("netCDF-3 that claims 17 GB", "night.nc", classic),
    Trap("MATLAB of 640 MB of zeros", "night.mat", matlab),
    Trap("MATLAB that claims 2^60 values", "night.mat", matlab_claims),
    Trap("IONEX of 3000 empty maps", "igsg1540.21i", ionex),
    Trap("ionogram at 2^31 MHz", "ionogram.txt", ionograms(2.0**31, 110.0)),
    Trap("ionogram at 2^31 km", "ionogram.txt", ionograms(1.002, 2.0**31)),
    Trap("ionogram of 10 GHz and 1000000 km", "ionogram.txt", ionograms(10_000.0, 1e6)),
    Trap("SAO that counts lines it has not", "BP440_2021154.SAO", sao),
    Trap("a line of 60 MB", "night.txt", long_line),
    Trap("100 million empty lines", "night.txt", many_lines),
)  # fmt: skip
