"""Truths other than the paper's, each with the claims that must change with it and the reason; all others must stay.

They are seen through the errors of `tests.claims.simulated`. A claim that must change no longer agrees: it differs,
is left undecided where an error could explain the change, or loses what it is measured on (no stripes, no shape).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from metalclouds.claims.model import load_claims
from tests.claims.campaign import CLAIMS
from tests.claims.simulated import Truth

AS_CLAIMED = Truth()
# Claims on the explanation that some result decides.
SUPPLEMENTS = tuple(
    claim.id for claim in load_claims(CLAIMS).claims if claim.id.startswith("X") and not claim.not_testable
)


@dataclass(frozen=True)
class Other:
    """A truth, and claim -> why it must change; `may` holds claims that noise may turn either way."""

    truth: Truth
    must: dict[str, str]
    may: tuple[str, ...] = ()


def _with(months: tuple, values: dict[int, float]) -> tuple:
    return tuple(values.get(month, value) for month, value in enumerate(months, start=1))


OTHERS = {
    "no January peak": Other(
        replace(AS_CLAIMED, cloudy=_with(AS_CLAIMED.cloudy, {1: 1}), column=_with(AS_CLAIMED.column, {1: 2.2})),
        {"N4": "one night in January", "N5": "no peak in January"},
        # N2: four nights fewer are about as many as the doubtful ones. M2: of equal months one has the largest mean.
        may=("N2", "M2", "T7"),
    ),
    "another season": Other(
        replace(AS_CLAIMED, cloudy=(7, 5, 2, 0, 0, 1, 5, 1, 0, 1, 6, 9),
                column=(9.0, 8.0, 2.6, 2.2, 2.2, 2.2, 4.6, 2.2, 1.0, 2.2, 8.0, 9.5),
                density=(9.0, 4.0, 2.6, 2.2, 2.2, 2.2, 4.6, 2.2, 1.0, 2.2, 8.0, 9.5)),
        {"N4": "May has none", "N5": "a peak in December", "M1": "winter has the most", "M2": "July has the peak",
         "M4": "winter has the most"},
        # T7: the nights with TEC are other months' then.
        may=("T7",),
    ),
    "a flat main layer": Other(
        replace(AS_CLAIMED, column=(3.0,) * 12, density=(3.0,) * 12),
        {"M1": "no month stands out", "M2": "no month stands out", "M3": "nothing to vary with",
         "M4": "no month stands out"},
    ),
    "clouds at 130 km only": Other(
        replace(AS_CLAIMED, cloudy=(0,) * 12, clear=0, mean_hours=0.0, cloud_middle_km=130.0),
        {"N2": "none above 150 km", "N3": "none above 200 km", "N4": "none above 150 km",
         "N5": "no rate to peak", "M3": "no rate to vary", "L2": "no long clouds",
         "L3a": "no cloud there", "L3c": "no cloud there",
         "S6": "no night to ask", "D2": "no cloud above 150 km", "T6": "no first Ca+", "T4": "no last Ca+",
         "F1": "no cloud to see it with", "L8": "no cloud there", "L11": "no cloud there",
         "T7": "no night with clouds"},
    ),
    "events 40 min later": Other(
        replace(AS_CLAIMED, later_minutes=40.0),
        {**dict.fromkeys(("L3b", "L3c", "L3d", "L3e", "L3f", "L9", "L10"), "all times"),
         "L8": "its times", "T4": "the last Ca+"},
        # T6: 40 min are within what maps 48 min apart show as one.
        may=("E2", "T6"),
    ),
    "no stripes": Other(
        replace(AS_CLAIMED, stripes=False, direct=False),
        {**{f"S{number}": "no stripes" for number in (1, 2, 3, 4, "5a", 6, 7, 8, 9, 10, 11, 12, 13)},
         **dict.fromkeys(("L3b", "L3c", "L3d", "L3e", "L3f", "L9", "L10"), "no stripe reaches the layer"),
         "L6": "one way is missing"},
        may=("E1a", "E1b", "E2"),
    ),
    "no connection": Other(
        replace(AS_CLAIMED, direct=False, descending=False),
        {**dict.fromkeys(("L3b", "L3c", "L3d", "L3e", "L3f", "L10"), "no connection"),
         "L6": "no connection", "L7": "no merging cloud", "L8": "no merging cloud",
         "S3": "no stripe ends at 110 km", "S10": "no tall stripe ends there", "S4": "no tall stripe below 130 km",
         "S9": "no tall stripe below 130 km", "S12": "no stripe below 130 km",
         "E1a": "nothing to rise with", "E1b": "nothing to rise with", "E2": "nothing to blanket after"},
        # Fewer stripes are left to see it on; the last Ca+ of panel d is that of the cloud that merges.
        may=("S1", "S2", "S8", "S13", "T4", "L9", "X3"),
    ),
    "bent stripes, widening upwards": Other(
        replace(AS_CLAIMED, bend=3.0, widening=1.0, step=0.4),
        {"S3": "narrower and thinner below", "S7": "bent", "S8": "broader upwards", "S12": "thinner below"},
    ),
    "beta doubled": Other(
        replace(AS_CLAIMED, beta=2.0, pair_difference=-1.0),
        {"S4": "11.6 and 10.6 degrees"},
        may=("S9", "S5a"),
    ),
    "no enhancement": Other(
        replace(AS_CLAIMED, enhancement=False),
        {"T1": "none found", "T2": "none at those times", "T4": "no end", "T5": "no axis", "T6": "no onset",
         "T7": "none at all", "F2a": "no time to look at"},
    ),
    "foEs unchanged": Other(
        replace(AS_CLAIMED, rise_mhz=0.0, blanketing=AS_CLAIMED.blanketing_else, double=False, es_gone=False),
        {"E1a": "no rise", "E1b": "no rise", "E2": "no blanketing", "E3": "no double layer",
         "E4a": "Es is there all the time"},
    ),
    "a thicker atmosphere": Other(
        replace(AS_CLAIMED, scale_height_km=30.0), {"D1": "a factor of 100 takes 138 km"},
    ),
    "no trails of meteoroids": Other(
        replace(AS_CLAIMED, trails=False), dict.fromkeys(SUPPLEMENTS, "another explanation"),
    ),
}  # fmt: skip
