"""Waves read within an assembly: a guide's own propagation, and places where a reading would be wrong."""

import numpy as np
import pytest

from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.fullwave.cell import build_cell
from fdtd_onn.fullwave.execute import column_from
from fdtd_onn.fullwave.scattering import wavelengths
from fdtd_onn.specs.fidelity import FIDELITIES
from fdtd_onn.specs.runs import ScatteringRun
from tests.fullwave.support import needs_engine, record_of
from tests.geometry.make import make_device
from tests.geometry.test_assembly import assembled

SETTINGS, RESOLUTION = FIDELITIES["draft"], 16


def run_of(device, port="o1"):
    return ScatteringRun(device=device, fidelity=SETTINGS, resolution=RESOLUTION, port=port)


def cell_of(device):
    return build_cell(device, SETTINGS, RESOLUTION, wavelengths(run_of(device)))


@needs_engine
def test_what_passes_a_monitor_is_what_the_guide_brings_there():
    """From the left as the guide's own β turns it, nothing from the right, and both kept in the record."""
    guide = make_device("straight", length_um=1.0)
    device = assembled((guide, -0.5, 0.0), (guide, 0.5, 0.0, True))
    column = column_from(record_of(run_of(device)))
    beta = np.array([mode.beta for mode in cell_of(device).monitors[0].modes])
    np.testing.assert_allclose(column.inner[0, :, 0], np.exp(1.5j * beta), atol=2e-4)
    assert np.abs(column.inner[0, :, 1]).max() < 4e-4  # what the absorbing layers return
    assert column_from(record_of(run_of(guide))).inner is None


def test_monitors_have_a_guide_of_their_own():
    warm = make_device("phase_shifter", length_um=1.0, delta_t_k=100.0)
    thin, guide = make_device("straight", length_um=0.2), make_device("straight", length_um=1.0)
    with pytest.raises(FdtdOnnError, match="expected a straight guide"):
        cell_of(assembled((warm, 0.0, 0.0), (thin, 0.6, 0.0, True), (warm, 1.2, 0.0)))
    beside = [(guide, 0.0, y) for y in (-1.0, 1.0)]
    with pytest.raises(FdtdOnnError, match="also sees another one"):
        cell_of(assembled((guide, 0.0, 0.0, True), *beside))
    cell = cell_of(assembled(*((guide, 0.0, y, True) for y in (-1.0, 0.0, 1.0))))
    assert [monitor.window.points for monitor in cell.monitors[1:2]] == [16]
