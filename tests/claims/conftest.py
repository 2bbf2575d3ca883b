import pytest

from metalclouds.claims.run import run
from metalclouds.claims.settings import ClaimsSettings
from tests.claims import campaign


@pytest.fixture
def judged(tmp_path):
    """Write an invented run, judge it, and give its verdicts by claim."""

    def make(source="zenodo", absent=(), changed=None, settings=None, name="run", cells=None):
        folder = campaign.write_run(tmp_path / name, source, absent, changed, cells)
        chosen = ClaimsSettings.model_validate(settings or {})
        run(campaign.files(folder), campaign.CASE_LIST, chosen, folder / "claims")
        return campaign.verdicts(folder)

    return make
