"""The method of the detection: every number that is no setting, one frozen class a step, and its version.

These numbers hang together: they were chosen on simulated nights (docs/decisions/detection.md), and what is said of
false alarms, recall and errors holds for them alone. What a user may set stands in settings.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field, replace

from metalclouds.detect.settings import DetectSettings


@dataclass(frozen=True)
class ImageMethod:
    """Coarse image of a night."""

    row_km: float = 1.44  # Height of a row of the coarse image (km).
    bottom_km: float = 76.0  # Lower edge of the coarse image (km).
    longest_gap_slots: int = 400  # Profiles that a longer gap in time is shortened to in the search image.
    profile_step_km: float = 10.0  # Step of width and density along a stripe (km).
    noise_floor_altitude_km: float = 250.0  # Altitude of the stated noise floor (km).


@dataclass(frozen=True)
class ProfilesMethod:
    """Which profiles are used."""

    twilight_sun_elevation_deg: float = -12.0  # Profiles with the sun above this elevation are twilight, not used.
    burst_sigma: float = 6.0  # Excess of the background of single profiles over their neighbours (sigma).
    burst_flat_share: float = 0.5  # Share of a burst's excess that is the same at all altitudes, at least.
    burst_longest_profiles: int = 4  # Longest burst, in profiles.
    low_signal_share: float = 0.25  # Profiles whose main layer or background falls below this share are misfires.


@dataclass(frozen=True)
class NoiseMethod:
    """Noise of a density in place of counts."""

    half_profiles: int = 15  # The noise of a density is the median over twice this many profiles and one.
    # A density's profile whose noise variance exceeds its neighbours' by this factor is a burst.
    burst_factor: float = 1.6
    # Where more of the profiles than this are noisier than their neighbours, they are no bursts.
    burst_most_share: float = 0.03


@dataclass(frozen=True)
class BackgroundMethod:
    """Background of a night."""

    block_rows: int = 10  # Rows in an altitude block of the background.
    low_share: float = 0.34  # Share of the altitude blocks, the lowest, whose mean starts the background.
    smooth_minutes: float = 8.0  # Smoothing of the background in time (min).
    iterations: int = 2  # Rounds with what was found masked.
    systematic: float = 0.004  # Relative error of the background that no averaging removes.


@dataclass(frozen=True)
class TopsideMethod:
    """Upper side of the main layer."""

    bottom_km: float = 112.0  # Altitude from which the upper side of the main layer is followed up (km).
    top_km: float = 140.0  # Altitude up to which the main layer's upper side may reach (km).
    scale_height_km: float = 5.0  # Slowest fall of the main layer's upper side with altitude (km).
    window_minutes: float = 50.0  # Time over which the main layer's upper side is taken for steady (min).
    block_profiles: int = 5  # Profiles averaged before the main layer's upper side is sought.


@dataclass(frozen=True)
class MaskMethod:
    """Mask of clouds and decisions of a night."""

    # Boxes of the mask, rows x profiles, odd numbers.
    scales: tuple[tuple[int, int], ...] = ((3, 3), (5, 7), (7, 21), (13, 41), (25, 101))
    high_sigma: float = 5.3  # A component needs one box of this significance.
    low_sigma: float = 3.5  # A component extends to this significance.
    least_cells: int = 12  # Smallest component of the mask, cells.
    clumping: float = 6.5  # Independent trials in an image, in units of the boxes that tile it.


@dataclass(frozen=True)
class EdgesMethod:
    """Edges of clouds in time and altitude."""

    share: float = 0.5  # A cloud's edge lies near half of this share of the mean density inside it.
    sigma: float = 4.0  # Least significance of that share in a box of the edges (sigma).
    cost: float = 5.0  # Log likelihood that each beginning and end of a cloud must gain.
    # Half sizes for edges in time: rows summed; rows and profiles of the mean inside.
    time_box: tuple[int, int, int] = (2, 2, 12)
    # Half sizes for edges in altitude: profiles summed; profiles and rows of the mean inside.
    altitude_box: tuple[int, int, int] = (7, 7, 5)
    bridge_minutes: float = 15.0  # Gaps of a cloud up to this time belong to it (min).
    # Height above the main layer's top that a component must reach to be a cloud (km).
    cloud_least_rise_km: float = 8.0


@dataclass(frozen=True)
class SearchMethod:
    """Search for lines."""

    bottom_km: float = 108.0  # Lower edge of the region of stripes (km).
    largest_slowness_s_per_km: float = 60.0  # Largest slowness dt/dz of a stripe, both signs (s/km).
    width_doublings: int = 2  # Widths of the search: 1, 2, ... 2^this profiles.
    joined_profiles: tuple[int, ...] = (1, 4, 8, 16)  # Scales of the search: profiles joined, powers of two.
    systematic: float = 0.2  # Relative error of the clouds and stripes that a new stripe lies on.
    # Boxes, rows x profiles, whose mean is taken for cloud, not stripe.
    base_scales: tuple[tuple[int, int], ...] = ((1, 41), (9, 31))
    base_sigma: float = 4.0  # Significance from which such a box is cloud.
    seed_sigma: float = 6.5  # Matched SNR from which a line is fitted.
    seed_clear_sigma: float = 4.0  # Matched SNR that the part of a line above the flares needs.
    rounds: int = 4  # Rounds of search, fit and removal.
    most_candidates: int = 80  # Most lines that a round of the search fits.
    margin_slots: int = 30  # Profiles on both sides of the stripes found that are searched again.
    mask_share: float = 0.02  # Cells where a stripe exceeds this share of the background are left out of it.


@dataclass(frozen=True)
class AcceptMethod:
    """What counts as a stripe."""

    least_elongation: float = 2.5  # Least length over width, both in km of drift.
    least_elongation_alone: float = 0.4  # The same of a stripe that stands alone.
    least_height_km: float = 10.0  # Least height of a stripe that does not stand alone (km).
    alone_sigma: float = 14.0  # Matched SNR of a stripe that stands alone.
    alone_top_km: float = 135.0  # It rises at least to this altitude (km).
    alone_km: float = 6.0  # No light but its own up to this height above and below (km).
    alone_widths: float = 1.5  # No light but its own on both sides, in widths.
    alone_share: float = 0.8  # Light there that may be another's, of its own.
    drift_km_s: float = 0.06  # Drift assumed for the elongation (km/s).
    clear_km: float = 135.0  # Thin sporadic layers lie below this altitude (km).
    least_clear_sigma: float = 6.0  # Matched SNR that the part of a stripe above clear_km needs.
    clear_of_waves_km: float = 150.0  # Waves of thin layers, which look like flat stripes, lie below this (km).
    taller_than_waves_km: float = 30.0  # Height from which a bright stripe is no wave of a thin layer (km).
    foot_sigma: float = 20.0  # Matched SNR from which a short stripe below clear_km is believed.
    foot_slowness_s_per_km: float = 6.0  # Largest slowness, both signs, of a stripe among the thin layers (s/km).
    foot_width_s: float = 110.0  # Largest width of a stripe among the thin layers (s).
    least_width_s: float = 2.5  # Full width at half maximum below which a fit is taken for failed (s).
    longest_width_s: float = 1500.0  # Full width at half maximum above which light is a cloud, not a stripe (s).
    side_contrast: float = 0.4  # Light that must be less on both sides of a stripe, in its own light.
    side_sigma: float = 1.5  # Errors of that contrast that it may lack.
    even_width_s: float = 200.0  # Wider ones may be a row of others, narrower ones ripples of a cloud (s).
    most_uneven: float = 0.3  # Squared steps of the light inside such a stripe, in its own squared light.
    upright_widths: float = 1.0  # Slant over its height, in widths, up to which a stripe is upright.
    gain_error: float = 0.1  # Error of a single profile's gain.
    # Significance of an upright stripe beside an offset and a gain of its profiles.
    beside_profile_sigma: tuple[float, float] = (4.0, 20.0)  # At least, and enough for one of up to 40 sigma.
    beside_profile_share: tuple[float, float] = (0.65, 0.5)  # Share of its own: of a faint one, of a brighter one.
    most_cloud: float = 3.5  # Light of the smooth cloud that a narrow stripe lies in, in its own.


@dataclass(frozen=True)
class EndsMethod:
    """Ends of a stripe."""

    density_share: float = 0.9  # Share of a stripe's density that a row beyond its ends is expected to show.
    floor: float = 0.3  # Least density of a bright stripe's row, as a share of the mean.
    sigma: float = 1.5  # A row of a stripe is not taken for fainter than this many sigma.
    peaked_sigma: float = 20.0  # Matched SNR from which a stripe of one knot is taken for peaked.
    rounds: int = 2  # Rounds of finding the ends and fitting between them.
    body_share: float = 0.5  # Density above a bright foot, at most, as a share of the mean below.
    body_loss: float = 15.0  # Log likelihood that a faint part above a foot must gain to belong to it.


@dataclass(frozen=True)
class FitMethod:
    """Fit of a stripe."""

    rounds: int = 12  # Most steps of a fit.
    prior_width_s: float = 20.0  # Full width at half maximum that the prior of the width is centred at (s).
    prior_width_spread: float = 1.0  # Spread of ln width in its prior.
    prior_curvature: float = 0.002  # Spread of the curvature d2t/dz2 / 2 in its prior (s/km^2).
    prior_widening_per_km: float = 0.005  # Spread of d ln width / dz in its prior (1/km).
    shape_sigma: float = 15.0  # Significance from which curvature and widening are fitted.
    knot_sigma: float = 10.0  # Significance that each knot of the density needs.
    knot_km: float = 25.0  # Smallest distance of the knots of the density (km).


@dataclass(frozen=True)
class FlareMethod:
    """Where a stripe widens below."""

    # A stripe flares below this altitude; a long one's slowness is fitted above (km).
    straight_bottom_km: float = 133.0
    straight_least_km: float = 20.0  # Height above straight_bottom_km that the slowness needs (km).
    # Difference of slowness with and without the part below from which it is a flare (sigma).
    flare_sigma: float = 2.5


@dataclass(frozen=True)
class PiecesMethod:
    """Which pieces belong to one stripe."""

    gap_rows: int = 10  # Rows that part two lights on one line if they are dark.
    gap_share: float = 0.15  # Dark: below this share of the density on both sides.
    merge_gap_km: float = 25.0  # Longest gap between pieces of one stripe (km).
    merge_slots: float = 1.5  # How far a piece may lie off the line of another, profiles.
    merge_widths: float = 0.3  # The same, in widths.
    merge_loss: float = 9.0  # Log likelihood that one stripe may explain less than two pieces.
    merge_loss_share: float = 0.008  # Share of the log likelihood of two pieces that one stripe may lose besides.
    unlike_sigma: float = 50.0  # Ratio of significances up to which pieces are joined.
    hook_share: float = 0.5  # Longest foot of a stripe, as a share of its height.
    hook_top_km: float = 165.0  # Trails turn round below this altitude (km).
    hook_gap_km: float = 8.0  # Longest gap between a stripe and its foot (km).
    hook_inside: float = 0.2  # How far the middle of a foot may lie inside the stripe, a share of it.
    hook_widths: float = 1.0  # Distance of a foot from a stripe's end, widths.
    ridge_rows: int = 15  # Altitudes at which a stripe is asked for a maximum in time.
    ridge_share: float = 0.5  # Share of these that must have one.
    wide_importance: float = 0.06  # Importance of stripes wider than even_width_s, which may be a row of others.
    saddle: float = 0.05  # Least fall of the light between two stripes, of the fainter crest.
    # Share of the log likelihood that two pieces need which a break must promise before it is tried.
    break_share: float = 0.5
    bend_sigma: float = 4.0  # Standard errors from which a curvature is taken for real.
    kink_length: float = 0.85  # A bent stripe whose better half grows to less than this share of it is cut.


@dataclass(frozen=True)
class ErrorsMethod:
    """Errors of a stripe."""

    misfit_rows: int = 4  # Rows of a block whose shift in time is compared with the stripe's line.
    parts: int = 4  # Parts of a stripe that are left out in turn for the error of its slowness.
    least_blocks: int = 3  # Blocks from which their scatter says something.
    least_scatter: float = 0.02  # Scatter of the blocks about a stripe's line, at least, in widths.
    shape_widths: float = 0.08  # Error of a slowness from a stripe's uneven shape, in widths over its height.
    shape_bend: float = 0.05  # The same, as a share of the change of slope between its ends.
    edge_km: float = 1.0  # Error of an end because no trail stops within a row (km).
    width_share: float = 0.06  # Error of a width because no trail is a Gaussian of even width, as a share of it.
    blend_share: float = 0.3  # What a row counts for the error of the slowness where the light may be a neighbour's.
    # Slant over a stripe's height, in profiles, below which its slowness comes from the posterior.
    steep_profiles: float = 1.5
    steep_points: int = 25  # Slownesses at which that posterior is evaluated.
    bend_borne: float = 0.8  # Variance of a curvature over that of its prior from which the prior stays.
    joint_most: int = 10  # Most stripes that are fitted together.
    joint_steps: int = 4  # Steps of the joint fit of stripes whose light overlaps.


@dataclass(frozen=True)
class GroupsMethod:
    """Groups of parallel stripes."""

    gap_minutes: float = 25.0  # Stripes of a group follow within this time (min).
    slowness_s_per_km: float = 1.5  # Spread of slowness allowed inside a group of parallel stripes (s/km).


@dataclass(frozen=True)
class ConnectionsMethod:
    """How clouds and stripes join the main layer."""

    # Stripes that reach the main layer within this time are one connection (min).
    connection_gap_minutes: float = 10.0
    merge_slowest_m_s: float = 2.0  # A lower edge that comes down slower than this does not merge (m/s).
    merge_fastest_m_s: float = 35.0  # A lower edge that comes down faster than this is no cloud's (m/s).
    merge_speeds: int = 16  # Speeds tried, from the slowest to the fastest.
    merge_band_km: float = 24.0  # Height above the main layer over which a lower edge is followed (km).
    merge_reach_km: float = 15.0  # Height above the lowest light whose largest density defines the edge (km).
    merge_edge_sigma: float = 4.0  # Significance of the lowest light of three rows and profiles (sigma).
    merge_tolerance_km: float = 3.0  # Largest distance of an edge from the line of a descent (km).
    merge_arrived_km: float = 4.0  # An edge this far above the main layer is at the layer (km).
    merge_bridge_km: float = 3.0  # Most that the line of a descent counts between two edges on it (km).
    merge_least_descent_km: float = 8.0  # Descent along a line, less that beside which edges lie off it (km).
    merge_least_profiles: int = 5  # Fewest profiles with an edge on the line.
    merge_lowest_edge_km: float = 12.0  # An edge is seen on the line down to this height above the main layer (km).
    # Longest time without light before the arrival, and until light at the main layer follows (min).
    merge_gap_minutes: float = 10.0
    merge_least_arrived: int = 2  # Fewest profiles with light at the main layer after the arrival.
    merge_left_share: float = 0.15  # A cloud is down when less than this share of its density is left.
    merge_tall_km: float = 60.0  # A stripe this far above the main layer is no piece of a cloud that merges (km).


@dataclass(frozen=True)
class Method:
    """The method with a user's settings: all that the steps of a detection need."""

    settings: DetectSettings = field(default_factory=DetectSettings)
    image: ImageMethod = ImageMethod()
    profiles: ProfilesMethod = ProfilesMethod()
    noise: NoiseMethod = NoiseMethod()
    background: BackgroundMethod = BackgroundMethod()
    topside: TopsideMethod = TopsideMethod()
    mask: MaskMethod = MaskMethod()
    edges: EdgesMethod = EdgesMethod()
    search: SearchMethod = SearchMethod()
    accept: AcceptMethod = AcceptMethod()
    ends: EndsMethod = EndsMethod()
    fit: FitMethod = FitMethod()
    flare: FlareMethod = FlareMethod()
    pieces: PiecesMethod = PiecesMethod()
    errors: ErrorsMethod = ErrorsMethod()
    groups: GroupsMethod = GroupsMethod()
    connections: ConnectionsMethod = ConnectionsMethod()

    @property
    def version(self) -> str:
        """Number of the method, and a checksum of its values: another value, another version."""
        values = {name: part for name, part in asdict(self).items() if name != "settings"}
        return f"{NUMBER}-{hashlib.sha256(repr(values).encode()).hexdigest()[:8]}"


NUMBER = 6
METHOD = Method()


def method_with(settings: DetectSettings) -> Method:
    """The method of this version with a user's settings."""
    return replace(METHOD, settings=settings)
