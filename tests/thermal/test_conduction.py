"""Conduction against closed forms: resistances in series, a line source over a plane, balance, reciprocity."""

import numpy as np
import pytest
from scipy.special import k0

from fdtd_onn.thermal.axis import graded_edges
from fdtd_onn.thermal.conduction import solver
from fdtd_onn.thermal.materials import CONDUCTORS, HeatConductor
from fdtd_onn.thermal.scene import Block, Meshing, meshed, spread_power

OXIDE, SILICON, METAL = CONDUCTORS["SiO2"], CONDUCTORS["Si"], CONDUCTORS["TiN"]
# From the sink upwards: silicon, oxide, heater, oxide; µm.
LAYERS = ((10.0, SILICON), (3.0, OXIDE), (0.4, METAL), (0.6, OXIDE))
HEATER = (13.0, 13.4)


def stack(finest, convection=0.0, width=1.0):
    z, blocks = 0.0, [Block((0.0, width), (0.0, 14.0), OXIDE)]
    for thickness, matter in LAYERS:
        blocks.append(Block((0.0, width), (z, z + thickness), matter))
        z += thickness
    return meshed(blocks, Meshing((0.0, width), (12.9, 13.5), finest, finest), convection)


def heater_mean(finest, convection=0.0):
    section = stack(finest, convection)
    power = spread_power(section, (0.0, 1.0), HEATER)
    return float(power @ solver(section.operator())(power))


def test_a_stack_is_its_thermal_resistances_in_series():
    below = sum(t / m.conductivity for t, m in LAYERS[:2])
    closed = below + 0.4 / (3.0 * METAL.conductivity)  # the mean over a layer that is heated itself
    errors = np.array([abs(heater_mean(finest) - closed) for finest in (0.2, 0.1, 0.05)])
    assert errors[-1] < 1e-3 * closed
    assert errors[-1] > 1e-12  # what is left is the grid's
    assert np.log2(errors[:-1] / errors[1:]) == pytest.approx(2.0, abs=0.05)


def test_convection_is_a_resistance_beside_them():
    convection = 2e-4  # mW/(µm² K), so strong that it takes its share
    section = stack(0.05, convection)
    power = spread_power(section, (0.0, 1.0), HEATER)
    temperature = solver(section.operator())(power).reshape(section.conductivity.shape)
    lower, upper = (float(section.at(temperature.ravel(), np.array([0.5]), np.array([z]))[0]) for z in (6.0, 13.9))
    through_wafer = lower * SILICON.conductivity / 6.0
    through_air = upper / (1.0 / convection + 0.1 / OXIDE.conductivity)
    assert through_wafer + through_air == pytest.approx(1.0, rel=1e-9)
    assert 0.1 < through_air < 0.9


@pytest.mark.parametrize("q", [0.0, 0.3])
def test_a_line_source_over_a_cold_plane_is_one_with_an_image(q):
    """T = (P'/2πk) ln(r'/r), and with exp(iqx) along it (P'/2πk) [K₀(qr) − K₀(qr')]; r' from the image."""
    height, side, far = 2.0, 0.02, 600.0
    matter = HeatConductor(conductivity=3e-3, capacity=1.0)
    source = ((0.0, 0.5 * side), (height - 0.5 * side, height + 0.5 * side))
    blocks = [Block((0.0, far), (0.0, far), matter), Block(*source, matter)]
    section = meshed(blocks, Meshing((0.0, 0.1), (height - 0.1, height + 0.1), 0.01, 0.04), 0.0)
    temperature = solver(section.operator(q))(0.5 * spread_power(section, *source))
    y, z = np.array([0.0, 0.0, 0.5, 1.5, 3.0]), np.array([1.5, 0.5, 2.0, 2.5, 1.0])
    near, image = np.hypot(y, z - height), np.hypot(y, z + height)
    closed = (np.log(image / near) if q == 0.0 else k0(q * near) - k0(q * image)) / (2 * np.pi * matter.conductivity)
    assert section.at(temperature, y, z) == pytest.approx(closed, rel=4e-3)


def two_strips():
    """A narrow and a wide strip of metal, in oxide on silicon, at different heights."""
    strips = (((-6.0, -5.0), (7.0, 7.2)), ((3.0, 6.5), (6.0, 6.3)))
    blocks = [
        Block((-60.0, 60.0), (0.0, 8.0), OXIDE),
        Block((-60.0, 60.0), (0.0, 5.0), SILICON),
        *(Block(*strip, METAL) for strip in strips),
    ]
    section = meshed(blocks, Meshing((-6.5, 7.0), (5.5, 7.5), 0.1, 0.1), 1e-6)
    return section, [spread_power(section, *strip) for strip in strips]


def test_all_power_reaches_the_sinks():
    section, powers = two_strips()
    for power in powers:
        assert section.sink_power(solver(section.operator())(power)) == pytest.approx(1.0, abs=1e-9)


def test_each_strip_warms_the_other_as_it_is_warmed():
    section, (first, second) = two_strips()
    solve = solver(section.operator())
    there, back = second @ solve(first), first @ solve(second)
    assert there == pytest.approx(back, rel=1e-10)
    assert there < 0.2 * min(first @ solve(first), second @ solve(second))
    assert there > 0.0


def test_cells_meet_every_break_and_are_halved_together():
    breaks, core = [-30.0, -2.0, 0.0, 0.22, 100.0], (-0.1, 0.5)
    coarse, fine = (graded_edges(breaks, core, h, h) for h in (0.1, 0.05))
    for edges in (coarse, fine):
        assert np.all(np.isin(breaks, edges))
        assert np.all(np.diff(edges) > 0.0)
    assert np.diff(coarse).min() > 0.05
    assert np.diff(coarse).max() < 0.1 * 101.0
    assert len(fine) / len(coarse) == pytest.approx(2.0, abs=0.2)


def test_places_beyond_the_last_cells_read_their_values():
    section = stack(0.2)
    temperature = np.arange(section.conductivity.size, dtype=float)
    corner = section.at(temperature, np.array([-5.0, 9.0]), np.array([-1.0, 99.0]))
    assert corner.tolist() == [0.0, temperature[-1]]
