"""Absorbers in three dimensions: planning, the section's mode, weak light, and pump and probes against the model."""

from __future__ import annotations

import numpy as np
import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave.absorbing import overlap, two_level
from fdtd_onn.fullwave.cost import estimated_cost
from fdtd_onn.fullwave.density import Density, Line, Rows, density
from fdtd_onn.fullwave.frozen import dark
from fdtd_onn.fullwave.grid import YEE_SHIFT
from fdtd_onn.fullwave.patch import aligned_resolution, patch_of
from fdtd_onn.fullwave.plan import plan
from fdtd_onn.fullwave.populations import box_around, components, inversion
from fdtd_onn.fullwave.saturation import _gated, absorber_cell, run_saturation
from fdtd_onn.fullwave.section_mode import SectionMode
from fdtd_onn.fullwave.spectrum import run_spectrum
from fdtd_onn.geometry.scene import draw
from fdtd_onn.reduce.absorber_fit import compile_absorber
from fdtd_onn.reduce.absorption import Absorption, transit
from fdtd_onn.responses.saturation import ModeProfile, SaturationResponse
from fdtd_onn.specs.device import device_adapter
from fdtd_onn.specs.fidelity import ABSORBER_VOLUME_FIDELITIES
from fdtd_onn.specs.load import load_device
from fdtd_onn.specs.runs import SaturationRun, SpectrumRun
from tests.fullwave.support import needs_engine
from tests.fullwave.test_saturation import seen
from tests.geometry.make import STACK, make_device
from tests.reduce.synthetic import PROVENANCE

DRAFT = ABSORBER_VOLUME_FIDELITIES["draft"]
CORE = {"kind": "core"}
FILM = {"kind": "layer", "thickness_um": 0.22, "index": 1.8}
BESIDE = {"kind": "strip", "width_um": 0.22, "offset_um": 0.385, "index": 1.9}
INSIDE = {"kind": "strip", "width_um": 0.22, "offset_um": 0.055, "index": 3.4757}
WAVELENGTH = np.array([1.55])


def in_space(placement=CORE, stack=STACK, **parameters):
    parameters = {"width_um": 0.44, "thickness_um": stack["thickness_um"], **parameters}
    data = make_device("absorber", **parameters).model_dump(mode="json")
    return device_adapter.validate_python(data | {"placement": placement, "dimensions": 3, "stack": stack})


def sharpened(device, step):
    """The device with its absorbing matter's index higher by a step."""
    data = device.model_dump(mode="json")
    where = data["stack"]["core"] if device.placement.kind == "core" else data["placement"]
    where["index"] += step
    return device_adapter.validate_python(data)


def section(device, resolution, settings=DRAFT):
    cell = absorber_cell(device, settings, resolution, WAVELENGTH)
    return cell, density(device, cell)


def confinement(device, resolution):
    """As the model has it, and as the mode solver does: how the section's effective index follows the matter's."""
    cell, atoms = section(device, resolution)
    high, low = (SectionMode(section(sharpened(device, step), resolution)[0]).mode.index for step in (0.005, -0.005))
    return overlap(device, two_level(device, 0.0), cell, atoms).confinement, (high - low) / 0.01


def weak_absorption(device, cell):
    """Of unit guided power per length, by first-order perturbation on the grid's own points: ½ n α Σ ρ|E|² Δ²."""
    section, atoms = SectionMode(cell), density(device, cell)
    total = 0.0
    for name, field in section.fields.items():
        shifts = YEE_SHIFT[name][1:]
        starts = [2 * (low + (not shift)) + shift for low, shift in zip(section.first, shifts, strict=True)]
        y, z = (
            rows.line.at(start + 2 * np.arange(count))
            for rows, start, count in zip(atoms.across, starts, field.shape, strict=True)
        )
        total += np.sum(np.multiply.outer(y, z) * field**2)
    return 0.5 * patch_of(device).index * device.parameters.absorption_per_um * total * cell.grid.pitch**2


@pytest.mark.parametrize(
    ("sizes", "wanted", "expected"),
    [((0.44, 0.22), 16, 4), ((0.44, 0.22), 24, 6), ((0.55, 0.22), 36, 8), ((0.45, 0.2), 20, 4), ((0.5, 0.25), 46, 12)],
)
def test_the_grid_holds_the_core_in_whole_pixels(sizes, wanted, expected):
    """The height takes an even number, as given; a width of an odd number is taken too."""
    width, height = sizes
    device = in_space(stack={**STACK, "thickness_um": height}, width_um=width)
    resolution = aligned_resolution(device, wanted)
    assert resolution * height == pytest.approx(expected)
    assert resolution * width == pytest.approx(round(resolution * width), abs=0.02)


def test_a_section_that_fits_no_grid_is_refused_and_told_a_width_that_does():
    with pytest.raises(BadInput, match=r"0\.5 × 0\.22 µm .* got no such grid: .* Choose a width of 0\.55 µm"):
        plan(in_space(width_um=0.5), DRAFT)
    assert plan(in_space(width_um=0.55), DRAFT)
    with pytest.raises(BadInput, match=r"0\.44 × 0\.1 µm .* Thicken it to 0\.111 µm at least"):
        plan(in_space(stack={**STACK, "thickness_um": 0.1}), DRAFT)
    thin = in_space(stack={**STACK, "thickness_um": 0.2}, width_um=0.4)
    with pytest.raises(BadInput, match=r"stack\.thickness_um: expected .* got 0\.2 µm, 4 pixels at both\. Thicken it"):
        plan(thin, DRAFT)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"polarization": "tm"}, "is simulated with polarization = 'te'"),
        ({"stack": {**STACK, "sidewall_deg": 5.0}}, "has upright walls, got stack.sidewall_deg = 5"),
        ({"stack": {**STACK, "slab_um": 0.07}}, "run in strip guides only, got stack.slab_um = 0.07"),
        ({"stack": {**STACK, "thickness_um": 0.3}}, "are the same film's: give both the same value"),
        ({"placement": FILM, "stack": {**STACK, "overlay_um": 0.1}}, "must end within the cladding above it"),
        ({"stack": None}, r"dimensions = 3 needs a \[stack\]"),
    ],
)
def test_what_cannot_be_run_in_space_is_refused(changes, told):
    with pytest.raises(ValueError, match=told):
        device_adapter.validate_python(in_space().model_dump(mode="json") | changes)


def test_the_cost_of_a_section_is_said_before_it_is_run():
    """Measured on one core: 1 µm of core at 18 px/µm, three runs of 123,648 pixels, in 130 to 200 s."""
    device = load_device("absorber_3d")
    coarse = [run for run in plan(device, DRAFT) if run.resolution == DRAFT.coarse_resolution]
    assert {estimated_cost(run).pixels for run in coarse} == {123648}
    assert 100.0 < estimated_cost(coarse[0]).seconds < 300.0


def volume(region):
    x, y = region.vertices.T
    low, high = region.z_range_um
    return 0.5 * abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) * (high - low)


@pytest.mark.parametrize(("placement", "index"), [(CORE, 3.4757), (FILM, 1.8), (BESIDE, 1.9), (INSIDE, 3.4757)])
def test_matter_is_drawn_where_its_atoms_are_with_its_own_index(placement, index):
    device = in_space(placement)
    drawn, patch = draw(device, 1.0), patch_of(device)
    (matter,) = [region for region in drawn.regions if region.role == "absorber"]
    assert matter.index == pytest.approx(index)
    assert patch.index == pytest.approx(index)
    assert volume(matter) == pytest.approx(patch.area_um2 * device.parameters.length_um)
    assert (matter.vertices[:, 1].min(), matter.vertices[:, 1].max()) == pytest.approx(patch.spans_um[0])
    assert matter.z_range_um == pytest.approx(patch.spans_um[1])
    assert drawn.z_range_um[1] == pytest.approx(patch.spans_um[1][1])


@pytest.mark.parametrize("placement", [CORE, FILM, BESIDE, INSIDE])
def test_the_atoms_edges_lie_on_lines_of_the_grid(placement):
    device = in_space(placement)
    cell, atoms = section(device, DRAFT.resolution)
    for rows, (low, high), offset in zip(atoms.across, patch_of(device).spans_um, cell.offset_um[1:], strict=True):
        assert (low + offset) / cell.grid.pitch == pytest.approx(rows.first)
        assert (high + offset) / cell.grid.pitch == pytest.approx(rows.first + rows.count)


@pytest.mark.parametrize(("placement", "tolerance"), [(CORE, 0.04), (FILM, 0.06), (BESIDE, 0.12), (INSIDE, 0.06)])
def test_the_modes_share_in_the_matter_is_how_its_index_follows_the_matters(placement, tolerance):
    """First-order perturbation: α/α_matter = dn_eff/dn, up to the grid's averages over pixels (order Δ²)."""
    found, expected = confinement(in_space(placement), DRAFT.coarse_resolution)
    assert found == pytest.approx(expected, rel=tolerance)


@pytest.mark.long
@pytest.mark.parametrize("placement", [CORE, FILM, INSIDE])
def test_the_modes_share_converges_with_the_square_of_the_pitch(placement):
    errors = [abs(np.subtract(*confinement(in_space(placement), wanted))) for wanted in (16, 36)]
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.25)
    assert errors[1] < 0.015 * confinement(in_space(placement), 36)[1]


def test_populations_in_even_light_are_those_of_the_closed_form():
    """A field of Ey alone, the same everywhere: N = 1/(1 + I/I_sat) but near the section's ends."""
    device = in_space()
    cell = absorber_cell(device, DRAFT, DRAFT.coarse_resolution, WAVELENGTH)
    even = Density(density(device, cell).along, tuple(map(unweighted, density(device, cell).across)))
    box, atom, saturated = box_around(even, cell.grid), two_level(device, 0.0), 3.0
    fields = {
        name: np.full(
            [place.stop - place.start for place in box.points(name)],
            np.sqrt(saturated * atom.saturation_field_squared) if name == "Ey" else 0.0,
        )
        for name in components(cell)
    }
    found = inversion(fields, atom, even, cell, box, 0.0, atom.frequency)
    inside = found[12:-12, 1:-1, 1:-1]
    np.testing.assert_allclose(inside, 1.0 / (1.0 + saturated), rtol=1e-4)
    assert found[0].min() == pytest.approx(1.0)


def unweighted(rows):
    """The rows of a mode that is even over them."""
    values = rows.line.values.copy()
    if rows.paired:
        values[3:-3:4] = 2.0
    return Rows(Line(values, rows.line.start), rows.paired)


# Six pixels to a wavelength in the core, which is less than any fidelity has: its modes are exact all the same.
TINY = DRAFT.model_copy(update={"lead_um": 0.3, "margin_um": 0.5, "pml_um": 0.3, "settle_tolerance": 1e-2})
WIDER = DRAFT.model_copy(update={"lead_um": 0.4, "margin_um": 0.5, "pml_um": 0.5})
THICK = {**STACK, "thickness_um": 0.3}
ON_TOP = {"kind": "layer", "thickness_um": 0.3, "index": 1.9}
TOUCHING = {"kind": "strip", "width_um": 0.225, "offset_um": 0.3375, "index": 1.9}
WITHIN = {"kind": "strip", "width_um": 0.225, "offset_um": 0.0375, "index": 3.4757}


@needs_engine
def test_weak_light_is_absorbed_as_perturbation_theory_says_of_the_grids_own_mode():
    """To 1.5 %: a tenth of it is of second order in the absorption, the rest what thin absorbing layers return."""
    device = in_space(stack=THICK, width_um=0.45, length_um=0.5, absorption_per_um=0.5)
    cell, atoms = section(device, 13, TINY)
    run = SaturationRun(device=device, fidelity=TINY, resolution=13, pump_over_saturation=0.01)
    point = _gated(run, cell, two_level(device, 0.0), atoms, dark(box_around(atoms, cell.grid)), 1.0)
    seen = -np.log(abs(point.outward[0] / point.inward[1]) ** 2)
    assert seen == pytest.approx(weak_absorption(device, cell) * device.parameters.length_um, rel=0.015)


@pytest.fixture(scope="module")
def swept():
    """Four pump powers through a thick core, 50 to 100 s each."""
    device, settings = in_space(stack=THICK, width_um=0.45, length_um=1.0, absorption_per_um=0.8), WIDER
    points = [
        run_saturation(
            SaturationRun(device=device, fidelity=settings, resolution=13, pump_over_saturation=pump),
            lambda done, of: None,
        )
        for pump in (0.01, 0.5, 2.0, 8.0)
    ]
    return device, absorber_cell(device, settings, 13, WAVELENGTH), points


def closed_form_on_grid(device, cell, points):
    """|t|² (pump and coherent probe, n): nothing fitted, but with the means of the grid along the guide.

    Populations lie half-way between the points of transverse components: the mean of two of them is less by cos(βΔ/2).
    """
    mode, profile = SectionMode(cell).mode, points[0].profile
    across = np.cos(0.5 * mode.beta * mode.pitch) ** 2 * profile.transverse
    share = np.sum(profile.weight * (across + profile.longitudinal))
    driven = ModeProfile(across / share, profile.longitudinal / share, profile.weight)
    depth = weak_absorption(device, cell) * device.parameters.length_um
    numbers = Absorption(depth, 0.0, points[0].saturation_power_mw / share, 0.0, 0.0, 0.0)
    found = transit(driven, numbers, np.array([point.pump_mw for point in points]))
    return np.exp(2 * np.stack([found.pump.real, found.coherent.real]))


def powers(points, name):
    return np.abs([getattr(point, name) for point in points]) ** 2


@needs_engine
@pytest.mark.long
def test_a_section_in_space_absorbs_saturates_and_is_reciprocal(swept):
    """The weakest pump is absorbed as perturbation theory says, less the bit of saturation that it causes itself."""
    device, cell, points = swept
    pump, probe, gated = (powers(points, f"{name}_transmission") for name in ("pump", "probe", "gated"))
    expected = closed_form_on_grid(device, cell, points)
    assert pump[0] == pytest.approx(expected[0, 0], abs=3e-3)
    np.testing.assert_allclose([pump, probe], expected, atol=2e-2)
    assert np.all(np.diff(pump) > 0.02)
    assert pump[-1] < 1.0
    # In the dark both ways are the same, and populations that stand still are reciprocal at any power.
    assert probe[0] == pytest.approx(pump[0], abs=5e-3)
    np.testing.assert_allclose(gated, pump, atol=2e-3)
    assert max(abs(point.pump_reflection) for point in points) < 0.03


@needs_engine
@pytest.mark.long
def test_the_compiled_model_holds_at_a_pump_power_that_it_was_not_fitted_to(swept):
    device, cell, points = swept
    response = SaturationResponse(
        device=device,
        wavelength_um=1.55,
        ports=("o1", "o2"),
        pump_mw=[point.pump_mw for point in points],
        pump_transmission=[point.pump_transmission for point in points],
        pump_reflection=[point.pump_reflection for point in points],
        probe_transmission=[point.probe_transmission for point in points],
        gated_transmission=[point.gated_transmission for point in points],
        error=np.zeros((4, 3)),
        scale_error=0.0,
        profile=points[0].profile,
        provenance=PROVENANCE,
    )
    model = compile_absorber(response)
    # Of second order in the pitch: populations are driven by means over two pixels along the guide, which at six pixels
    # to a wavelength raises the saturation power by a quarter and washes out part of the grating.
    assert model.held_out_error.pump < 6e-3
    assert model.held_out_error.probe < 1.2e-2
    assert 1e3 * model.absorption.saturation_power_w == pytest.approx(points[0].saturation_power_mw, rel=0.3)
    assert model.absorption.optical_depth == pytest.approx(weak_absorption(device, cell), rel=0.02)


@needs_engine
@pytest.mark.long
@pytest.mark.parametrize(("placement", "tolerance"), [(ON_TOP, 1e-2), (TOUCHING, 1e-2), (WITHIN, 2e-2)])
def test_matter_on_beside_or_in_part_of_the_core_agrees_with_the_closed_form(placement, tolerance):
    """To what six pixels to a wavelength allow; of that, the section's ends reflect 0.6 % at most."""
    device = in_space(placement, THICK, width_um=0.45, length_um=1.0, absorption_per_um=1.0)
    run = SaturationRun(device=device, fidelity=TINY, resolution=13, pump_over_saturation=2.0)
    point = run_saturation(run, lambda done, of: None)
    cell = absorber_cell(device, TINY, 13, WAVELENGTH)
    np.testing.assert_allclose(seen(point), closed_form_on_grid(device, cell, [point]).ravel(), atol=tolerance)
    assert abs(point.gated_transmission) ** 2 == pytest.approx(abs(point.pump_transmission) ** 2, abs=2e-3)


@needs_engine
@pytest.mark.long
def test_the_line_in_weak_light_is_a_lorentz_line():
    """In half widths δ of the line, ln t = −½ depth (1 − iδ)⁻¹ or its conjugate: here its real part."""
    device = in_space(stack=THICK, width_um=0.45, length_um=0.5, absorption_per_um=0.5)
    found = run_spectrum(SpectrumRun(device=device, fidelity=TINY, resolution=13), lambda done, of: None)
    band = device.wavelengths
    detuning = [device.detuning(1.0 / wl) for wl in np.linspace(band.start_um, band.stop_um, band.points)]
    depth = weak_absorption(device, section(device, 13, TINY)[0]) * device.parameters.length_um
    expected = depth / (1.0 + np.square(detuning))
    np.testing.assert_allclose(-2.0 * np.log(np.abs(found.transmission)), expected, rtol=0.1, atol=1e-3)
    assert -2.0 * np.log(abs(found.transmission[1])) == pytest.approx(depth, rel=0.015)
