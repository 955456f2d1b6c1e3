import numpy as np
import pytest

from fdtd_onn.api.campaigns import measured_runs
from fdtd_onn.cluster.scaling import Measured, Scaling, Work, all_done, fitted, makespan, ranks_each
from fdtd_onn.store import Store

PLANE = Work(pixels=100_000, steps=20_000, dimensions=2, seconds=20.0)
SPACE = Work(pixels=12_000_000, steps=20_000, dimensions=3, seconds=12_000.0)
TRUE = Scaling(slowness=1.7, face_pixel_s=2e-8, latency_s=4e-5)


def test_a_fit_to_what_the_model_gives_finds_its_numbers():
    runs = [Measured(w, n, TRUE.seconds(w, n)) for w in (PLANE, SPACE) for n in (1, 2, 4, 64, 512)]
    found = fitted(runs)
    assert found.slowness == pytest.approx(TRUE.slowness, rel=0.01)
    assert found.face_pixel_s == pytest.approx(TRUE.face_pixel_s, rel=0.03)
    assert found.latency_s == pytest.approx(TRUE.latency_s, rel=0.03)
    assert found.measured == 10


def test_a_stray_file_in_a_store_is_no_measured_run(tmp_path):
    (tmp_path / "aa").mkdir()
    (tmp_path / "aa" / "notes.h5").touch()
    assert measured_runs(Store(tmp_path)) == []


def test_a_fit_to_scattered_times_stays_within_their_scatter():
    rng = np.random.default_rng(1)
    runs = [
        Measured(w, n, TRUE.seconds(w, n) * np.exp(0.1 * rng.normal()))
        for w in (PLANE, SPACE)
        for n in (1, 2, 4, 16, 64, 256)
    ]
    found = fitted(runs)
    for run in runs:
        assert found.seconds(run.work, run.ranks) == pytest.approx(TRUE.seconds(run.work, run.ranks), rel=0.15)


def test_without_runs_and_where_nothing_was_measured_the_assumed_numbers_hold():
    assert fitted([]) == Scaling()
    alone = fitted([Measured(PLANE, 1, 40.0)])
    assert alone.slowness == pytest.approx(2.0, rel=0.02)
    assert (alone.face_pixel_s, alone.latency_s) == pytest.approx((Scaling().face_pixel_s, Scaling().latency_s))


def test_ranks_that_talk_for_free_divide_the_time_and_latency_bounds_it():
    free = Scaling(face_pixel_s=0.0, latency_s=0.0)
    assert free.seconds(SPACE, 64) == pytest.approx(free.seconds(SPACE, 1) / 64)
    assert free.efficiency(SPACE, 4096) == pytest.approx(1.0)
    assert TRUE.seconds(SPACE, 10**6) > SPACE.steps * TRUE.latency_s
    efficiencies = [TRUE.efficiency(SPACE, 1 << k) for k in range(20)]
    assert efficiencies == sorted(efficiencies, reverse=True)


def test_it_pays_up_to_an_efficiency_of_a_half_and_no_further():
    most = TRUE.most_ranks(PLANE, 4096)
    assert TRUE.efficiency(PLANE, most) >= 0.5 > TRUE.efficiency(PLANE, 2 * most)
    assert TRUE.most_ranks(SPACE, 64) == 64


def test_no_more_ranks_than_the_time_asks_for():
    assert TRUE.fewest_ranks(SPACE, 4096, 1e9) == 1
    few = TRUE.fewest_ranks(SPACE, 4096, 900.0)
    assert TRUE.seconds(SPACE, few) <= 900.0 < TRUE.seconds(SPACE, few // 2)


def test_a_run_that_cannot_be_shared_takes_one_rank_whatever_is_offered():
    atoms = Work(100_000, 20_000, 2, 20.0, shared=False)
    assert TRUE.seconds(atoms, 64) == TRUE.seconds(atoms, 1)
    assert TRUE.most_ranks(atoms, 64) == 1


@pytest.mark.parametrize(
    ("needs", "cores", "seconds"),
    [
        ([], 4, 0.0),
        ([(1, 3.0), (1, 2.0), (1, 1.0)], 2, 3.0),
        ([(2, 3.0), (1, 2.0)], 2, 5.0),
        ([(8, 1.0), (8, 1.0)], 4, 2.0),
    ],
)
def test_the_end_of_all(needs, cores, seconds):
    assert makespan(needs, cores) == seconds


def test_many_small_runs_go_side_by_side_and_one_big_one_on_all():
    assert ranks_each([PLANE] * 64, TRUE, 16) == 1
    assert ranks_each([SPACE], TRUE, 16) == 16
    mixed = [SPACE] + [PLANE] * 4
    each = ranks_each(mixed, TRUE, 16)
    assert all(all_done(mixed, TRUE, 16, each) <= all_done(mixed, TRUE, 16, 1 << k) for k in range(5))
