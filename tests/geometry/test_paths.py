import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import fresnel

from fdtd_onn.geometry.paths import bend_path, ribbon, s_path
from tests.geometry.measure import polygon_area

radii = st.floats(0.5, 50.0)
fractions = st.one_of(st.just(0.0), st.floats(0.01, 1.0))


def curvature(path):
    """At the inner points, from the points alone: turning angle over the mean length of the two chords."""
    chord = np.diff(path.points, axis=0)
    heading = np.unwrap(np.arctan2(chord[:, 1], chord[:, 0]))
    length = np.hypot(*chord.T)
    return np.diff(heading) / (0.5 * (length[1:] + length[:-1]))


def direction(path):
    return np.stack([np.cos(path.angles), np.sin(path.angles)], axis=1)


@pytest.mark.parametrize(("length", "offset"), [(8.0, 1.5), (5.0, -2.0), (3.0, 0.0)])
def test_the_s_path_is_smooth_and_its_chords_stay_close(length, offset):
    path = s_path(length, offset)
    np.testing.assert_allclose(path.points[[0, -1]], [(0.0, 0.0), (length, offset)], atol=1e-12)
    np.testing.assert_allclose(path.angles[[0, -1]], 0.0, atol=1e-12)
    dense = np.linspace(0.0, 1.0, 20_001)
    curve = offset * (dense - np.sin(2 * np.pi * dense) / (2 * np.pi))
    assert np.abs(np.interp(length * dense, *path.points.T) - curve).max() < 1.01e-5
    assert path.length_um == pytest.approx(np.sum(np.hypot(length / 20_000, np.diff(curve))), rel=1e-8)
    slope = np.interp(path.points[:, 0], length * dense, np.gradient(curve, length * dense))
    np.testing.assert_allclose(np.tan(path.angles), slope, atol=1e-6)


def test_a_ribbon_has_the_area_of_its_length_times_its_width():
    """Steiner's formula: what the outer side of a bend gains, the inner side loses."""
    path = s_path(6.0, 1.7)
    assert polygon_area(ribbon(path, 0.5, 2.85, "core").vertices) == pytest.approx(0.5 * path.length_um, rel=2e-6)
    right, left = path.edges(0.5)
    np.testing.assert_allclose(np.hypot(*(left - right).T), 0.5, rtol=1e-12)
    np.testing.assert_allclose(np.sum((left - right) * direction(path), axis=1), 0.0, atol=1e-12)


@settings(max_examples=30)
@given(radii, fractions)
def test_a_bend_ends_upwards_at_the_corner_and_is_symmetric(radius, fraction):
    path = bend_path(radius, fraction)
    np.testing.assert_allclose(path.points[[0, -1]], [(0.0, 0.0), (radius, radius)], atol=1e-12 * radius)
    np.testing.assert_allclose(path.angles[[0, -1]], [0.0, 0.5 * np.pi], atol=1e-12)
    np.testing.assert_allclose(radius - path.points[::-1, ::-1], path.points, atol=1e-12 * radius)


@settings(max_examples=30)
@given(radii, fractions)
def test_tangents_and_length_of_a_bend_are_those_of_its_points(radius, fraction):
    path = bend_path(radius, fraction)
    chord = np.diff(path.points, axis=0)
    middle = 0.5 * (path.angles[1:] + path.angles[:-1])
    sag = np.sqrt(8.0 * 5e-6 / radius)  # order of the turn from point to point
    np.testing.assert_allclose(np.arctan2(chord[:, 1], chord[:, 0]), middle, atol=0.1 * sag)
    assert np.sum(np.hypot(*chord.T)) == pytest.approx(path.length_um, rel=1e-5)


def test_a_circular_bend_has_its_radius_everywhere():
    path = bend_path(5.0, 0.0)
    np.testing.assert_allclose(np.hypot(path.points[:, 0], path.points[:, 1] - 5.0), 5.0, rtol=1e-12)
    np.testing.assert_allclose(curvature(path), 0.2, rtol=1e-4)
    assert path.length_um == pytest.approx(2.5 * np.pi)
    area = polygon_area(ribbon(path, 0.5, 2.85, "core").vertices)
    assert area == pytest.approx(0.5 * 2.5 * np.pi, rel=2e-6)


@settings(max_examples=30)
@given(radii, st.floats(0.05, 1.0))
def test_the_curvature_of_an_euler_bend_is_a_trapezoid(radius, fraction):
    path = bend_path(radius, fraction)
    kappa = curvature(path)
    chords = np.hypot(*np.diff(path.points, axis=0).T)
    s = np.cumsum(chords)[:-1] * path.length_um / chords.sum()
    ramp = path.length_um * fraction / (1.0 + fraction)  # each clothoid turns by half as much as an arc as long
    trapezoid = np.minimum(1.0, np.minimum(s, path.length_um - s) / ramp) * kappa.max()
    rise = kappa.max() * chords.max() / ramp  # from point to point
    np.testing.assert_allclose(kappa, trapezoid, atol=1.1 * rise + 1e-3 * kappa.max())
    assert np.abs(np.diff(kappa)).max() < 1.1 * rise + 1e-3 * kappa.max()


def test_the_clothoid_is_that_of_the_fresnel_integrals():
    """Without an arc, the first half is x = a·C(s/a), y = a·S(s/a) with a² = π·(least radius)·(half length)."""
    path = bend_path(4.0, 1.0)
    half = 0.5 * path.length_um
    scale = np.sqrt(2.0) * half  # the half turns by 45° = π/2·(half/a)²
    s = np.linspace(0.0, half, len(path.points) // 2 + 1)
    sine, cosine = fresnel(s / scale)
    np.testing.assert_allclose(path.points[: len(s)], scale * np.stack([cosine, sine], axis=1), atol=1e-12)


@pytest.mark.parametrize("fraction", [0.0, 0.3, 1.0])
def test_chords_of_both_edges_of_a_bend_stay_close(fraction):
    """Against the same bend with chords far shorter than needed (those of a bend a thousand times larger)."""
    path, fine = bend_path(2.0, fraction), bend_path(2000.0, fraction)
    dense = fine.points / 1000.0
    normal = np.stack([-np.sin(fine.angles), np.cos(fine.angles)], axis=1)
    for side, edge in zip((-1, 1), path.edges(0.5), strict=True):
        curve = dense + side * 0.25 * normal
        start, chord = edge[:-1], np.diff(edge, axis=0)
        which = np.clip(np.searchsorted(path.angles, fine.angles) - 1, 0, len(chord) - 1)
        offset = curve - start[which]
        distance = (chord[which, 0] * offset[:, 1] - chord[which, 1] * offset[:, 0]) / np.hypot(*chord[which].T)
        assert np.abs(distance).max() < 1e-5


@pytest.mark.parametrize("path", [s_path(6.0, 1.7), bend_path(3.0, 0.5)], ids=["s", "bend"])
def test_extensions_run_on_along_the_ends(path):
    longer = path.extended(1.0, 2.0)
    assert longer.length_um == pytest.approx(path.length_um + 3.0)
    ahead, back = direction(path)[-1], direction(path)[0]
    np.testing.assert_allclose(longer.points[0], path.points[0] - back, atol=1e-12)
    np.testing.assert_allclose(longer.points[-1], path.points[-1] + 2.0 * ahead, atol=1e-12)
    assert len(path.extended(0.0, 0.0).points) == len(path.points)


def test_mirror_images_run_from_left_to_right():
    path = s_path(6.0, 1.7)
    image = path.left_right()
    assert np.all(np.diff(image.points[:, 0]) > 0)
    np.testing.assert_allclose(image.points[0], (-6.0, 1.7))
    assert np.all(image.angles <= 0.0)
    np.testing.assert_allclose(path.upside_down().points[-1], (6.0, -1.7))
    whole = image.then(path.moved(1.0, 0.0))
    assert whole.length_um == pytest.approx(2 * path.length_um + 1.0)
