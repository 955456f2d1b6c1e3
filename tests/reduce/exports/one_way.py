"""A tunable model whose S is not symmetric, so that rows and columns cannot be mistaken for one another."""

from functools import cache

import numpy as np

from fdtd_onn.reduce import compile_model
from tests.reduce.synthetic import WAVELENGTHS, device, dispersive_coupler_s, response

PORTS = ("o1", "o2", "o3", "o4")
GAPS = (0.19, 0.2, 0.21)
# One factor per entry, all different, none above one.
ONE_WAY = (1.0 - 0.02 * np.arange(16).reshape(4, 4)) * np.exp(0.1j * np.arange(16).reshape(4, 4))


def one_way_response(gap_um, ports=PORTS):
    made_of = device(
        "coupler", {"width_um": 0.5, "gap_um": gap_um, "length_um": 12.0, "bend_length_um": 5.0, "pitch_um": 2.0}
    )
    return response(made_of, ONE_WAY * dispersive_coupler_s(WAVELENGTHS, gap_um), ports=ports)


@cache
def one_way_model():
    return compile_model([one_way_response(gap) for gap in GAPS])


@cache
def one_way_pair():
    """A fixed model of two ports: light passes from o1 to o2 better than back."""
    made_of = device("straight", {"width_um": 0.5, "length_um": 12.0})
    s = one_way_response(0.2).s[:, [[1], [2]], [1, 2]]
    return compile_model(response(made_of, s))
