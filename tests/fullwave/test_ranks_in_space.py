import numpy as np
import pytest

from fdtd_onn.specs.device.base import WavelengthGrid
from fdtd_onn.specs.fidelity import VOLUME_FIDELITIES
from fdtd_onn.specs.runs import ScatteringRun
from fdtd_onn.store import Store
from tests.fullwave.support import needs_engine, on_ranks, record_of
from tests.geometry.make import make_device

pytestmark = [needs_engine, pytest.mark.long]


def test_two_ranks_give_the_column_of_one_in_three_dimensions(tmp_path):
    """A bend, so that slanted walls and films are exchanged between ranks."""
    bend = make_device("s_bend", dimensions=3, length_um=0.8, offset_um=0.2)
    device = bend.model_copy(update={"wavelengths": WavelengthGrid(start_um=1.4, stop_um=1.6, points=2)})
    # A short pulse, and the end as soon as anything can be read: both need only stop at the same step.
    tiny = {"lead_um": 0.6, "margin_um": 0.6, "pml_um": 0.3, "settle_tolerance": 0.5}
    settings = VOLUME_FIDELITIES["draft"].model_copy(update=tiny)
    run = ScatteringRun(device=device, fidelity=settings, resolution=8, port="o1")
    alone = record_of(run)
    process = on_ranks(2, "-m", "fdtd_onn.fullwave.worker", str(tmp_path), text=run.model_dump_json())
    assert process.returncode == 0, process.stderr
    together = Store(tmp_path).read(alone.key)
    np.testing.assert_allclose(together.arrays["s"], alone.arrays["s"], atol=1e-10)
    assert np.abs(alone.arrays["s"][1]).min() > 0.5
