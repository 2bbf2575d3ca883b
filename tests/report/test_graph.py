"""The picture of the rules: what stands in it and where, on graphs small enough to draw by hand."""

import itertools
import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from metalclouds.errors import MetalcloudsError
from metalclouds.report.graph import layers, read, reduce, rule_graph, svg

# a feeds b and c; c also takes from b; d takes from c; everything is collected.
DOT = """digraph snakemake_dag {
    graph[bgcolor=white, margin=0];
\t0[label = "all", color = "0.51 0.6 0.85", style="rounded"];
\t1[label = "a", color = "0.1 0.6 0.85", style="rounded"];
\t2[label = "b", color = "0.2 0.6 0.85", style="rounded"];
\t3[label = "c", color = "0.3 0.6 0.85", style="rounded"];
\t4[label = "d", color = "0.4 0.6 0.85", style="rounded"];
\t5[label = "lone", color = "0.5 0.6 0.85", style="rounded"];
\t1 -> 2
\t1 -> 3
\t2 -> 3
\t3 -> 4
\t4 -> 0
\t5 -> 0
}
"""


def test_rules_and_what_they_follow():
    assert read(DOT) == {"a": set(), "b": {"a"}, "c": {"a", "b"}, "d": {"c"}, "lone": set()}


def test_a_rule_that_waits_for_another_of_its_jobs_is_no_circle():
    assert layers(read(DOT.replace("1 -> 2", "1 -> 1\n\t1 -> 2"))) == layers(read(DOT))


def test_an_edge_that_others_imply_is_left_out():
    assert reduce(read(DOT))["c"] == {"b"}


def test_a_rule_stands_below_all_that_it_follows():
    assert layers(read(DOT)) == [["a", "lone"], ["b"], ["c"], ["d"]]


def test_rows_are_sorted_by_their_neighbours():
    # Without sorting the row would read x, y: and both lines would cross.
    before = {"a": set(), "b": set(), "x": {"b"}, "y": {"a"}}
    assert layers(before) in ([["a", "b"], ["y", "x"]], [["b", "a"], ["x", "y"]])


def test_the_picture_is_well_formed_and_says_it_in_words():
    root = ElementTree.fromstring(svg(DOT))
    names = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert sorted(names) == ["a", "b", "c", "d", "lone"]
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) == 3
    assert "c after b; d after c" in root.find("{http://www.w3.org/2000/svg}desc").text


def test_boxes_of_a_row_do_not_overlap():
    many = "\n".join(f'{i}[label = "rule_{i}"];' for i in range(1, 8))
    boxes = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', svg(many))
    spans = sorted((float(x), float(x) + float(width)) for x, width in boxes)
    assert len(spans) == 7
    assert all(after[0] > before[1] for before, after in itertools.pairwise(spans))


def test_a_failure_of_snakemake_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MetalcloudsError, match="rulegraph failed"):
        rule_graph({}, tmp_path / "Snakefile")


def test_the_picture_does_not_depend_on_the_seed_of_hashes():
    """Sums over a set of floats differ in their last digit with its order, and that moved boxes."""
    rows = [[f"{letter}{number}" for number in range(9)] for letter in "abcd"]
    names = [name for row in rows for name in row]
    dot = "".join(f'{i}[label = "{name}"];\n' for i, name in enumerate(names))
    for above, below in itertools.pairwise(range(0, len(names), 9)):
        joined = [(i, j) for i in range(9) for j in range(9) if (3 * i + 5 * j) % 4]
        dot += "".join(f"{above + i} -> {below + j}\n" for i, j in joined)
    script = "import sys; from metalclouds.report.graph import svg; print(svg(sys.stdin.read()))"
    made = {
        subprocess.run(
            [sys.executable, "-c", script], input=dot, env={**os.environ, "PYTHONHASHSEED": str(seed)}, text=True,
            capture_output=True, check=True,
        ).stdout
        for seed in range(8)
    }  # fmt: skip
    assert len(made) == 1
