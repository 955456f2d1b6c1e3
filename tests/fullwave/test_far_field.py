"""The angular spectrum of beams whose waves are known."""

import numpy as np
import pytest

from fdtd_onn.fullwave.far_field import Samples, directions, upward_waves
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.responses.tap import EVERYWHERE

GRID = Grid(resolution=20, nx=4, ny=4, pml=0, nz=4)
FREQUENCY, INDEX, WAIST = 1 / 1.55, 1.2, 2.5
TOWARDS = np.array([0.3, -0.2, np.sqrt(1 - 0.13)])


def beam(polarization, upward=True):
    """A plane wave within a Gaussian waist, E and H by Maxwell's equations, both on places of their own."""
    towards = TOWARDS * (1, 1, 1 if upward else -1)
    across = np.cross([0.0, 0.0, 1.0], towards)
    e_vector = {"s": across, "p": np.cross(across, towards)}[polarization] / np.linalg.norm(across)
    h_vector = INDEX * np.cross(towards, e_vector)
    k = 2 * np.pi * FREQUENCY * INDEX * towards
    samples = []
    for component, (h_component, sign) in enumerate(((1, 1), (0, -1))):
        x, y = ((np.arange(-140, 140) + shift) * GRID.pitch for shift in ((0.5, 0.0), (0.0, 0.5))[component])
        plane = np.exp(1j * (k[0] * x[:, None] + k[1] * y) - (x[:, None] ** 2 + y**2) / WAIST**2)
        higher = np.exp(0.5j * k[2] * GRID.pitch)
        e, h = e_vector[component] * plane, sign * h_vector[h_component] * plane * higher
        samples.append(Samples(component == 1, (x, y), e, h))
    return samples, e_vector


def power(samples):
    return sum(0.5 * float(np.sum((s.e * s.h.conj()).real)) * GRID.pitch**2 for s in samples)


@pytest.mark.parametrize("polarization", ["s", "p"])
def test_a_beam_has_its_power_direction_and_phase(polarization):
    """Up to the spread of a waist of a few wavelengths, 1/(k w)² = 7e-3, and the grid's dispersion, 3e-3."""
    samples, e_vector = beam(polarization)
    height = 0.4
    waves = upward_waves(samples, GRID, FREQUENCY, INDEX, height)
    sampled = directions(3)
    weights = sampled.weights(EVERYWHERE)
    assert np.einsum("uvp,uv->", np.abs(waves) ** 2, weights) == pytest.approx(power(samples), rel=1.5e-2)
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
    samples, _ = beam(polarization, upward=False)
    waves = upward_waves(samples, GRID, FREQUENCY, INDEX, 0.0)
    weights = directions(3).weights(EVERYWHERE)
    assert np.einsum("uvp,uv->", np.abs(waves) ** 2, weights) < 1e-3 * abs(power(samples))
