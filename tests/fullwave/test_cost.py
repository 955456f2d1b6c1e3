"""What a run is said to take, against the grid that it gets."""

import pytest

from fdtd_onn.fullwave.cost import estimated_cost
from fdtd_onn.fullwave.grid import grid_for
from fdtd_onn.fullwave.patch import aligned_resolution
from fdtd_onn.fullwave.plan import plan
from fdtd_onn.geometry.scene import draw
from fdtd_onn.specs.fidelity import settings_of
from fdtd_onn.specs.load import load_device


@pytest.mark.parametrize("name", ["absorber", "absorber_film", "absorber_strip"])
def test_an_absorbers_pixels_are_those_of_the_grid_aligned_to_its_matter(name):
    """A film of 0.1 µm has 4 pixels at 40 px/µm where 32 were wanted."""
    device = load_device(name)
    settings = settings_of(device, "standard")
    aligned = grid_for(draw(device, 0.0), settings, aligned_resolution(device, settings.resolution))
    runs = plan(device, settings, frozenset({"spectrum", "recovery"}))
    fine = [estimated_cost(run).pixels for run in runs if run.resolution == settings.resolution]
    assert set(fine) == {aligned.cells}
    assert len(fine) == len(device.saturation.pump_over_saturation) + 2
