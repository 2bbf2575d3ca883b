"""Which metal a name is about: `lg_n_Ca_ion`, `NaDen`, `Fe/density`, `钙原子`. None is taken for another."""

from __future__ import annotations

import re

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
# A quantity may stand before the symbol without a gap: nCa, NNa, denFe.
_GLUED = re.compile(r"^(?:[nN]|den|dens|lgn|logn)?(Ca|Na|Fe|Mg|K)$|^n(ca)$")


# An ion in one word without capitals: caplus, caion, nca ii.
_LOWER_ION = re.compile(r"(?<![A-Za-z])n?ca ?(?:plus|ion|ii)(?![a-z])")


def species_in(name: str) -> set[str]:
    """Metals that a name of an array, group, file or folder is about; empty where it names none.

    `Ca` stands for a name that says calcium and not whether it is the ion: see `says_neutral`.
    """
    pieces = _PIECES.findall(_LOWER_ION.sub(r"Ca+ ", name.replace("_", " ")))
    found = {_MERIDIAN[piece.lower()] for piece in pieces if piece.lower() in _MERIDIAN}
    for number, piece in enumerate(pieces):
        element = _element(piece)
        if element is not None:
            following = pieces[number + 1].lower() if number + 1 < len(pieces) else ""
            found.add(element + ("+" if following in _ION else ""))
    return found


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
