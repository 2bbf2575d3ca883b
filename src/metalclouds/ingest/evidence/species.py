"""Which metal a name is about: `lg_n_Ca_ion`, `NaDen`, `Fe/density`, `钙原子`. None is taken for another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from metalclouds.errors import UndecidedError
from metalclouds.ingest.containers import Arrays
from metalclouds.ingest.decisions import Context

_ELEMENTS = ("Ca", "Na", "Fe", "Mg", "Ni", "Li", "Al", "Si", "K")
_CHINESE = {"钙": "Ca", "钠": "Na", "铁": "Fe", "镁": "Mg", "镍": "Ni", "锂": "Li", "钾": "K"}
# Words after an element's symbol that make an ion of it, or say that it is none.
_ION = {"ion", "ions", "ii", "plus", "+", "离子", "ionic"}
_NEUTRAL = {"atom", "atoms", "neutral", "atomic", "原子"}
# Codes of the Meridian project's products.
_MERIDIAN = {"ndci": "Ca+", "ndca": "Ca", "ndna": "Na", "ndfe": "Fe", "ndk": "K", "ndkp": "K", "ndni": "Ni"}
_PIECES = re.compile(r"\+|离子|原子|[\u4e00-\u9fff]|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
# A symbol of one letter, and those that are words, count only as they are written in chemistry.
_EXACT = {"K", "Al", "Si", "Li", "Ni"}
# The word for an ion without a gap: Caplus, Feion, CaII.
_WITH_ION = re.compile(r"(Ca|Na|Fe|Mg|Ni|Li|Al|Si|K)(?:[Pp]lus|[Ii]ons?|ii)")
# A quantity may stand before the symbol without a gap: nCa, NNa, denFe.
_GLUED = re.compile(r"^(?:[nN]|den|dens|lgn|logn)?(Ca|Na|Fe|Mg|K)$|^n(ca)$")


# An ion in one word without capitals: caplus, caion, nca ii.
_LOWER_ION = re.compile(r"(?<![A-Za-z])n?ca ?(?:plus|ion|ii)(?![a-z])")


# Metals in words; an ion is said behind them.
_METALS = re.compile(
    r"(sodium|natrium|sodio|sódio)|(potassium|kalium|potasio|potássio)|((?<![a-z])iron|eisen|hierro)"
    r"|(calcium|kalzium|calcio|cálcio)|(nickel|níquel)|(magnesium|magnesio)|(lithium|litio)|(alumini?um)",
    re.IGNORECASE,
)
_SYMBOLS = ("Na", "K", "Fe", "Ca", "Ni", "Mg", "Li", "Al")


def with_symbols(text: str) -> str:
    """A text with the symbols of metals in place of their names: `Kalium-Lidar` is ` K -Lidar`."""
    return _METALS.sub(lambda match: f" {_SYMBOLS[int(match.lastindex or 1) - 1]} ", text)


def species_in(name: str) -> set[str]:
    """Metals that a name of an array, group, file or folder is about; empty where it names none.

    `Ca` stands for a name that says calcium and not whether it is the ion: see `says_neutral`.
    """
    return set(words_of(name))


def words_of(name: str) -> dict[str, str]:
    """Metals that a name is about, each with the part of the name that says so: `{"Ca+": "Caplus"}`."""
    text = _LOWER_ION.sub(r"Ca+ ", name.replace("_", " "))
    pieces = list(_PIECES.finditer(text))
    found = {_MERIDIAN[one[0].lower()]: one[0] for one in pieces if one[0].lower() in _MERIDIAN}
    for number, one in enumerate(pieces):
        glued = _WITH_ION.fullmatch(one[0])
        element = glued.group(1) if glued else _element(one[0])
        before, after = pieces[number - 1] if number else None, next(iter(pieces[number + 1 : number + 2]), None)
        if element is None or (one[0] in _EXACT and not (_parted(before, one) and _parted(one, after))):
            continue
        ion = after if after is not None and after[0].lower() in _ION else None
        found[element + ("+" if glued or ion else "")] = text[one.start() : ion.end() if ion else one.end()]
    return found


def _parted(left: re.Match[str] | None, right: re.Match[str] | None) -> bool:
    """Whether two pieces of a name stand apart, or go together as a metal and a word on its data do: not `KBorn`."""
    if left is None or right is None or left.end() != right.start():
        return True
    other = right[0] if left[0] in _EXACT else left[0]
    return not other.isalpha() or other.lower() in _BESIDE | _ION | _NEUTRAL or _element(other) is not None


# Resonance lines (nm, in air: NIST Atomic Spectra Database; those in vacuum are 0.1 nm longer) of lidars of metals.
LINES_NM = {
    "Ca+": (393.37, 396.85), "Ca": (422.67,), "Na": (589.0, 589.59), "Fe": (371.99, 373.71, 374.56, 385.99),
    "K": (766.49, 769.9), "Mg": (285.21,), "Mg+": (279.55, 280.27), "Ni": (336.96, 341.48), "Li": (670.78,),
    "Al": (394.4, 396.15),
}  # fmt: skip
# Wavelengths are often written without decimals.
_NEAR_NM = 0.7


def of_wavelength(nanometres: float) -> str | None:
    """The metal whose resonance line a laser's wavelength is; None for other lines, as those of Rayleigh lidars."""
    away = {metal: min(abs(nanometres - line) for line in lines) for metal, lines in LINES_NM.items()}
    metal = min(away, key=away.__getitem__)
    return metal if away[metal] < _NEAR_NM else None


def says_neutral(name: str) -> bool:
    """Whether a name says that atoms are meant, not ions."""
    pieces = {piece.lower() for piece in _PIECES.findall(name.replace("_", " "))}
    return bool(pieces & _NEUTRAL) or "ndca" in pieces


def _element(piece: str) -> str | None:
    if piece in _CHINESE:
        return _CHINESE[piece]
    if piece in _ELEMENTS:
        return piece
    glued = _GLUED.match(piece)
    if glued:
        return (glued.group(1) or glued.group(2)).capitalize()
    lower = piece.capitalize()
    return lower if lower in _ELEMENTS and lower not in _EXACT and len(piece) > 1 else None


def is_another(name: str, species: str) -> bool:
    """Whether a name is about other metals than a species, and not about it.

    A name that says calcium without a word for ion or atom is not held against Ca+.
    """
    named = species_in(name)
    if not named or species in named:
        return False
    unclear = species.endswith("+") and species[:-1] in named and not says_neutral(name)
    return not unclear


# Words that may stand beside a metal in the name of a folder of its data; any other makes it another name.
_BESIDE = frozenset(
    (
        "density", "dens", "den", "data", "lidar", "layer", "raw", "level", "l", "profiles", "profile", "counts",
        "number", "night", "nights", "channel", "ch", "n", "数", "据", "密", "度", "激", "光", "雷", "达", "层",
    )
)  # fmt: skip


def folder_of_another(folder: str, species: str) -> bool:
    """Whether a folder is named after other metals alone: `Fe`, `Na_density`, `铁`; not `run_K` or `tmp_fe`."""
    pieces = _PIECES.findall(folder.replace("_", " "))
    known = all(
        _element(piece) or piece.isdigit() or piece.lower() in _ION | _NEUTRAL | _BESIDE | _MERIDIAN.keys()
        for piece in pieces
    )
    return known and is_another(folder, species)


def of_another(species: str, said: Mapping[str, str], context: Context) -> UndecidedError:
    """The stop for data that name another metal than the one that is read.

    Parameters
    ----------
    said
        metal -> the words that name it, and where.
    """
    error = context.undecided(
        f"data of {', '.join(sorted(said))}, and {species} is asked for; --species (species=... in Python) asks for "
        "another",
        seen=", ".join(said[metal] for metal in sorted(said)),
        lines=tuple({"species": metal} for metal in [*sorted(said)[:2], species]),
    )
    # What a night is like does not decide it: layers of two metals may be alike.
    error.lines = ()
    return error


_WAVELENGTH = re.compile(r"(laser_?)?(wave_?len(gth)?|lambda|wl)(_?(nm|m|um|a|angstroms?))?|波长")


def check_wavelength(arrays: Arrays, context: Context) -> None:
    """Record the metal whose line the file's wavelength is; stop where it is another than the one that is read.

    Raises
    ------
    UndecidedError
        With both metals.
    """
    species = str(context.options.get("species") or context.settings.lidar.species)
    values = {name: value.ravel()[0] for name, value in arrays.values.items() if value.size == 1}
    for name, value in {**values, **arrays.attributes_of_file}.items():
        bare = name.split(".")[-1].strip().lower()
        metal = _metal_of(value) if _WAVELENGTH.fullmatch(bare) else None
        if metal is None or "species" in context.options:
            continue
        if metal != species:
            raise of_another(species, {metal: f"{name} {value}, a line of {metal}"}, context)
        context.decisions.record("species", species, f"the file says so: {name} {value}")


def wavelength_of(arrays: Arrays, name: str) -> float | None:
    """The wavelength of a metal's line (nm) that the array's attributes or the file state; None for none."""
    scalars = {key: value.ravel()[0] for key, value in arrays.values.items() if value.size == 1}
    for said in (arrays.attributes.get(name, {}), scalars, arrays.attributes_of_file):
        for key, value in said.items():
            if _WAVELENGTH.fullmatch(key.split(".")[-1].strip().lower()):
                found = _line_of(value)
                if found is not None:
                    return found[1]
    return None


_OF_ARRAY = re.compile(r"long_?name|standard_?name|description|title|species|element", re.IGNORECASE)


def said_of(arrays: Arrays, name: str) -> tuple[str, str] | None:
    """The metal that an array's own attributes name, by its resonance line or in words, and the attribute.

    None where they name none, or several, or calcium without a word for ion or atom.
    """
    attributes = arrays.attributes.get(name, {})
    for key, value in attributes.items():
        metal = _metal_of(value) if _WAVELENGTH.fullmatch(key.strip().lower()) else None
        if metal is not None:
            return metal, f"{key} {value} of {name}"
    for key, value in attributes.items():
        found = species_in(value) if isinstance(value, str) and _OF_ARRAY.fullmatch(key) else set()
        if len(found) == 1 and (found != {"Ca"} or says_neutral(str(value))):
            return found.pop(), f"{key} {value!r} of {name}"
    return None


def of_attributes(names: Sequence[str], arrays: Arrays, context: Context) -> list[str]:
    """Of some arrays those whose attributes name the species that is read; all where no attribute names a metal.

    Raises
    ------
    UndecidedError
        If the attributes of all of them name other metals.
    """
    species = str(context.options.get("species") or context.settings.lidar.species)
    said = {name: found for name in names if (found := said_of(arrays, name)) is not None}
    own = [name for name in said if said[name][0] == species]
    if own:
        context.decisions.record("species", species, f"the file says so: {said[own[0]][1]}")
        return own
    if said and len(said) == len(names) and "species" not in context.options:
        raise of_another(species, dict(said.values()), context)
    return [name for name in names if name not in said] or list(names)


def note_species(context: Context) -> None:
    """Record whose density it is taken for where no word of the file decided it: as given, or assumed."""
    if any(one["what"] == "species" for one in context.decisions.entries):
        return
    species = context.settings.lidar.species
    if species in species_in(PurePath(context.file).name):
        why = f"the file is named after it: {PurePath(context.file).name}"
    elif "species" in context.settings.lidar.model_fields_set:
        why = "given: --species, or ingest.lidar.species"
    else:
        why = "assumed: neither the file's name nor its arrays name a metal"
    context.decisions.record("species", species, why)


def _metal_of(value: object) -> str | None:
    """The metal of a wavelength in nm, m, micrometre or angstrom, a number or its text."""
    found = _line_of(value)
    return None if found is None else found[0]


def _line_of(value: object) -> tuple[str, float] | None:
    """The metal of a wavelength in nm, m, micrometre or angstrom, and the wavelength in nm."""
    found = re.match(r"\s*(\d+(?:\.\d+)?(?:[eE]-?\d+)?)", str(value))
    if found is None:
        return None
    in_nm = [float(found.group(1)) * unit for unit in (1.0, 1e9, 1e3, 0.1)]
    return next(((metal, nm) for nm in in_nm if (metal := of_wavelength(nm))), None)
