"""Devices that are compared share one cell, and the grid lies at several places in it."""

import numpy as np
import pytest

from fdtd_onn.fullwave.cell import build_cell
from fdtd_onn.fullwave.lag import dispersion_of_ports
from fdtd_onn.fullwave.lattices import shared_lattices
from fdtd_onn.specs.fidelity import FIDELITIES
from tests.geometry.make import make_device

DRAFT = FIDELITIES["draft"]
BAND = np.array([1.54, 1.55])
WIDTHS = (0.5, 0.48, 0.52)


@pytest.fixture(scope="module")
def cells():
    """By width and by position."""
    devices = [make_device("straight").with_parameters(width_um=width) for width in WIDTHS]
    lattices = shared_lattices(devices, DRAFT, 4)
    return [[build_cell(d, DRAFT, 20, BAND, lattice=lattice) for lattice in lattices] for d in devices]


def test_all_share_one_cell_and_differ_in_where_their_pixels_are(cells):
    assert len({cell.grid for row in cells for cell in row}) == 1
    for k in range(4):
        offsets = {row[k].offset_um for row in cells}
        assert len(offsets) == 1
        moved = np.array(cells[0][k].offset_um) - cells[0][0].offset_um
        assert moved == pytest.approx(k / 4 / 20)


def test_the_mean_over_positions_is_smooth_where_a_single_one_is_not(cells):
    """β on the grid over the width: its slope errs by a sixth on the worst lattice, by 3 % on their mean."""
    limit = np.array([dispersion_of_ports(row[0])[0][0, 1] for row in cells])
    slopes = np.array([row.ports[0].modes[1].beta for row in cells[1]]) - [
        row.ports[0].modes[1].beta for row in cells[2]
    ]
    wanted = limit[1] - limit[2]
    assert np.abs(slopes / wanted - 1.0).max() > 0.1
    assert slopes.mean() / wanted == pytest.approx(1.0, abs=0.05)


def test_what_is_left_of_the_grid_in_the_limit_does_not_see_the_position(cells):
    limits = np.array([dispersion_of_ports(cell)[0][0] for cell in cells[0]])
    assert np.ptp(limits, axis=0) == pytest.approx(0.0, abs=2e-3)
