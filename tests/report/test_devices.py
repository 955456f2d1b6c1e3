import json
from dataclasses import replace

import numpy as np
import pytest

from fdtd_onn.api import DeviceStudy
from fdtd_onn.errors import BadInput
from fdtd_onn.reduce import load_model
from fdtd_onn.report import write_device_pages
from fdtd_onn.report.figures.scattering import _over_wavelength, draw_delay, draw_spectrum, group_delay_fs
from fdtd_onn.report.parts import linear_parts
from tests.reduce.exports.one_way import one_way_model, one_way_pair
from tests.reduce.test_absorber import GUIDE
from tests.report.experiments import small_experiment
from tests.report.test_write import Elements

PAGES = ["01_coupler.html", "02_phase_shifter.html", "03_absorber.html", "04_mine.html", "05_dark.html"]


def study():
    experiment = small_experiment()
    return DeviceStudy("standard", experiment.responses, experiment.fields, experiment.models)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    files = {"mine": one_way_model(), "dark": GUIDE}
    return write_device_pages(study(), files, tmp_path_factory.mktemp("reports") / "devices").parent


def numbers(folder):
    return json.loads((folder / "numbers.json").read_text(encoding="utf-8"))


def test_every_device_has_a_page_that_the_index_links(pages):
    index = Elements((pages / "index.html").read_text(encoding="utf-8"))
    links = [attributes["href"] for tag, attributes in index.seen if tag == "a"]
    assert links == PAGES
    assert index.open == []
    for link in links:
        page = Elements((pages / link).read_text(encoding="utf-8"))
        assert page.open == []
        assert [a["href"] for tag, a in page.seen if tag == "a"] == ["index.html"]
        assert all(a["alt"] for tag, a in page.seen if tag == "img")


def test_the_folder_holds_what_its_numbers_list_and_can_be_replaced(pages):
    present = {p.relative_to(pages).as_posix() for p in pages.rglob("*") if p.is_file()}
    assert present == set(numbers(pages)["files"])
    assert load_model(pages / "models" / "mine.h5").record().digest == one_way_model().record().digest
    write_device_pages(replace(study()), {"mine": one_way_model(), "dark": GUIDE}, pages)
    assert {p.relative_to(pages).as_posix() for p in pages.rglob("*") if p.is_file()} == present


def test_pages_show_errors_warnings_figures_and_provenance(pages):
    rows = {row["short"]: row for row in numbers(pages)["devices"]}
    for file, pictures in zip(PAGES, (4, 4, 3, 2, 1), strict=True):
        short = file[3:].removesuffix(".html")
        page = Elements((pages / file).read_text(encoding="utf-8"))
        text = " ".join(page.words)
        assert len([tag for tag, _ in page.seen if tag == "img"]) == pictures
        assert all(warning in text for warning in rows[short]["warnings"])
        assert ("Provenance" in text) == (short not in ("mine", "dark"))
    assert rows["coupler"]["linear"]["power_error"] == 1e-3
    assert rows["mine"]["model"]["errors"]["validation"] == one_way_model().validation_error
    assert rows["mine"]["digest"] == one_way_model().record().digest


def test_pages_say_what_was_run_what_was_inferred_and_what_checks_gave(pages, tmp_path):
    text = " ".join(Elements((pages / PAGES[0]).read_text(encoding="utf-8")).words)
    assert "run in full wave" in text
    assert "by declared symmetries" not in text
    assert "Change of S in a larger cell not checked" in text
    of_all = study()
    family = [
        replace(r, computed_columns=("o1",), inference_error=error, margin_error=7e-5)
        for r, error in zip(of_all.responses["coupler"], (None, 4e-3, 1e-4), strict=True)
    ]
    checked = replace(of_all, responses={**of_all.responses, "coupler": family})
    folder = write_device_pages(checked, {}, tmp_path / "pages").parent
    text = " ".join(Elements((folder / PAGES[0]).read_text(encoding="utf-8")).words)
    assert "run in full wave; by declared symmetries: o2, o3, o4" in text
    row = numbers(folder)["devices"][0]
    # The runs of the test say 2e-3 of S: an inferred column that is off by twice as much is said.
    assert any("an inferred column is off its own run by 0.0040" in warning for warning in row["warnings"])
    assert row["linear"]["margin_error"] == 7e-5


def test_pages_say_the_indices_of_the_guides(pages):
    """Group index 4.2 by the formula of the test, whose error is 1e-4 of the index."""
    for guide in numbers(pages)["devices"][0]["linear"]["guides"]:
        assert guide["group_index"] == pytest.approx(4.2, rel=0.02)
        assert guide["effective_index_error"] == pytest.approx(1e-4 * guide["effective_index"])


def test_a_folder_of_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(BadInput, match="earlier report"):
        write_device_pages(study(), {}, tmp_path)


def test_the_group_delay_is_that_of_the_guide():
    """Group index 4.2 at 1.55 µm over 10 µm of leads and 12 µm of coupler, whose own supermodes add dispersion."""
    wavelengths, curves = _over_wavelength(one_way_pair(), None)
    delay = group_delay_fs(np.unwrap(np.angle(curves[:, 1, 0])), wavelengths)
    at = int(np.argmin(np.abs(wavelengths - 1.55)))
    assert delay[at] == pytest.approx(22.0 * 4.2 / 0.299792458, rel=0.05)
    turn, slow = draw_delay(one_way_pair(), None).axes
    assert len(turn.lines) == len(slow.lines) == 1


def test_the_band_of_a_spectrum_is_the_error_of_the_runs():
    """The runs say 2e-3 of S, so 4e-3 |S| of |S|², and no more than 1e-3."""
    part = linear_parts(small_experiment())[0]
    axes = draw_spectrum(part).axes[0]
    power = np.abs(part.family[part.shown].s[:, 2, 0]) ** 2
    edges = [10.0 ** (band.get_paths()[0].vertices[:, 1] / 10.0) for band in axes.collections]
    reach = [(edge.min(), edge.max()) for edge in edges]
    assert any(r == pytest.approx((power.min() - 1e-3, power.max() + 1e-3), rel=1e-6) for r in reach)
