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
from fdtd_onn.responses.saturation import AbsorptionSpectrum, Recovery
from tests.reduce.exports.one_way import one_way_model, one_way_pair
from tests.reduce.test_absorber import GUIDE
from tests.report.experiments import TRUTH, small_experiment
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


def checked_absorber():
    """The small experiment's absorber with its line and its recovery, by the formulas of a two-level atom."""
    (response,) = small_experiment().responses["absorber"]
    wavelengths = np.linspace(1.5, 1.6, 11)
    detuning = np.array([response.device.detuning(1.0 / w) for w in wavelengths])
    line = np.exp(-0.5 * (TRUTH.optical_depth * (1 + 1j * detuning) / (1 + detuning**2) + 0.05))
    delay = np.linspace(0.0, 60.0, 9)
    left = np.exp(-0.5 * (TRUTH.optical_depth * (1 - 0.6 * np.exp(-delay / 20.0)) + 0.05) + 0.4j)
    spectrum = AbsorptionSpectrum(wavelengths, line, np.zeros(11))
    return replace(response, spectrum=spectrum, recovery=Recovery(delay, left, 20.0))


def test_an_absorbers_page_shows_its_fit_its_probes_and_what_was_checked(pages, tmp_path):
    plain = " ".join(Elements((pages / PAGES[2]).read_text(encoding="utf-8")).words)
    assert "Not run: spectrum, recovery" in plain
    assert "Recovery time" not in plain
    of_all = study()
    checked = replace(of_all, responses={**of_all.responses, "absorber": [checked_absorber()]})
    folder = write_device_pages(checked, {}, tmp_path / "pages").parent
    page = Elements((folder / PAGES[2]).read_text(encoding="utf-8"))
    text = " ".join(page.words)
    assert len([tag for tag, _ in page.seen if tag == "img"]) == 5
    assert "Not run" not in text
    assert "of the run, whose lifetime was set to 20.0" in text
    absorber = numbers(folder)["devices"][2]["absorber"]
    line = absorber["line"]
    # The spectrum of the formula has no phase of the pump's noise: all agree to what the pump's 3e-4 leaves.
    for name, truth in (
        ("optical_depth", TRUTH.optical_depth),
        ("saturation_power_mw", 1e3 * TRUTH.saturation_power_w),
    ):
        assert abs(line[name]["value"] - truth) < 0.1 * truth, name
    assert line["recovery_periods"]["value"] == pytest.approx(20.0, rel=0.05)
    assert line["effective_area_um2"]["value"] == pytest.approx(line["saturation_power_mw"]["value"] / 1.0)
    # Deeper sections spoil gradients more, and the time-gated probe more than the coherent one.
    errors = [(row["coherent_error"], row["gated_error"]) for row in absorber["over_depth"]]
    assert errors == sorted(errors)
    assert all(coherent < gated for coherent, gated in errors)


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
