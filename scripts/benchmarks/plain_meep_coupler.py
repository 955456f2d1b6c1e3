"""A coupler as a plain Meep script has it: prisms, Meep's own averaging, flux monitors, a normalisation run.

    plain_meep_coupler.py RESOLUTION GAP LENGTH BEND_LENGTH PITCH

prints one line of JSON: {"through": [...], "cross": [...], "setup_seconds": ..., "seconds": ...}. Nothing of this
package is used, so that the two can be compared. Lengths in µm; the guides are those of `devices/coupler_50.toml`.
"""

import json
import sys
import time

import meep as mp
import numpy as np
from scipy.optimize import brentq

CORE, CLADDING, WIDTH = 2.8475, 1.444, 0.5
FREQUENCIES = 1 / np.linspace(1.5, 1.6, 11)
CENTRE = 0.5 * (FREQUENCIES.max() + FREQUENCIES.min())
PML, LEAD, CLEARANCE, MARGIN = 1.0, 1.2, 0.4, 1.2
# Of a bend's polygon. 0.025 changes the crossed power of a weak coupler by 1e-3, and takes four times the set-up.
POINT_SPACING = 0.1


def slab_profile(y):
    """Hz of the slab's fundamental mode at the centre frequency."""
    k, half, rho = 2 * np.pi * CENTRE, 0.5 * WIDTH, (CORE / CLADDING) ** 2
    v = k * half * np.sqrt(CORE**2 - CLADDING**2)
    u = brentq(lambda u: u * np.tan(u) - rho * np.sqrt(v**2 - u**2), 1e-6, min(v, np.pi / 2) - 1e-9)
    w = np.sqrt(v**2 - u**2)
    return np.cos(u * y / half) if abs(y) < half else np.cos(u) * np.exp(-w * (abs(y) / half - 1))


def guide_prism(gap, length, bend_length, pitch, extension, side):
    """One guide: straight, S-bend in, straight, S-bend out, straight."""
    inner, outer = 0.5 * (WIDTH + gap), 0.5 * pitch
    t = np.linspace(0, 1, round(bend_length / POINT_SPACING) + 1)
    x = 0.5 * length + bend_length * t
    y = inner + (outer - inner) * (t - np.sin(2 * np.pi * t) / (2 * np.pi))
    slope = (outer - inner) / bend_length * (1 - np.cos(2 * np.pi * t))
    x, y, slope = np.append(x, x[-1] + extension), np.append(y, outer), np.append(slope, 0.0)
    x, y, slope = (np.concatenate([sign * part[::-1], part]) for sign, part in ((-1, x), (1, y), (-1, slope)))
    normal = np.stack([-slope, np.ones_like(slope)]) / np.hypot(1, slope)
    edges = [np.stack([x, y]) + sign * 0.5 * WIDTH * normal for sign in (-1, 1)]
    outline = np.concatenate([edges[0].T, edges[1].T[::-1]]) * (1, side)
    return mp.Prism([mp.Vector3(*p) for p in outline], height=mp.inf, material=mp.Medium(index=CORE))


def even(length, resolution):
    """The length as an even number of pixels, so that every cell's middle lies on the grid alike."""
    return 2 * np.ceil(0.5 * length * resolution - 1e-9) / resolution


def run(geometry, size, source_at, monitors, resolution):
    """Fluxes through the monitors, and the seconds that setting up and all took."""
    started = time.process_time()
    pulse = mp.GaussianSource(CENTRE, fwidth=2 * np.ptp(FREQUENCIES))
    # A current along y with the profile of Hz excites this mode and no other: n x H of an equivalent current.
    source = mp.Source(
        pulse,
        component=mp.Ey,
        center=source_at,
        size=mp.Vector3(0, min(2.4, size.y - 2 * PML)),
        amp_func=lambda r: slab_profile(r.y),
    )
    sim = mp.Simulation(
        cell_size=size,
        resolution=resolution,
        boundary_layers=[mp.PML(PML)],
        geometry=geometry,
        default_material=mp.Medium(index=CLADDING),
        sources=[source],
    )
    regions = [mp.FluxRegion(center=at, size=mp.Vector3(0, height)) for at, height in monitors]
    fluxes = [sim.add_flux(FREQUENCIES, region) for region in regions]
    sim.init_sim()
    set_up = time.process_time()
    sim.run(until_after_sources=mp.stop_when_fields_decayed(50, mp.Hz, monitors[0][0], 1e-6))
    powers = [np.array(mp.get_fluxes(flux)) for flux in fluxes]
    return powers, set_up - started, time.process_time() - started


def main():
    """Normalise with a straight guide, then the coupler."""
    mp.verbosity(0)
    resolution = int(sys.argv[1])
    gap, length, bend_length, pitch = (float(word) for word in sys.argv[2:])
    half, outside = 0.5 * length + bend_length, LEAD + CLEARANCE + PML
    height = even(pitch + WIDTH + 2 * (MARGIN + PML), resolution)

    straight = mp.Block(mp.Vector3(mp.inf, WIDTH, mp.inf), material=mp.Medium(index=CORE))
    short = mp.Vector3(even(2 * outside, resolution), height)
    (incident,), setup_0, seconds_0 = run(
        [straight], short, mp.Vector3(-LEAD), [(mp.Vector3(0.5 * LEAD), pitch)], resolution
    )

    guides = [guide_prism(gap, length, bend_length, pitch, 2 * outside, side) for side in (-1, 1)]
    size = mp.Vector3(even(2 * (half + outside), resolution), height)
    monitors = [(mp.Vector3(half + 0.5 * LEAD, side * 0.5 * pitch), pitch) for side in (-1, 1)]
    source_at = mp.Vector3(-half - LEAD, -0.5 * pitch)
    (through, cross), setup_1, seconds_1 = run(guides, size, source_at, monitors, resolution)

    if mp.am_master():
        result = {"through": list(through / incident), "cross": list(cross / incident)}
        print(json.dumps({**result, "setup_seconds": setup_0 + setup_1, "seconds": seconds_0 + seconds_1}))


if __name__ == "__main__":
    main()
