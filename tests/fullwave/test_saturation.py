"""Saturable absorbers against closed forms with no fitted number: a plane wave, then a guided mode."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq, least_squares

from fdtd_onn.analytic.saturable import saturable_transmission
from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave import steady
from fdtd_onn.fullwave.absorbing import two_level
from fdtd_onn.fullwave.meep import meep
from fdtd_onn.fullwave.patch import aligned_resolution, patch_of
from fdtd_onn.fullwave.plan import plan
from fdtd_onn.fullwave.saturation import run_saturation
from fdtd_onn.reduce.absorption import Absorption, transit
from fdtd_onn.specs.device import device_adapter
from fdtd_onn.specs.fidelity import ABSORBER_FIDELITIES
from fdtd_onn.specs.runs import SaturationRun
from tests.fullwave.support import needs_engine
from tests.geometry.make import make_device

DRAFT = ABSORBER_FIDELITIES["draft"]
POINTS, RESOLUTION = 75, 50  # along the plane wave's absorber, which ends half-way between points


def plane_wave_behind(device, atom, amplitude, atoms):
    """|E|² behind an index-matched absorber, with the atoms or without them, of a steady plane wave along z."""
    mp, f = meep(), atom.frequency
    index, length = device.materials.core.index, POINTS / RESOLUTION
    transitions = [
        mp.Transition(1, 2, frequency=f, gamma=atom.linewidth, sigma_diag=mp.Vector3(1, 1, 1) * atom.coupling),
        mp.Transition(2, 1, transition_rate=atom.decay),
    ]
    matter = [mp.MultilevelAtom(sigma=1.0, transitions=transitions, initial_populations=[1.0, 0.0])]
    medium = mp.Medium(index=index, E_susceptibilities=matter if atoms else [])
    wave = mp.ContinuousSource(f, width=5 / f)
    sim = mp.Simulation(
        cell_size=mp.Vector3(0, 0, 5.52),
        dimensions=1,
        resolution=RESOLUTION,
        default_material=mp.Medium(index=index),
        geometry=[mp.Block(size=mp.Vector3(mp.inf, mp.inf, length), material=medium)],
        boundary_layers=[mp.PML(1.0)],
        sources=[mp.Source(wave, component=mp.Ex, center=mp.Vector3(0, 0, -1.56), amplitude=amplitude)],
    )
    sim.run(until=(15 + 4 * f / atom.decay) / f + 2 * index * 5.52)
    samples = []
    place = mp.Vector3(0, 0, 1.25)

    def sample(s):
        turn = 2 * np.pi * f * s.meep_time()
        samples.append((np.cos(turn), np.sin(turn), s.get_field_point(mp.Ex, place).real))

    sim.run(mp.at_every(1e-9, sample), until=8 / f)
    *waves, field = np.array(samples).T
    return np.sum(np.linalg.lstsq(np.transpose(waves), field, rcond=None)[0] ** 2)


def plane_wave_transmission(device, intensity):
    """|t|² at an incident intensity over the saturation intensity."""
    atom = two_level(device, intensity)
    unit = plane_wave_behind(device, atom, 1.0, atoms=False)
    incident = intensity * atom.saturation_field_squared
    return plane_wave_behind(device, atom, np.sqrt(incident / unit), atoms=True) / incident


@needs_engine
def test_a_plane_wave_is_absorbed_and_saturates_as_the_parameters_say():
    device = make_device("absorber", absorption_per_um=1.0)
    depth = POINTS / RESOLUTION
    dark = plane_wave_transmission(device, 0.01)
    found = brentq(lambda x: saturable_transmission(0.01, x).pump - dark, 0.5, 3.0)
    assert found == pytest.approx(depth, rel=0.02)
    for intensity in (1.0, 4.0):
        seen = plane_wave_transmission(device, intensity)
        scale = brentq(lambda x: saturable_transmission(x * intensity, found).pump - seen, 0.3, 3.0)  # noqa: B023
        assert scale == pytest.approx(1.0, abs=0.03)


def point_of(device, pump, fidelity=DRAFT):
    run = SaturationRun(device=device, fidelity=fidelity, resolution=fidelity.resolution, pump_over_saturation=pump)
    return run_saturation(run, lambda done, of: None)


def placed(placement, plane="xy", **parameters):
    data = make_device("absorber", **parameters).model_dump(mode="json")
    return device_adapter.validate_python(data | {"placement": placement, "plane": plane})


LAYER = {"kind": "layer", "thickness_um": 0.1, "index": 1.8}
STRIP = {"kind": "strip", "width_um": 0.2, "offset_um": 0.33, "index": 1.9}
INSIDE = {"kind": "strip", "width_um": 0.3, "offset_um": 0.05, "index": 2.85}


def closed_form(device, point):
    """(pump, coherent probe) |t|² of first-order perturbation theory: the mode's own profile, nothing fitted.

    The mode is absorbed as its matter times the area of its mean intensity.
    """
    p, patch = device.parameters, patch_of(device)
    confinement = patch.area_um2 * p.saturation_intensity_mw_per_um2 / point.saturation_power_mw
    depths = (confinement * rate * p.length_um for rate in (p.absorption_per_um, p.nonsaturable_absorption_per_um))
    section = transit(point.profile, Absorption(*depths, point.saturation_power_mw, 0, 0, 0), np.array([point.pump_mw]))
    return np.exp(2 * section.pump[0].real), np.exp(2 * section.coherent[0].real)


def seen(point):
    return abs(point.pump_transmission) ** 2, abs(point.probe_transmission) ** 2


@needs_engine
@pytest.mark.parametrize(("pump", "tolerance"), [(0.03, 5e-3), (2.0, 2e-2)])
def test_a_guided_absorber_saturates_as_its_mode_profile_says(pump, tolerance):
    device = make_device("absorber")
    point = point_of(device, pump)
    assert seen(point) == pytest.approx(closed_form(device, point), abs=tolerance)
    assert point.pump_over_saturation == pytest.approx(pump, rel=5e-3)
    assert abs(point.pump_reflection) < 0.01
    # The frozen populations are linear and reciprocal: what the pump has burnt, the probe after it sees.
    assert abs(point.gated_transmission) == pytest.approx(abs(point.pump_transmission), abs=1e-3)


@needs_engine
@pytest.mark.parametrize(("placement", "plane", "tolerance"), [(LAYER, "xz", 1e-2), (STRIP, "xy", 1e-2)])
def test_matter_on_or_beside_the_guide_saturates_as_the_sections_mode_says(placement, plane, tolerance):
    device = placed(placement, plane, absorption_per_um=1.0)
    point = point_of(device, 2.0)
    pump, probe = seen(point)
    assert (pump, probe) == pytest.approx(closed_form(device, point), abs=tolerance)
    assert pump < 0.97
    assert abs(point.gated_transmission) == pytest.approx(abs(point.pump_transmission), abs=1e-3)


@needs_engine
@pytest.mark.long
@pytest.mark.parametrize(("placement", "plane"), [(LAYER, "xz"), (STRIP, "xy"), (INSIDE, "xy")])
@pytest.mark.parametrize("pump", [0.03, 2.0, 20.0])
def test_every_placement_agrees_with_the_closed_form_on_a_finer_grid(placement, plane, pump):
    device = placed(placement, plane, absorption_per_um=0.5)
    point = point_of(device, pump, ABSORBER_FIDELITIES["standard"])
    assert seen(point) == pytest.approx(closed_form(device, point), abs=1e-2)
    assert abs(point.gated_transmission) == pytest.approx(abs(point.pump_transmission), abs=1e-3)


def test_where_matter_lies_says_in_which_plane_it_is_run():
    with pytest.raises(ValueError, match=r"placement 'layer' is simulated with .* in the plane xz only"):
        placed(LAYER)
    with pytest.raises(ValueError, match=r"placement 'strip' is simulated with .* in the plane xy only"):
        placed(STRIP, "xz")
    with pytest.raises(ValueError, match="are the same film's: give both the same value"):
        placed(LAYER, "xz", thickness_um=0.3)


def test_a_film_too_thin_for_two_grids_is_refused():
    expected = r"placement\.thickness_um: expected a film .* got 0\.05 µm, 2 pixels at both\. Thicken it"
    with pytest.raises(BadInput, match=expected):
        plan(placed(LAYER | {"thickness_um": 0.05}, "xz"), DRAFT)


@needs_engine
def test_loss_that_does_not_saturate_is_that_of_the_mode():
    device = make_device("absorber", absorption_per_um=1e-6, nonsaturable_absorption_per_um=0.2)
    point = point_of(device, 3.0)
    pump, probe = seen(point)
    assert pump == pytest.approx(probe, rel=1e-4)
    assert pump == pytest.approx(closed_form(device, point)[0], abs=5e-3)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_section_of_another_polarization_is_refused(dimensions):
    with pytest.raises(ValueError, match=rf"only, got 'tm' and {dimensions} dimensions"):
        make_device("absorber", "tm", dimensions=dimensions)


@pytest.mark.parametrize("width", [0.3, 0.47, 0.5, 0.613])
@pytest.mark.parametrize("wanted", [12, 16, 24, 40])
def test_aligned_grids_fit_the_core_in_an_even_number_of_pixels(width, wanted):
    resolution = aligned_resolution(make_device("absorber", width_um=width), wanted)
    assert resolution * width / 2 == pytest.approx(round(resolution * width / 2))
    assert abs(resolution - wanted) * width <= 1.0 + 1e-12


def test_a_core_too_narrow_for_two_grids_is_refused():
    """Or the error estimate would compare a run with itself."""
    with pytest.raises(BadInput, match=r"width_um: expected .* got 0\.2 µm, 4 pixels at both\. Widen it"):
        plan(make_device("absorber", width_um=0.2), DRAFT)


@needs_engine
@pytest.mark.long
def test_a_plane_wave_is_the_closed_form_to_a_thousandth_with_two_fitted_numbers():
    device = make_device("absorber", absorption_per_um=1.0)
    intensity = np.array([0.05, 0.3, 1.0, 3.0, 13.0])
    run = np.array([plane_wave_transmission(device, i) for i in intensity])

    def residual(x):
        return saturable_transmission(np.exp(x[1]) * intensity, x[0]).pump - run

    found = least_squares(residual, [1.5, 0.0])
    assert np.abs(found.fun).max() < 1e-3
    assert found.x == pytest.approx([1.5, 0.0], abs=0.04)


@needs_engine
@pytest.mark.long
def test_a_finer_grid_comes_closer_to_the_closed_form():
    device = make_device("absorber")
    distances = []
    for name in ("draft", "standard", "reference"):
        point = point_of(device, 2.0, ABSORBER_FIDELITIES[name])
        distances.append(abs(np.subtract(seen(point), closed_form(device, point))).max())
    assert distances[0] > distances[1] > distances[2]
    assert distances[2] < 5e-3


@needs_engine
@pytest.mark.long
@pytest.mark.parametrize("pump", [0.3, 5.0, 20.0])
def test_every_power_agrees_with_the_closed_form(pump):
    device = make_device("absorber")
    point = point_of(device, pump, ABSORBER_FIDELITIES["standard"])
    assert seen(point) == pytest.approx(closed_form(device, point), abs=1e-2)


@needs_engine
@pytest.mark.long
def test_steady_state_does_not_depend_on_the_lifetime_nor_on_the_probes_power():
    ordinary = seen(point_of(make_device("absorber"), 1.0))
    slower = seen(point_of(make_device("absorber", relaxation_periods=30.0), 1.0))
    assert slower == pytest.approx(ordinary, abs=5e-3)
    device = make_device("absorber")
    strong = device.model_copy(
        update={"saturation": device.saturation.model_copy(update={"probe_over_saturation": 2e-3})}
    )
    assert seen(point_of(strong, 1.0)) == pytest.approx(ordinary, abs=2e-3)


@needs_engine
@pytest.mark.long
def test_the_coherent_probe_does_not_depend_on_its_phase(monkeypatch):
    """The grating it writes with the pump moves along with it."""
    device, send = make_device("absorber"), steady.currents
    ordinary = point_of(device, 1.0)

    def turned(port, distance_um, waveforms):
        quarter = 1j if port.name == "o2" else 1.0
        return send(port, distance_um, [replace(wave, weights=quarter * wave.weights) for wave in waveforms])

    monkeypatch.setattr(steady, "currents", turned)
    other = point_of(device, 1.0)
    assert other.probe_transmission == pytest.approx(ordinary.probe_transmission, abs=2e-3)
