"""Whether each verdict survives when a setting that could decide it is changed, one setting at a time.

Nothing is detected again: thresholds are applied to stored scores, derived tables are made again in memory, and
only claims that rest on a table that changed are judged again (`metalclouds.claims.sensitivity.grid`).

claims/sensitivity.json
-----------------------
``settings``: a list, one entry a setting that was tried::

    {"setting": "detect.p_false", "words": "false-alarm probability of a night", "unit": "",
     "base": 0.005, "values": [0.001, 0.02], "claims": ["N2", "N4", ...]}

``base`` and ``values`` are numbers or words; ``claims`` are those of which some value moves a number.

``claims``: a list in the order of verdicts.json, one entry a claim::

    {"id": "N2", "verdict": "recovered", "survival": "weakens", "tried": 7, "kept": 6, "settings": 3,
     "sentence": "Recovered for 6 of 7 other values of 3 settings that move it; undecided with ... = 170.",
     "changed_by": [{"setting": "detect.boundary_km", "value": 170.0, "verdict": "not_testable"}]}

``settings`` counts the settings that move a number of the claim, ``tried`` their values, ``kept`` those among them
that leave the verdict as it is.
``survival`` is one word for the verdict map: `survives` (the same verdict for every value), `weakens` (some values
leave it undecided, none turns it), `turns` (some value gives the opposite verdict), `settles` (an undecided claim
that some value decides), `untried` (no setting of the grid reaches it, or it is not testable for lack of data).

``rows``: a list, one entry a claim and value that was tried, the run's own first, with ``setting`` "" (the same
as claims/sensitivity.csv)::

    {"claim": "N2", "setting": "detect.p_false", "setting_value": 0.001, "base": false, "value": 36.0, "low": 35.0,
     "high": 38.0, "unit": "nights", "verdict": "recovered", "status": "met", "kept": true}
"""
