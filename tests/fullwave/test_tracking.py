"""Modes named at mid-band and followed to its ends."""

from dataclasses import replace

import numpy as np
import pytest

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.cell import draw
from fdtd_onn.fullwave.frames import frame_of
from fdtd_onn.fullwave.grid import Grid
from fdtd_onn.fullwave.modes import overlap
from fdtd_onn.fullwave.permittivity import permittivity
from fdtd_onn.fullwave.ports import Window, port_modes, section_of
from fdtd_onn.fullwave.vector_modes import te_fraction
from tests.fullwave.test_modes import BOTH, section
from tests.geometry.make import make_device


def modes_of(names, guide, frequencies):
    """Of a guide whose indices stay as they are over the band."""
    return port_modes("o1", names, (guide,) * len(frequencies), frequencies)


def strip(width, above=1.444):
    """The 220 nm film, 2.5 × 2 µm of it at 16 px/µm, with a cladding of another index above."""
    drawn = draw(make_device("straight", dimensions=3, width_um=width), 5.0).shifted(0.0, 0.0, -0.11)
    grid = Grid(16, 4, 40, 0, 32)
    whole = section_of(frame_of("x", "te", 3), Window(0, -20, 40, -16, 32), grid, permittivity(drawn, grid))
    parts = {name: getattr(whole, name).copy() for name in ("along", "across", "up")}
    for chi in parts.values():
        upper = chi[:, chi.shape[1] // 2 + 2 :]
        upper[np.isclose(upper, 1 / 1.444**2)] = 1 / above**2
    return replace(whole, **parts)


def test_modes_of_a_strip_have_their_names_and_are_orthogonal():
    names = ("te0", "tm0", "te1")
    modes = [track[0] for track in modes_of(names, strip(0.8), np.array([1 / 1.55]))]
    te0, tm0, te1 = modes
    assert te0.index > te1.index > 1.444
    assert te0.index > tm0.index > 1.444
    assert [te_fraction(mode) > 0.5 for mode in modes] == [True, False, True]
    profile = te1.parts[0].e
    np.testing.assert_allclose(profile, -profile[::-1], atol=1e-7 * np.abs(profile).max())
    overlaps = np.array([[overlap(a, b) for b in modes] for a in modes])
    np.testing.assert_allclose(overlaps, np.eye(3), atol=1e-10)


def test_modes_whose_indices_cross_keep_their_names():
    """te1 and tm0 of a strip that is the same upside down do not know of each other."""
    te1, tm0 = modes_of(("te1", "tm0"), strip(0.62), 1 / np.linspace(1.35, 1.6, 7))
    order = [a.index > b.index for a, b in zip(te1, tm0, strict=True)]
    assert order == [True, True, True, False, False, False, False]
    assert all(te_fraction(a) > 0.9 and te_fraction(b) < 0.1 for a, b in zip(te1, tm0, strict=True))


def test_modes_that_mix_are_followed_in_small_steps_and_refused_in_large_ones():
    """With another cladding above they avoid each other: the te-like one becomes tm-like, and keeps its name."""
    mixing = strip(0.62, above=1.3)
    te1, tm0 = modes_of(("te1", "tm0"), mixing, 1 / np.linspace(1.35, 1.6, 7))
    assert te_fraction(te1[0]) > 0.9 > 0.2 > te_fraction(te1[-1])
    assert all(a.index > b.index for a, b in zip(te1, tm0, strict=True))
    with pytest.raises(FdtdOnnError, match=r"port o1: expected te1 to go on from 1\.4750 to 1\.6000 µm, found no mode"):
        modes_of(("te1", "tm0"), mixing, 1 / np.linspace(1.35, 1.6, 3))


@BOTH
def test_signs_are_kept_over_the_band_and_do_not_hang_on_rounding(polarization):
    """An odd mode's two lobes are equal but for rounding: noise of that size must not choose between them."""
    guide, kind = section(polarization), polarization
    frequencies, names = 1 / np.linspace(1.5, 1.6, 5), [f"{kind}{k}" for k in range(3)]
    tracks = modes_of(names, guide, frequencies)
    assert all(overlap(a, b) > 0.99 for track in tracks for a, b in zip(track[1:], track[:-1], strict=True))
    rng = np.random.default_rng(0)
    for _ in range(5):
        shaken = replace(guide, across=guide.across * (1 + 1e-14 * rng.standard_normal(guide.across.shape)))
        again = modes_of(names, shaken, frequencies)
        assert all(overlap(a[0], b[0]) > 0.99 for a, b in zip(tracks, again, strict=True))
    assert tracks[1][0].parts[0].e[-len(guide.across) // 2 - 5 :].sum() > 0.0  # the lobe at larger coordinates


@BOTH
def test_a_mode_that_is_cut_off_is_refused_with_the_wavelengths_at_which_it_is_guided(polarization):
    """The second mode of a slab is cut off at λ = 2 w √(n² − n'²): 1.55 µm for 315 nm."""
    frequencies = 1 / np.linspace(1.4, 1.6, 5)
    second = f"{polarization}1"
    with pytest.raises(FdtdOnnError, match=rf"port o1: expected {second} .* 1.4000 to 1.6000 µm, .* at none of its"):
        modes_of((second,), section(polarization, width=0.25), frequencies)
    with pytest.raises(FdtdOnnError, match=rf"expected {second} .* found it guided from 1\.4000 to 1\.5\d00 µm"):
        modes_of((second,), section(polarization, width=0.32), frequencies)
