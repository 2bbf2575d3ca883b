"""Tables of derive/ that the supplements leave."""

from __future__ import annotations

from metalclouds.schema.table import Table, date, flag, integer, number, text, time

SUPPLEMENTS = Table(
    "derive/supplements.csv",
    {
        "name": text("what a test of the explanation observed; docs/supplements.md lists them"),
        "value": number("its value", empty="it could not be tested"),
        "low": number("lower end of its interval", empty="no interval"),
        "high": number("upper end of its interval", empty="no interval"),
        "n": integer("stripes, nights or altitudes behind it", unit="1"),
        "unit": text("unit of value, low and high"),
        "why": text("why it could not be tested", empty="it was tested"),
    },
)
NO_WIND = "no wind near enough in time"
SUPPLEMENT_STRIPES = Table(
    "derive/supplement_stripes.csv",
    {
        "night": date("date of the evening at the station"),
        "id": text("stripe, as in detect/stripes.csv"),
        "time_utc": time("time halfway along the stripe"),
        "altitude_km": number("altitude halfway along it", unit="km"),
        "bottom_km": number("as in detect/stripes.csv", unit="km"),
        "top_km": number("as in detect/stripes.csv", unit="km"),
        "slowness_s_per_km": number("as in detect/stripes.csv", unit="s km-1"),
        "peak_density_cm3": number("as in detect/stripes.csv", unit="cm-3"),
        "eastward_m_s": number("wind at 250 km then, eastward", empty=NO_WIND, unit="m s-1"),
        "northward_m_s": number("the same, northward", empty=NO_WIND, unit="m s-1"),
        "radius_km": number(
            "radius W of exp(-r^2/W^2), if the trail crosses the beam broadside", empty=NO_WIND, unit="km"
        ),
        "tangent": number(
            "slowness times wind speed: minus tan(zenith angle) cos(angle to the drift)", empty=NO_WIND, unit="1"
        ),
        "tangent_sigma": number("its standard error", empty=NO_WIND, unit="1"),
        "zenith_speed_km_s": number("highest entry speed of a bound body from the zenith then", unit="km s-1"),
        "speed_limit_km_s": number(
            "the same from the most favourable radiant that the stripe allows", empty=NO_WIND, unit="km s-1"
        ),
        "widening": number("d ln(width) in 100 km above 130 km", empty="too few widths there", unit="1"),
        "widening_sigma": number("its standard error", empty="too few widths there", unit="1"),
        "area_least_m2": number(
            "cross-section that sputtering needs, all in its favour", empty="too low, or no wind", unit="m2"
        ),
        "area_m2": number("the same with usual values", empty="too low, or no wind", unit="m2"),
        "area_largest_m2": number("the same with all against it", empty="too low, or no wind", unit="m2"),
    },
)
SUPPLEMENT_AIR = Table(
    "derive/supplement_air.csv",
    {
        "night": date("night whose midnight it is"),
        "altitude_km": number("altitude above sea level", unit="km"),
        "number_m3": number("molecules and atoms of air (NRLMSISE-00 at low solar activity)", unit="m-3"),
        "temperature_K": number("temperature, taken for the ions' and electrons' too", unit="K"),
        "free_path_short_km": number("mean free path of a metal atom, large cross-section", unit="km"),
        "free_path_long_km": number("the same, small cross-section", unit="km"),
        "collisions_s": number("collisions of Ca+ with air", unit="s-1"),
        "coulomb_s": number("collisions of Ca+ with O+ at 1e5 cm-3", unit="s-1"),
        "gyrations": number("gyrofrequency over collisions with air", unit="1"),
        "along_m2_s": number("diffusion of Ca+ along the magnetic field", unit="m2 s-1"),
        "across_m2_s": number("diffusion of Ca+ across the magnetic field", unit="m2 s-1"),
        "fall_m_s": number("speed at which Ca+ falls along a vertical field by gravity alone", unit="m s-1"),
        "ambipolar_m_s": number(
            "the same by the ambipolar field alone, where electrons become fewer by a factor e in 20 km downwards",
            unit="m s-1",
        ),
        "surface_slow_K": number("temperature of a meteoroid of 20 km/s that radiates what it meets", unit="K"),
        "surface_fast_K": number("the same at 70 km/s", unit="K"),
    },
)
FEW = "fewer than six stripes with a wind"
SUPPLEMENT_NIGHTS = Table(
    "derive/supplement_nights.csv",
    {
        "night": date("UT date of an evening with stripes"),
        "stripes": integer("stripes with a wind", unit="1"),
        "radiant_cost": number(
            "misfit of the best radiant, chi-squared per stripe, at most nine", empty=FEW, unit="1"
        ),
        "sheet_cost": number("misfit of the best field-aligned sheet, likewise", empty=FEW, unit="1"),
        "radiant_p": number("chance that shuffled slopes fit one radiant as well", empty=FEW, unit="1"),
        "radiant_power": number(
            "share of draws of the best radiant's slopes, their errors and simulated trails' scatter added, that "
            "shuffling tells from chance; below 0.8 the night could not show the order and does not count",
            empty=FEW,
            unit="1",
        ),
        "showers": integer(
            "established showers above the horizon, within ten degrees of their maximum", empty=FEW, unit="1"
        ),
        "shower": text("code of the one that fits best", empty="none"),
        "shower_cost": number("its misfit, likewise", empty="none", unit="1"),
        "shower_p": number("chance that showers turned about the zenith fit as well", empty="none", unit="1"),
        "metal_tecu": number(
            "electrons of all metal ions, every uncertain number chosen in favour of trails",
            empty="no depth of clouds",
            unit="TECU",
        ),
        "tec_tecu": number("strength of the region of enhanced TEC", empty="no such region", unit="TECU"),
        "tec_tilt_deg": number("angle of its axis from the meridian", empty="no such region", unit="degree"),
    },
)
SUPPLEMENT_ESCAPE = Table(
    "derive/supplement_escape.csv",
    {
        "planet": text("planet"),
        "place": text("altitude or distance"),
        "quantity": text("speed, or the particle whose energy it is", choices=("speed", "O", "N2", "Fe")),
        "printed": number("as the review prints it"),
        "decimals": integer("digits behind the point there"),
        "recomputed": number("from first principles"),
        "with_protons": number("the same with the mass of a proton for each nucleon"),
        "unit": text("of all three"),
        "agrees": flag("whether the recomputed value rounds to the printed one"),
        "agrees_with_protons": flag("whether that with protons does"),
    },
)
SUPPLEMENT_LIFETIMES = Table(
    "derive/supplement_lifetimes.csv",
    {
        "altitude_km": number("altitude", unit="km"),
        "ion": text("ion"),
        "lifetime_days": number("1 / (alpha Ne) at 1e5 electrons a cm3 and the air's temperature", unit="days"),
        "flow_m_s": number("upward speed that takes it to 500 km in that time", unit="m s-1"),
        "fall_m_s": number("speed at which Ca+ falls along a vertical field by gravity", unit="m s-1"),
    },
)
SUPPLEMENT_SEASON = Table(
    "derive/supplement_season.csv",
    {
        "by": text("what the rows part the record by", choices=("month", "hour")),
        "part": integer("calendar month, or hour of the day in UT"),
        "hours": number("usable darkness; of an hour: as if spread evenly over a night's darkness", unit="h"),
        "stripes": integer("stripes found in it", unit="1"),
        "stripes_per_hour": number("stripes for each such hour", empty="no such hours", unit="h-1"),
        "flux": number(
            "flux of sporadic meteors through a horizontal area, over the mean of the rows",
            empty="no such hours",
            unit="1",
        ),
    },
)
SUPPLEMENT_DECISIONS = Table(
    "derive/supplement_decisions.csv",
    {
        "claim": text("claim whose observable it is"),
        "observable": text("what is observed"),
        "seen": text("what was seen, or why it could not be tested"),
        "explanation": text("shower, sporadic, sheets, fronts or patches"),
        "predicts": text("what the explanation predicts"),
        "campaigns": integer("simulated campaigns of that explanation", empty="not a matter of campaigns"),
        "for_trails": number("share of them that came out for trails", empty="not a matter of campaigns", unit="1"),
        "against_trails": number("share of them that came out against", empty="not a matter of campaigns", unit="1"),
    },
)
