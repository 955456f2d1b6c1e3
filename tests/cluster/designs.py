"""Device files that run in seconds, and a layout of such."""

from __future__ import annotations

_MATERIALS = """
[materials.core]
index = 2.8475
basis = "effective"
note = "TE0 of a 220 nm silicon slab in SiO2 at 1.55 um"
[materials.cladding]
index = 1.444
basis = "bulk"
note = "SiO2 at 1.55 um"
[wavelengths]
start_um = 1.4
stop_um = 1.7
points = 3
"""

STRAIGHT = f"""kind = "straight"
name = "line"
source = "a test"
polarization = "te"
symmetries = ["x"]
[parameters]
width_um = 0.5
length_um = 1.0
{_MATERIALS}"""


def couplers(count):
    """A short coupler, tunable in its gap; one column of S at two resolutions for each value."""
    gaps = [round(0.16 + 0.01 * k, 3) for k in range(count)]
    return f"""kind = "coupler"
name = "couplers"
source = "a test"
polarization = "te"
symmetries = ["x", "y"]
[parameters]
width_um = 0.5
gap_um = 0.2
length_um = 0.5
bend_length_um = 2.5
pitch_um = 1.7
[tunable]
parameter = "gap_um"
values = {gaps}
{_MATERIALS}"""
