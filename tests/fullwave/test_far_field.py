"""The angular spectrum of beams whose waves are known, and the layered waves behind it."""

import numpy as np
import pytest

from fdtd_onn.fullwave.far_field import Sheet, directions, leaving_waves
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.layered_waves import Layers, waves_from_above
from fdtd_onn.responses.tap import EVERYWHERE

GRID = Grid(resolution=20, nx=4, ny=4, pml=0, nz=4)
FREQUENCY, INDEX, WAIST = 1 / 1.55, 1.2, 2.5
TOWARDS = np.array([0.3, -0.2, np.sqrt(1 - 0.13)])
LOWEST, COUNT = -30, 60
UNIFORM = Layers(LOWEST, np.full(COUNT, INDEX**2), np.full(COUNT, INDEX**-2))
# A film, and air above another medium than below.
EPSILON = np.repeat([2.2, 9.0, 2.0, 1.0], [20, 9, 12, COUNT - 41])
LAYERED = Layers(LOWEST, EPSILON, 1.0 / EPSILON)


def beam(polarization, upward=True):
    """A plane wave within a Gaussian waist, E and H by Maxwell's equations, both on places of their own, at z = 0."""
    towards = TOWARDS * (1, 1, 1 if upward else -1)
    across = np.cross([0.0, 0.0, 1.0], towards)
    e_vector = {"s": across, "p": np.cross(across, towards)}[polarization] / np.linalg.norm(across)
    h_vector = INDEX * np.cross(towards, e_vector)
    k = 2 * np.pi * FREQUENCY * INDEX * towards
    sheets = []
    for component, (h_component, sign) in enumerate(((1, 1), (0, -1))):
        x, y = ((np.arange(-140, 140) + shift) * GRID.pitch for shift in ((0.5, 0.0), (0.0, 0.5))[component])
        plane = np.exp(1j * (k[0] * x[:, None] + k[1] * y) - (x[:, None] ** 2 + y**2) / WAIST**2)
        higher = np.exp(0.5j * k[2] * GRID.pitch)
        e, h = e_vector[component] * plane, sign * h_vector[h_component] * plane * higher
        sheets.append(Sheet(2, 1, component, (x, y), 0, e[..., None], h[..., None]))
    return sheets, e_vector


def power(sheets):
    return sum(0.5 * float(np.sum((s.e * s.h.conj()).real)) * GRID.pitch**2 for s in sheets)


@pytest.mark.parametrize("polarization", ["s", "p"])
def test_a_beam_has_its_power_direction_and_phase(polarization):
    """Up to the spread of a waist of a few wavelengths, 1/(k w)² = 7e-3, and the grid's dispersion, 3e-3."""
    sheets, e_vector = beam(polarization)
    height = 0.4  # of the plane above the tap
    waves = leaving_waves(sheets, UNIFORM, GRID, FREQUENCY, -height, upward=True)
    sampled = directions(3)
    weights = sampled.weights(EVERYWHERE)
    assert np.einsum("uvp,uv->", np.abs(waves) ** 2, weights) == pytest.approx(power(sheets), rel=1.5e-2)
    strength = np.sum(np.abs(waves) ** 2, axis=-1)
    i, j = np.unravel_index(np.argmax(strength), strength.shape)
    step = sampled.u[1] - sampled.u[0]
    assert (sampled.u[i], sampled.v[j]) == pytest.approx(TOWARDS[:2], abs=step)
    # Turned upright, the field keeps its direction along the chip; at the tap it is `height` younger.
    turned = e_vector[:2] / np.hypot(*e_vector[:2])
    seen = (waves[i, j] @ turned) / np.sqrt(strength[i, j])
    assert abs(seen) == pytest.approx(1.0, abs=2e-2)
    k_z = 2 * np.pi * FREQUENCY * INDEX * np.sqrt(1 - sampled.u[i] ** 2 - sampled.v[j] ** 2)
    assert np.angle(seen * np.exp(1j * k_z * height)) == pytest.approx(0.0, abs=5e-2)


@pytest.mark.parametrize("polarization", ["s", "p"])
def test_a_beam_that_goes_down_is_not_taken_for_one_that_goes_up(polarization):
    sheets, _ = beam(polarization, upward=False)
    waves = leaving_waves(sheets, UNIFORM, GRID, FREQUENCY, 0.0, upward=True)
    weights = directions(3).weights(EVERYWHERE)
    assert np.einsum("uvp,uv->", np.abs(waves) ** 2, weights) < 1e-3 * abs(power(sheets))


def box(wave, u, v, half=9):
    """All faces of a box with the first direction's fields of a layered wave on them."""
    omega = (2 / GRID.dt) * np.sin(np.pi * FREQUENCY * GRID.dt)
    k = [(2 / GRID.pitch) * np.arcsin(0.5 * omega * LAYERED.index * cosine * GRID.pitch) for cosine in (u, v)]
    sheets = []
    for axis in range(3):
        for outward in (-1, 1):
            for electric in {0, 1, 2} - {axis}:
                first = [-half + (0.5 if n == electric else 1.0) for n in range(3)]
                first[axis] = outward * half
                counts = [1 if n == axis else 2 * half for n in range(3)]
                x, y = (GRID.pitch * (first[n] + np.arange(counts[n])) for n in (0, 1))
                rows = int(np.floor(first[2])) - LOWEST + np.arange(counts[2])
                sheet = Sheet(axis, outward, electric, (x, y), int(np.floor(first[2])), np.empty(0), np.empty(0))
                further = [0.5 * GRID.pitch * (axis == n) for n in (0, 1)]
                e, h = (
                    np.exp(-1j * (k[0] * (x[:, None] + dx) + k[1] * (y + dy)))[..., None] * field[rows, 0]
                    for field, dx, dy in (
                        (wave.electric[electric], 0.0, 0.0),
                        (sheet.sign * wave.magnetic[sheet.magnetic], *further),
                    )
                )
                sheets.append(Sheet(axis, outward, electric, (x, y), sheet.height, e, h))
    return sheets


@pytest.mark.parametrize("upward", [True, False])
@pytest.mark.parametrize("polarization", [0, 1])
def test_light_that_only_passes_a_closed_box_leaves_nothing(polarization, upward):
    """Reciprocity of two waves of the same layers holds on the grid to rounding, whatever their directions."""
    u, v = 0.35, -0.6
    wave = waves_from_above(LAYERED, GRID, FREQUENCY, (np.array([u]), np.array([v])), 0.0)[polarization]
    sheets = box(wave, u, v)
    together = leaving_waves(sheets, LAYERED, GRID, FREQUENCY, 0.0, upward)
    alone = leaving_waves(sheets[:2], LAYERED, GRID, FREQUENCY, 0.0, upward)
    assert np.abs(together).max() < 1e-9 * np.abs(alone).max()


def test_a_face_between_two_media_reflects_as_fresnel_says():
    """Power into the lower medium; on the grid up to its dispersion, second order in the pitch."""
    fine = Grid(resolution=200, nx=4, ny=4, pml=0, nz=4)
    inner, outer = 2.25, 1.0
    epsilon = np.repeat([inner, 0.5 * (inner + outer), outer], [100, 1, 99])
    inverse = np.repeat([1 / inner, 1 / outer], [100, 100])  # half-way points lie clear of the face
    sine = np.array([0.0001, 0.3, 0.9])
    waves = waves_from_above(Layers(-100, epsilon, inverse), fine, FREQUENCY, (sine, np.zeros(3)), 0.0)
    above, below = np.sqrt(outer - sine**2), np.sqrt(inner - sine**2)
    through = 4 * above * below / (above + below) ** 2, 4 * inner * above * below / (inner * above + below) ** 2
    for wave, expected, (e, h, sign) in zip(waves, through, ((1, 0, -1), (0, 1, 1)), strict=True):
        flux = sign * (wave.electric[e][3] * wave.magnetic[h][3].conj()).real
        np.testing.assert_allclose(-flux / (wave.admittance * wave.half_step.real), expected, rtol=2e-3)
