"""The sheet of panels and statements: complete, each panel cut out whole, and made from a finished run."""

from __future__ import annotations

import base64
import html
import re
import shutil
from io import BytesIO
from pathlib import Path

import fake_run
import numpy as np
import pytest
import yaml
from conftest import SETTINGS
from matplotlib.image import imread

from metalclouds import io
from metalclouds.errors import ReadError
from metalclouds.figures import contact_sheet

CLAIMS = yaml.safe_load((Path(__file__).parents[2] / "config/claims.yaml").read_text(encoding="utf-8"))["claims"]
# Letters of the panels of the paper's figures; Figure 6 is one drawing.
PAPER = {1: "abcdef", 2: "abcdefghijkl", 3: "abcdefghijklmn", 4: "abc", 5: "abcd", 6: ""}


def test_every_panel_of_the_paper_is_there_once():
    for number, letters in PAPER.items():
        listed = [letter for figure, group, _ in contact_sheet.PANELS if figure == number for letter in group]
        assert "".join(sorted(listed)) == letters
    assert {number for number, _, _ in contact_sheet.PANELS} == set(PAPER)


def test_every_claim_that_names_a_figure_stands_beside_a_panel():
    listed = {one for _, _, ids in contact_sheet.PANELS for one in ids}
    assert listed == {claim["id"] for claim in CLAIMS if claim.get("figures")}


def _image(uri: str) -> np.ndarray:
    return imread(BytesIO(base64.b64decode(uri.split(",")[1])), format="png")


def test_panels_are_cut_out_of_the_figure(loaded):
    module, data = loaded["figure4"]
    figure = module.draw(data, SETTINGS)
    shown = {letter: _image(uri) for letter, uri in contact_sheet.pictures(figure).items()}
    assert set(shown) == {"", "a", "b", "c"}
    whole = shown[""].shape[0] * shown[""].shape[1]
    shares = [shown[letter].shape[0] * shown[letter].shape[1] / whole for letter in "abc"]
    # three panels below each other fill the figure, none of them alone
    assert 0.75 < sum(shares) < 1.15
    assert max(shares) < 0.45
    # nothing is cut off: the border is white all round
    for letter in "abc":
        border = np.concatenate([shown[letter][0], shown[letter][-1], shown[letter][:, 0], shown[letter][:, -1]])
        assert border.min() > 0.95


def test_a_sheet_shows_statements_with_their_lines(run_dir, tmp_path, monkeypatch):
    monkeypatch.setattr(contact_sheet, "PANELS", ((4, "abc", ("X1",)), (6, "", ("X2",))))
    folder = Path(shutil.copytree(run_dir, tmp_path / "run"))
    figures = SETTINGS.model_dump(mode="json")
    io.write_json(folder / "run.json", {"configuration": {"cases": fake_run.CASES, "figures": figures}})
    said = {"about": "paper", "verdict": "agrees", "place": "line 7"}
    empty = dict.fromkeys(("status", "reason", "printed", "kind", "unit", "differs_if"), "")
    claims = [{"id": one, "statement": f"statement <{one}>"} | said | empty for one in ("X1", "X2")]
    io.write_json(folder / "claims/verdicts.json", claims)
    text = contact_sheet.build(folder).read_text(encoding="utf-8")
    # two whole figures and three panels; a statement stands once beside its group of panels
    assert text.count("<img ") == 5
    assert re.findall(r"<strong>(\w+)</strong> statement", text) == ["X1", "X2"]
    assert re.findall(r'alt="(.*?)"', text) == ["Figure 4", "Panel 4a", "Panel 4b", "Panel 4c", "Figure 6"]
    assert "statement <X1>" in html.unescape(text)
    assert "line 7" in text


def test_a_run_without_verdicts_is_refused(tmp_path):
    with pytest.raises(ReadError, match="finished run"):
        contact_sheet.build(tmp_path)
