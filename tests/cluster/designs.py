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
points = 7
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


SHIFTER = f"""kind = "phase_shifter"
name = "shifter"
source = "a test"
polarization = "te"
symmetries = ["x", "y"]
[parameters]
width_um = 0.5
length_um = 1.0
delta_t_k = 0.0
dn_dt_per_k = 1.84e-4
[tunable]
parameter = "delta_t_k"
values = [0.0, 100.0]
{_MATERIALS}"""

LAYOUT = """name = "tiny"
[devices]
coupler = "couplers.toml"
phase_shifter = "shifter.toml"
[network]
ports = 4
wavelength_um = 1.55
[network.input]
power_mw = 6.0
reference = 1.5
[[network.layers]]
kind = "mesh"
topology = "clements"
coupler = "coupler"
coupler_value = 0.165
phase_shifter = "phase_shifter"
sections = 100
[network.readout]
kind = "homodyne"
ports = [0, 1]
[experiment]
fidelity = "draft"
dataset = "rings"
rules = ["digital-bp"]
seeds = [0]
epochs = 3
batch_size = 30
learning_rate = 0.03
"""
