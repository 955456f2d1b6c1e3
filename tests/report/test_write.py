import base64
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.reduce import load_model
from fdtd_onn.report import write_report
from fdtd_onn.report.write import name_model_files
from tests.report.experiments import bench_experiment, small_experiment, without_angles, without_reflection


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports") / "small"
    return write_report(small_experiment(), folder)


def read_numbers(page):
    def refuse(constant):
        raise AssertionError(f"{constant} in numbers.json")

    return json.loads((page.parent / "numbers.json").read_text(encoding="utf-8"), parse_constant=refuse)


class Elements(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.seen, self.open, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_the_folder_holds_what_its_numbers_list(report):
    present = {p.relative_to(report.parent).as_posix() for p in report.parent.rglob("*") if p.is_file()}
    assert present == set(read_numbers(report)["files"])
    assert {"report.html", "numbers.json", "models/test_absorber.h5"} < present


def test_the_page_stands_alone_and_its_elements_close(report):
    text = report.read_text(encoding="utf-8")
    page = Elements(text)
    assert page.open == []
    assert not {"script", "link", "iframe", "object", "a"} & {tag for tag, _ in page.seen}
    assert not re.search(r"https?:|url\(|@import| on\w+=", text)
    pictures = [attributes for tag, attributes in page.seen if tag == "img"]
    assert all(p["src"].startswith("data:image/png;base64,") and p["alt"] for p in pictures)
    files = sorted((report.parent / "figures").iterdir())
    assert [base64.b64decode(p["src"].partition(",")[2]) for p in pictures] == [f.read_bytes() for f in files]


def test_the_page_shows_the_numbers_and_the_warnings(report):
    numbers, text = read_numbers(report), " ".join(Elements(report.read_text(encoding="utf-8")).words)
    for rule in numbers["rules"]:
        assert f"{100 * rule['test_accuracy']['mean']:.1f} %" in text
    assert numbers["warnings"]
    assert all(warning in text for warning in numbers["warnings"])
    assert "No warnings" not in text


def test_text_of_the_user_is_text_on_the_page(report):
    page = Elements(report.read_text(encoding="utf-8"))
    assert any("Two meshes & an absorber <from formulas>" in words for words in page.words)


def test_models_beside_the_page_are_those_of_the_experiment(report):
    for short, device in (("coupler", "test_coupler"), ("absorber", "test_absorber")):
        original, loaded = small_experiment().models[short], load_model(report.parent / "models" / f"{device}.h5")
        assert loaded.name == original.name
        if short == "coupler":
            assert np.array_equal(loaded.s_matrix(1.55, gap_um=0.175), original.s_matrix(1.55, gap_um=0.175))


def test_what_has_no_finite_value_is_null_in_the_numbers_and_said_on_the_page(tmp_path):
    page = write_report(without_reflection(without_angles(small_experiment())), tmp_path / "report")
    numbers = read_numbers(page)
    assert numbers["absorbers"][0]["reflection_db"] is None
    assert numbers["rules"][1]["mean_cosine"] == [None, None]
    assert "no gradient cosine" in page.read_text(encoding="utf-8")


def test_a_failure_half_way_leaves_the_earlier_report(report):
    before = {p: p.read_bytes() for p in report.parent.rglob("*") if p.is_file()}
    with pytest.raises(KeyError):
        write_report(replace(small_experiment(), fields={}), report.parent)
    assert {p: p.read_bytes() for p in report.parent.rglob("*") if p.is_file()} == before
    assert list(report.parent.parent.iterdir()) == [report.parent]


def test_a_folder_of_other_things_is_refused_before_any_work(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(BadInput, match="earlier report"):
        write_report(replace(small_experiment(), fields={}), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


def test_devices_that_share_a_name_get_files_of_their_own():
    coupler = small_experiment().models["coupler"]
    models = {"a": coupler, "b": coupler, "c": replace(coupler, name="test_coupler-2"), "d": coupler}
    files = name_model_files(models)
    assert len(set(files.values())) == 4
    assert files["a"] == "models/test_coupler.h5"


def test_a_network_with_errors_electronics_and_netlists_has_its_page(tmp_path):
    page = write_report(bench_experiment(), tmp_path / "bench")
    network = read_numbers(page)["network"]
    assert [station["place"] for station in network["budget"][1:4]] == [
        "behind mesh 1",
        "behind electronics 1",
        "behind netlist 1",
    ]
    (mesh, netlist) = network["reflections"]
    assert (mesh["place"], mesh["counted"]) == ("mesh 1", False)
    assert (netlist["place"], netlist["counted"]) == ("netlist 1", True)
    words = " ".join(Elements(page.read_text(encoding="utf-8")).words)
    assert "netlist 1" in words
    assert "left out" in words
