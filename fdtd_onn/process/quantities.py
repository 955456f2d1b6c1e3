"""The numbers of a linear device whose spread is asked for."""

from __future__ import annotations

import numpy as np

from fdtd_onn.analytic.slab import Slab, SlabField, slab_index
from fdtd_onn.responses.scattering import Response
from fdtd_onn.specs.device import AnyDevice, PhaseShifter, Straight
from fdtd_onn.units import db_from_power_ratio

DB_PER_SHARE = 10.0 / np.log(10.0)
STRONG = 1e-2  # |S|² from which an output's phase and share are worth a number


def quantities(response: Response, nominal: Response) -> dict[str, float]:
    """Numbers for light into the first port at the middle wavelength, the same for every response of one nominal.

    coupling_ratio_<port>: share of the outgoing power, where it is divided. phase_rad_<port>: of the transmission,
    since the nominal device, within ±π. loss_db: incident over outgoing power. n_eff: of a straight guide in the chip's
    plane, from its phase, on the turn that the slab's closed form says.
    """
    middle = nominal.wavelengths_um.size // 2
    reference, s = nominal.s[middle, :, 0], response.s[middle, :, 0]
    power = np.abs(s) ** 2
    strong = np.flatnonzero(np.abs(reference) ** 2 >= STRONG)
    through = int(np.argmax(np.abs(reference)))
    found = {}
    if strong.size > 1:
        found = {f"coupling_ratio_{nominal.ports[k]}": float(power[k] / power[strong].sum()) for k in strong}
    phases = {k: float(np.angle(s[k] / reference[k])) for k in strong}
    found |= {f"phase_rad_{nominal.ports[k]}": phase for k, phase in phases.items()}
    found["loss_db"] = -float(db_from_power_ratio(power.sum()))
    index = _index(nominal.device, complex(reference[through]), float(nominal.wavelengths_um[middle]))
    if index is not None:
        found["n_eff"] = index + phases[through] * period("n_eff", nominal) / (2.0 * np.pi)
    return found


def run_errors(nominal: Response) -> dict[str, float]:
    """What the nominal run's own error estimate leaves open of each of its quantities, by name.

    Differences between runs share a part of it, which nobody knows.
    """
    middle = nominal.wavelengths_um.size // 2
    found = {}
    for name in quantities(nominal, nominal):
        if name == "n_eff" or name.startswith("phase_rad"):
            through = int(np.argmax(np.abs(nominal.s[middle, :, 0])))
            out = through if name == "n_eff" else nominal.ports.index(name.removeprefix("phase_rad_"))
            phase = float(nominal.s_error[middle, out, 0] / np.abs(nominal.s[middle, out, 0]))
            found[name] = phase * period(name, nominal) / (2.0 * np.pi)
        else:
            found[name] = nominal.power_error * (DB_PER_SHARE if name == "loss_db" else 1.0)
    return found


def period(name: str, nominal: Response) -> float:
    """What can be added to a quantity without a trace in S; 0 for one without such freedom."""
    if name.startswith("phase_rad"):
        return 2.0 * np.pi
    if name == "n_eff" and isinstance(nominal.device, Straight | PhaseShifter):
        return float(nominal.wavelengths_um[nominal.wavelengths_um.size // 2]) / nominal.device.parameters.length_um
    return 0.0


def _index(device: AnyDevice, transmission: complex, wavelength_um: float) -> float | None:
    """Effective index of a straight guide in the chip's plane from its transmission's phase; None for other devices.

    None also where ports name their modes: the closed form is that of the fundamental one.
    """
    if not isinstance(device, Straight | PhaseShifter) or device.uses_stack or device.modes:
        return None
    parameters, indices = device.parameters, device.indices_at(wavelength_um)
    heated = 0.0
    if isinstance(device, PhaseShifter):
        heated = device.parameters.delta_t_k * device.parameters.dn_dt_per_k
    slab = Slab(parameters.width_um, indices["core"] + heated, indices["cladding"])
    field: SlabField = "Hz" if device.polarization == "te" else "Ez"
    per_turn = wavelength_um / parameters.length_um
    fraction = float(np.angle(transmission)) / (2.0 * np.pi)
    turns = round(slab_index(slab, wavelength_um, field) / per_turn - fraction)
    return (turns + fraction) * per_turn
