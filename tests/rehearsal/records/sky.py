"""A made-up sky over Yanqing: Ca+ density, lidar noise, TEC and wind.

Shared by the three record generators.  Nothing here is measured data: the
nights follow what the paper says about them, the numbers are invented.
Times are UT hours counted from 00 UT of the night's UT date, altitudes km,
densities cm^-3.
"""

import numpy as np

RANGE_GATE_KM = 0.096
PROFILE_S = 33.3
CALIBRATION = 2083.0  # counts per (cm^-3 / km^2) in one gate and profile
BACKGROUND = 0.3  # background counts in one gate and profile


def gates(low_km, high_km, every=1):
    """Altitudes of the range gates between two heights."""
    first = int(np.ceil(low_km / RANGE_GATE_KM))
    last = int(np.floor(high_km / RANGE_GATE_KM + 1e-9))
    return np.arange(first, last + 1, every) * RANGE_GATE_KM


def profile_times(start_h, end_h, gaps=(), step_s=PROFILE_S):
    """Times of the profiles, without those that fall into a gap."""
    t = np.arange(start_h, end_h, step_s / 3600.0)
    for begin, end in gaps:
        t = t[(t < begin) | (t >= end)]
    return t


# ---------------------------------------------------------------- Ca+ density


def main_layer(t, z, peak, centre, seed):
    """The layer near 95 km: steeper below than above, moved by a slow wave."""
    phase = 2 * np.pi * (seed % 17) / 17
    zc = centre + 1.2 * np.sin(2 * np.pi * t / 7.3 + phase)
    strength = peak * (1 + 0.25 * np.sin(2 * np.pi * t / 5.1 + 2 * phase))
    d = z[None, :] - zc[:, None]
    width = np.where(d < 0, 3.2, 5.5)
    return strength[:, None] * np.exp(-0.5 * (d / width) ** 2)


def thin_layer(t, z, begin, end, z_begin, z_end, peak, width=0.8):
    """A sporadic layer that moves from one height to another."""
    zc = z_begin + (z_end - z_begin) * (t - begin) / (end - begin)
    on = 1 / (1 + np.exp(-(t - begin) * 20)) / (1 + np.exp((t - end) * 20))
    d = (z[None, :] - zc[:, None]) / width
    return (peak * on)[:, None] * np.exp(-0.5 * d**2)


def stripe(t, z, at, slowness, bottom, top, peak, width_s=45.0):
    """A narrow straight ridge: t = at + slowness (s/km) * (z - 110 km).

    It broadens and brightens downwards, and is averaged over one profile.
    """
    centre = at + slowness * (z - 110.0) / 3600.0
    broad = width_s * (1 + 1.2 * np.exp(-(z - 110.0) / 40.0))
    sigma = np.sqrt(broad**2 + PROFILE_S**2 / 12) / 3600.0
    edge = 1 / (1 + np.exp(-(z - bottom) / 1.5)) / (1 + np.exp((z - top) / 4))
    bright = peak * edge * (1 + 3 / (1 + np.exp((z - 128.0) / 3.0)))
    d = (t[:, None] - centre[None, :]) / sigma[None, :]
    return bright[None, :] * np.exp(-0.5 * d**2)


def cloud(t, z, begin, end, bottom, top, slowness, peak, seed):
    """A cloud that consists of nearly parallel stripes."""
    rng = np.random.default_rng(seed)
    n = np.zeros((t.size, z.size))
    count = max(3, int((end - begin) * 9))
    for at in np.linspace(begin, end, count):
        low = bottom + rng.uniform(0, 0.35) * (top - bottom)
        high = top - rng.uniform(0, 0.3) * (top - bottom)
        lean = slowness * rng.normal(1, 0.06)
        middle = 0.5 * (low + high)
        foot = at - lean * (middle - 110.0) / 3600.0
        n += stripe(t, z, foot, lean, low, high, peak * rng.uniform(0.5, 1.3))
    return n


def descending(t, z, begin, end, z_begin, z_end, peak, width=7.0):
    """A cloud that comes down slowly; striped by modulation in time."""
    zc = z_begin + (z_end - z_begin) * (t - begin) / (end - begin)
    on = ((t >= begin) & (t <= end)) * (1 + 0.6 * np.sin(2 * np.pi * t * 8.3))
    d = (z[None, :] - zc[:, None]) / width
    return (peak * on)[:, None] * np.exp(-0.5 * d**2)


PARTS = {"thin": thin_layer, "stripe": stripe, "cloud": cloud, "descending": descending}

# What is to be seen on the six case nights.
CASES = {
    "2021-01-08": dict(peak=48, centre=94.2, seed=3, parts=[("cloud", 13.2, 18.4, 190, 290, 9.0, 42, 31)]),
    "2021-06-03": dict(
        peak=150,
        centre=96.0,
        seed=5,
        parts=[
            ("stripe", 14.02, 2.4, 106, 210, 38),
            ("stripe", 14.20, 2.5, 106, 240, 46),
            ("stripe", 14.43, 2.3, 106, 225, 40),
            ("descending", 16.2, 19.0, 235, 118, 55),
            ("thin", 19.0, 20.2, 114, 108, 210),
        ],
    ),
    "2021-06-04": dict(
        peak=165,
        centre=95.4,
        seed=8,
        parts=[
            ("cloud", 13.73, 15.1, 190, 250, 4.0, 50, 81),
            ("stripe", 15.55, 1.9, 106, 250, 44),
            ("stripe", 16.02, 2.0, 106, 265, 52),
            ("stripe", 16.60, 1.9, 106, 235, 40),
            ("stripe", 17.13, 2.1, 106, 240, 45),
            ("descending", 16.4, 18.8, 220, 112, 60),
            ("thin", 18.83, 20.1, 110.5, 109.5, 260),
        ],
    ),
    "2021-06-18": dict(
        peak=172,
        centre=95.9,
        seed=11,
        parts=[
            ("cloud", 14.6, 16.9, 180, 270, 5.0, 45, 111),
            ("stripe", 15.27, 2.2, 105, 240, 50),
            ("descending", 17.5, 18.5, 230, 130, 70),
        ],
    ),
    "2022-01-16": dict(
        peak=55,
        centre=93.8,
        seed=14,
        parts=[
            ("cloud", 14.4, 17.0, 170, 260, 3.0, 38, 141),
            ("cloud", 15.0, 17.8, 180, 250, -5.0, 30, 142),
            ("stripe", 15.72, 2.6, 105, 230, 45),
        ],
    ),
    "2021-05-10": dict(
        peak=120,
        centre=95.1,
        seed=17,
        parts=[
            ("stripe", 14.45, 1.70, 109, 262, 60),
            ("stripe", 14.97, 1.55, 109, 258, 52),
            ("stripe", 13.80, 1.6, 150, 230, 30),
            ("stripe", 15.70, 1.7, 140, 210, 30),
            ("thin", 14.50, 15.33, 109.0, 106.5, 190),
        ],
    ),
}


def density(night, t, z):
    """Ca+ density (time, altitude) of a night, without noise."""
    n = main_layer(t, z, night["peak"], night["centre"], night["seed"])
    for name, *arguments in night["parts"]:
        n += PARTS[name](t, z, *arguments)
    return n


def ordinary_night(seed, month):
    """A night without a cloud; the layer follows the season."""
    rng = np.random.default_rng(seed)
    peak = (
        35 + 110 * np.exp(-0.5 * ((month - 6.5) / 1.6) ** 2) + 20 * (month == 1) - 15 * (month == 3)
    ) * rng.lognormal(0, 0.2)
    parts = []
    if 5 <= month <= 8 or rng.random() < 0.3:
        begin = rng.uniform(13, 16)
        parts.append(
            (
                "thin",
                begin,
                begin + rng.uniform(1, 3),
                rng.uniform(106, 112),
                rng.uniform(99, 104),
                peak * rng.uniform(0.8, 2.5),
            )
        )
    return dict(peak=float(peak), centre=float(rng.normal(95, 0.8)), seed=int(seed), parts=parts)


def counts(n, z, rng, cells=1):
    """Photon counts of a cell made of so many gates times profiles."""
    return rng.poisson(cells * (CALIBRATION * n / z**2 + BACKGROUND))


def retrieve(k, z, rng, cells=1):
    """Density from counts, with the background estimated at 310-330 km."""
    far = 208 * cells
    seen = rng.poisson(BACKGROUND * far, size=(k.shape[0], 1)) / far
    return ((k / cells - seen) * z**2 / CALIBRATION).astype(np.float32)


def observed(night, t, z, rng):
    """Density as a lidar without smoothing sees it: noisy, partly negative."""
    k = counts(density(night, t, z), z, rng)
    return retrieve(k, z, rng)


def observed_means(night, t, z, rng, minutes, gates_per_cell):
    """Density averaged over minutes and gates; t is the middle of a mean."""
    n = 0.0
    for part in range(minutes):
        offset = (part + 0.5 - minutes / 2) / 60.0
        n = n + density(night, t + offset, z) / minutes
    cells = max(1, round(minutes * 60 / PROFILE_S)) * gates_per_cell
    return retrieve(counts(n, z, rng, cells), z, rng, cells)


# ------------------------------------------------------------------- campaign

# month: nights observed, with Ca+ above 150 km, with a layer at 200-300 km
NIGHTS_OF_MONTH = {
    1: (24, 5, 3),
    2: (20, 2, 0),
    3: (22, 0, 0),
    4: (18, 1, 0),
    5: (17, 5, 2),
    6: (22, 8, 5),
    7: (18, 6, 2),
    8: (19, 4, 2),
    9: (24, 2, 0),
    10: (28, 1, 1),
    11: (25, 2, 0),
    12: (20, 1, 0),
}


def choose_nights(rng):
    """The 257 nights with their class (0, 1: > 150 km, 2: 200-300 km too)."""
    calendar = np.arange("2020-06-01", "2022-11-01", dtype="datetime64[D]")
    month_of = calendar.astype("datetime64[M]").astype(int) % 12 + 1
    chosen = {}
    for month, (observed_, above, layer) in NIGHTS_OF_MONTH.items():
        days = [str(d) for d in calendar[month_of == month] if str(d) != "2021-01-16"]
        fixed = [d for d in days if d in CASES]
        others = [d for d in days if d not in CASES]
        rng.shuffle(others)
        take = fixed + others[: observed_ - len(fixed)]
        for i, day in enumerate(take):
            chosen[day] = 2 if i < layer else 1 if i < above else 0
    return dict(sorted(chosen.items()))


def campaign_night(date, kind, seed):
    """Contents, first and last UT hour of any night of the campaign."""
    rng = np.random.default_rng(seed)
    month = int(date[5:7])
    dark = 12.6 if 5 <= month <= 8 else 10.4
    dawn = 20.0 if 5 <= month <= 8 else 21.8
    begin = dark + rng.exponential(0.5)
    end = dawn - rng.exponential(1.2)
    if date in CASES:
        return CASES[date], dark, dawn
    if end - begin < 3:
        begin, end = dark, dark + 4
    night = ordinary_night(seed, month)
    if kind:
        first = rng.uniform(begin, end - 2.5)
        low, high = (205, 285) if kind == 2 else (135, 195)
        night["parts"].append(("cloud", first, first + 2.2, low, high, rng.uniform(-8, 8), 45, seed))
    return night, begin, end


# ------------------------------------------------------------------ sporadic E

# date: usual foEs (None: no Es), [(first, last UT hour, MHz, Es type)]
ES = {
    "2021-06-03": (3.2, [(14.0, 14.75, 5.4, "c2"), (19.0, 20.0, 6.8, "l3")]),
    "2021-06-04": (3.4, [(15.5, 17.25, 5.9, "c2"), (18.0, 18.75, 6.4, "l2"), (18.75, 20.0, 7.1, "c1l2")]),
    "2021-06-18": (3.0, [(15.25, 15.75, 5.1, "c1"), (17.5, 18.75, 7.6, "l4")]),
    "2022-01-16": (None, [(15.75, 16.5, 3.1, "f1")]),
    "2021-05-10": (None, [(12.0, 13.0, 2.6, "l1"), (14.5, 14.7, 3.3, "c1"), (15.0, 15.2, 3.7, "c1")]),
}


def es_layer(date, ut, rng):
    """foEs (MHz, None without Es), height (km) and type at a time."""
    usual, events = ES.get(date, (2.8, []))
    for first, last, peak, kind in events:
        if first <= ut < last:
            return (round(float(peak + rng.normal(0, 0.2)), 2), 110.0 if kind[0] == "c" else 105.0, kind)
    if usual is None or rng.random() < 0.08:
        return None, None, ""
    return (round(float(usual + rng.normal(0, 0.35)), 2), float(rng.choice([100.0, 102.5, 105.0])), "f1")


# ------------------------------------------------------------------------ TEC

# date: (longitude, onset, peak, end, amplitude)
ENHANCEMENTS = {
    "2021-06-18": (117.0, 14.6, 16.0, 19.6, 4.2),
    "2021-01-08": (115.0, 15.5, 18.0, 20.5, 2.6),
    "2021-06-03": (118.0, 14.0, 16.5, 19.5, 3.4),
    "2021-06-04": (116.0, 13.8, 16.9, 19.8, 3.8),
}


def vertical_tec(date, ut, lat, lon):
    """Vertical TEC (TECU); the arguments are broadcast against each other."""
    local = ut + lon / 15.0
    decay = np.exp(-(local - 19.0) / 6.0)
    crest = np.exp(-0.5 * ((lat - 21.0) / 6.5) ** 2)
    tec = 3.2 + (7.0 + 16.0 * crest) * decay - 0.03 * (lat - 35.0)
    if date in ENHANCEMENTS:
        axis, onset, peak, end, amplitude = ENHANCEMENTS[date]
        rise = np.clip((ut - onset) / (peak - onset), 0, 1)
        fall = np.clip((end - ut) / (end - peak), 0, 1)
        across = np.exp(-0.5 * ((lon - axis) / 1.9) ** 2)
        along = 1 / (1 + np.exp(-(lat - 25.0))) / (1 + np.exp(lat - 42.0))
        tec = tec + amplitude * np.minimum(rise, fall) * across * along
    return tec


def in_china(lat, lon):
    """A rough outline of where the receivers are (boolean)."""
    outline = np.array(
        [
            (74, 39),
            (80, 31),
            (88, 28),
            (97, 28),
            (98, 24),
            (101, 21.5),
            (106, 22),
            (109, 19),
            (111, 20),
            (117, 23),
            (121, 26),
            (122, 31),
            (120, 36),
            (122, 39),
            (126, 40.5),
            (131, 43),
            (134.5, 48),
            (127, 50),
            (123, 53),
            (119, 49),
            (112, 44),
            (105, 42),
            (97, 43),
            (91, 46),
            (87, 49),
            (80, 44),
        ]
    )
    lat, lon = np.broadcast_arrays(lat, lon)
    inside = np.zeros(lat.shape, dtype=bool)
    x1, y1 = outline[-1]
    for x2, y2 in outline:
        crosses = (y1 > lat) != (y2 > lat)
        if y1 != y2:
            inside ^= crosses & (lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1)
        x1, y1 = x2, y2
    return inside


# ----------------------------------------------------------------------- wind


def wind_250km(date, ut):
    """Eastward and northward neutral wind at 250 km (m/s)."""
    shift = sum(int(c) for c in date if c.isdigit()) % 7
    east = 48 * np.cos((ut - 13.5 - 0.2 * shift) * np.pi / 9.0)
    north = -32 + 11 * np.sin((ut - 12 + 0.5 * shift) * np.pi / 5.0)
    return east, north


# ---------------------------------------------------------------------- truth


def iso(date, hours):
    """ISO time (UT, whole seconds) of hours after 00 UT of a date."""
    moment = np.datetime64(date, "ms") + np.timedelta64(int(round(hours * 3.6e6)), "ms")
    return str(moment) + "Z"


def main_peak(z, n):
    """Peak of the night's mean profile within 80-105 km: (density, altitude).

    The mean is smoothed over about 1 km, so that it does not depend on noise.
    """
    with np.errstate(all="ignore"):
        mean = np.nanmean(n, axis=0)
    width = max(1, int(round(1.0 / (z[1] - z[0]))))
    smooth = np.convolve(np.nan_to_num(mean), np.ones(width) / width, "same")
    inside = np.flatnonzero((z >= 80) & (z <= 105))
    best = inside[np.argmax(smooth[inside])]
    return round(float(smooth[best]), 2), round(float(z[best]), 2)


def samples(date, t, z, n, rng, count=6):
    """Some exact values of n (time, altitude), low and high ones."""
    rows = rng.integers(0, t.size, count)
    heights = np.linspace(88, min(250, z[-1] - 1), count)
    out = []
    for i, height in zip(rows, heights):
        j = int(np.argmin(abs(z - height)))
        value = float(n[i, j])
        out.append(
            {
                "ut": iso(date, t[i]),
                "alt_km": round(float(z[j]), 4),
                "density_cm3": None if np.isnan(value) else value,
            }
        )
    return out


def lidar_truth(date, t, z, n, rng, species="Ca+", **more):
    """What a correct reader finds in one lidar night."""
    peak, height = main_peak(z, n)
    entry = {
        "night": date,
        "species": species,
        "ut_start": iso(date, t[0]),
        "ut_end": iso(date, t[-1]),
        "alt_min_km": round(float(z[0]), 4),
        "alt_max_km": round(float(z[-1]), 4),
        "n_profiles": int(t.size),
        "n_gates": int(z.size),
        "main_layer": {"peak_density_cm3": peak, "alt_km": height},
        "samples": samples(date, t, z, n, rng),
    }
    entry.update(more)
    return entry
