"""The numbers of a device whose spread is asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.analytic.slab import Slab, SlabField, slab_index
from fdtd_onn.reduce import AbsorberModel, compile_absorber
from fdtd_onn.responses.one_input import OneInput, first_input
from fdtd_onn.responses.saturation import SaturationResponse
from fdtd_onn.responses.scattering import Response
from fdtd_onn.responses.tap import EVERYWHERE, TapResponse
from fdtd_onn.specs.device import AnyDevice, Aperture, GratingTap, PhaseShifter, Straight
from fdtd_onn.units import db_from_power_ratio

Real = NDArray[np.float64]
DB_PER_SHARE = 10.0 / np.log(10.0)
STRONG = 1e-2  # |S|² from which an output's phase and share are worth a number
MW_PER_W = 1e3


def quantities(seen: OneInput | AbsorberModel, nominal: OneInput | AbsorberModel) -> dict[str, float]:
    """Named numbers of a device, the same names for all that are compared with one nominal.

    Of linear devices, for light into the first port at the middle wavelength. coupling_ratio_<port>: share of the
    outgoing power, where it is divided. phase_rad_<port>: of the transmission, since the nominal device, within ±π.
    loss_db: incident over outgoing power. n_eff: of a straight guide in the chip's plane, from its phase, on the turn
    that the slab's closed form says. Of taps: tap_ratio (what its camera takes), insertion_loss_db, reflection (share
    of the power), angle_deg (mean direction above the chip). Of absorbers, their compiled numbers: optical_depth,
    saturation_power_mw, nonsaturable_optical_depth.
    """
    if isinstance(seen, AbsorberModel):
        return _of_absorber(seen)
    assert isinstance(nominal, OneInput)  # both are of one device
    return _of_tap(seen) if isinstance(seen.device, GratingTap) else _of_guided(seen, nominal)


def _of_absorber(model: AbsorberModel) -> dict[str, float]:
    numbers = model.absorption
    return {
        "optical_depth": numbers.optical_depth,
        "saturation_power_mw": MW_PER_W * numbers.saturation_power_w,
        "nonsaturable_optical_depth": numbers.nonsaturable_optical_depth,
    }


def _of_tap(seen: OneInput) -> dict[str, float]:
    assert isinstance(seen.device, GratingTap)
    guided = np.abs(seen.out[seen.middle]) ** 2
    return {
        "tap_ratio": float(_upwards(seen, seen.device.camera).sum()),
        "insertion_loss_db": -float(db_from_power_ratio(guided[1])),
        "reflection": float(guided[0]),
        "angle_deg": float(np.degrees(np.arcsin(_mean_and_width(seen)[0]))),
    }


def _upwards(seen: OneInput, aperture: Aperture) -> Real:
    """(n_u, n_v) power of each direction in an aperture, at the middle wavelength."""
    assert seen.above is not None  # of a tap
    power = np.sum(np.abs(seen.above.amplitude[seen.middle]) ** 2, axis=-1)
    return np.asarray(power * seen.above.directions.weights(aperture))


def _mean_and_width(seen: OneInput) -> tuple[float, float]:
    """Mean and standard deviation of the direction cosine along the guide, over the power above the chip."""
    assert seen.above is not None
    u, power = seen.above.directions.u, _upwards(seen, EVERYWHERE).sum(axis=1)
    mean = float(np.sum(u * power) / power.sum())
    return mean, float(np.sqrt(np.sum((u - mean) ** 2 * power) / power.sum()))


def _of_guided(seen: OneInput, nominal: OneInput) -> dict[str, float]:
    reference, s = nominal.out[nominal.middle], seen.out[nominal.middle]
    power = np.abs(s) ** 2
    strong = np.flatnonzero(np.abs(reference) ** 2 >= STRONG)
    through = int(np.argmax(np.abs(reference)))
    found = {}
    if strong.size > 1:
        found = {f"coupling_ratio_{nominal.ports[k]}": float(power[k] / power[strong].sum()) for k in strong}
    phases = {k: float(np.angle(s[k] / reference[k])) for k in strong}
    found |= {f"phase_rad_{nominal.ports[k]}": phase for k, phase in phases.items()}
    found["loss_db"] = -float(db_from_power_ratio(power.sum()))
    index = _index(nominal.device, complex(reference[through]), float(nominal.wavelengths_um[nominal.middle]))
    if index is not None:
        found["n_eff"] = index + phases[through] * period("n_eff", nominal) / (2.0 * np.pi)
    return found


def run_errors(nominal: Response | TapResponse | SaturationResponse) -> dict[str, float]:
    """What the nominal run's own error estimate leaves open of each of its quantities, by name.

    Differences between runs share a part of it, which nobody knows.
    """
    if isinstance(nominal, SaturationResponse):
        return _errors_of_absorber(nominal)
    if isinstance(nominal, TapResponse):
        return _errors_of_tap(nominal)
    seen = first_input(nominal)
    found = {}
    for name in quantities(seen, seen):
        if name == "n_eff" or name.startswith("phase_rad"):
            through = int(np.argmax(np.abs(seen.out[seen.middle])))
            out = through if name == "n_eff" else nominal.ports.index(name.removeprefix("phase_rad_"))
            phase = float(nominal.s_error[seen.middle, out, 0] / np.abs(seen.out[seen.middle, out]))
            found[name] = phase * period(name, seen) / (2.0 * np.pi)
        else:
            found[name] = nominal.power_error * (DB_PER_SHARE if name == "loss_db" else 1.0)
    return found


def _errors_of_absorber(nominal: SaturationResponse) -> dict[str, float]:
    """By how much the compiled numbers move when all |t|² are off by their error at once, and powers by theirs."""
    off = [
        np.sqrt(1.0 + nominal.error[:, k] / np.abs(t) ** 2)
        for k, t in enumerate((nominal.pump_transmission, nominal.probe_transmission))
    ]
    brighter = replace(
        nominal,
        pump_transmission=off[0] * nominal.pump_transmission,
        probe_transmission=off[1] * nominal.probe_transmission,
    )
    before, after = (_of_absorber(compile_absorber(response)) for response in (nominal, brighter))
    moved = {name: abs(after[name] - before[name]) for name in before}
    power = "saturation_power_mw"
    return moved | {power: moved[power] + nominal.scale_error * before[power]}


def _errors_of_tap(nominal: TapResponse) -> dict[str, float]:
    """An amplitude a is off by δ: power by δ(2a + δ) at most, and the mean direction by 2δ/a times its width."""
    seen = first_input(nominal)
    amplitude = float(nominal.amplitude_error[seen.middle, 0])
    (mean, width), up = _mean_and_width(seen), float(np.sqrt(nominal.ratio(EVERYWHERE)[seen.middle, 0]))
    out = nominal.guided.s_error[seen.middle, :, 0]
    return {
        "tap_ratio": float(nominal.ratio_error(nominal.device.camera)[seen.middle, 0]),
        "insertion_loss_db": DB_PER_SHARE * nominal.guided.power_error / float(np.abs(seen.out[seen.middle, 1]) ** 2),
        "reflection": float(out[0] * (2.0 * np.abs(seen.out[seen.middle, 0]) + out[0])),
        "angle_deg": float(np.degrees(2.0 * amplitude / up * width / np.sqrt(1.0 - mean**2))),
    }


def period(name: str, nominal: OneInput) -> float:
    """What can be added to a quantity without a trace in S; 0 for one without such freedom."""
    if name.startswith("phase_rad"):
        return 2.0 * np.pi
    if name == "n_eff" and isinstance(nominal.device, Straight | PhaseShifter):
        return float(nominal.wavelengths_um[nominal.middle]) / nominal.device.parameters.length_um
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
