"""What fabrication makes of a device: its sensitivities, its spread, its corners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.api.characterize import Listener, characterize_all
from fdtd_onn.errors import BadInput
from fdtd_onn.process import Expansion, correlated_draws, expand, independent_draws, period, quantities, run_errors
from fdtd_onn.responses.scattering import Response
from fdtd_onn.specs.device import Absorber, AnyDevice, GratingTap, Heater
from fdtd_onn.specs.fidelity import FidelityName
from fdtd_onn.specs.load import moved
from fdtd_onn.store import Store

Real = NDArray[np.float64]
DRAWS = 20_000
PAIRS = 4_000  # of devices at each distance
SEED = 0
CORNER = 3.0  # standard deviations
LARGEST_STEP_RAD = 0.5 * np.pi  # of phase per standard deviation: well within what ±π can tell


@dataclass(frozen=True, eq=False)
class ProcessSpread:
    """Spread of a device's numbers, by `names`, at the middle wavelength for light into its first port.

    expansion: in standard deviations of the device's variations. draws: (DRAWS, n), its values over random devices.
    corners: (2^v, v) in standard deviations; predicted, direct: (2^v, n) there, by the expansion and by runs.
    distances_um, mismatch: (d,), (d, n), standard deviation of the difference of two devices so far apart on a chip.
    run_error: (n,), what the error estimate of the nominal device's run leaves open of each.
    """

    device: AnyDevice
    fidelity: str
    wavelength_um: float
    names: tuple[str, ...]
    expansion: Expansion
    draws: Real
    corners: Real
    predicted: Real
    direct: Real
    distances_um: Real
    mismatch: Real
    run_error: Real

    @property
    def corner_error(self) -> Real:
        """Largest difference between expansion and direct runs at the corners, (n,)."""
        return np.asarray(np.abs(self.predicted - self.direct).max(axis=0))


def process_spread(
    device: AnyDevice,
    fidelity: FidelityName = "standard",
    store: Store | None = None,
    workers: int | None = None,
    listener: Listener | None = None,
) -> ProcessSpread:
    """Run a device as drawn, at ±1 standard deviation of each of its variations, and at all corners of ±3.

    Raises BadInput for a device without variations, an absorber, a heater, a tap (whose ratio is not among the
    quantities), a variation that makes no valid device or changes no run, or a phase that turns too far per standard
    deviation to be followed; otherwise as `characterize_all`.
    """
    _check(device)
    count = len(device.process)
    corners = CORNER * np.array(list(product((-1.0, 1.0), repeat=count)))
    places = np.concatenate([np.zeros((1, count)), np.eye(count), -np.eye(count), corners])
    devices = [_moved(device, place) for place in places]
    _check_moved(device, devices[1 : 1 + count])
    responses = characterize_all(devices, fidelity, store, workers, listener)
    linear = [response for response in responses if isinstance(response, Response)]
    rows = [quantities(response, linear[0]) for response in linear]
    names, values = tuple(rows[0]), np.array([list(row.values()) for row in rows])
    expansion = expand(values[0], values[1 : 1 + count], values[1 + count : 1 + 2 * count])
    _check_phases(device, names, expansion)
    predicted = expansion.at(corners)
    distances = _distances(device)
    return ProcessSpread(
        device=device,
        fidelity=fidelity,
        wavelength_um=float(linear[0].wavelengths_um[linear[0].wavelengths_um.size // 2]),
        names=names,
        expansion=expansion,
        draws=expansion.at(independent_draws(DRAWS, count, SEED)),
        corners=corners,
        predicted=predicted,
        direct=_on_turn(np.array([period(name, linear[0]) for name in names]), values[1 + 2 * count :], predicted),
        distances_um=distances,
        mismatch=_mismatch(device, expansion, distances),
        run_error=np.array(list(run_errors(linear[0]).values())),
    )


def _check(device: AnyDevice) -> None:
    where = f"process({device.name})"
    if isinstance(device, Absorber | Heater):
        got = "a saturable absorber" if isinstance(device, Absorber) else "a heater"
        raise BadInput(where, "a linear device", got, "Ask for the devices around it.")
    if isinstance(device, GratingTap):
        cure = "Sweep it instead: fdtd-onn characterize with --set etch_um=START:STOP:STEP."
        raise BadInput(where, "a device without radiated light", "a grating tap", cure)
    if not device.process:
        cure = "Say in its file what varies: [[process]] with name, sigma and moves."
        raise BadInput(where, "a device with variations", "none", cure)


def _moved(device: AnyDevice, place: Real) -> AnyDevice:
    """The device at variations (v,) in standard deviations."""
    amounts: dict[str, float] = {}
    for variation, x in zip(device.process, place.tolist(), strict=True):
        for key, per_amount in variation.moves.items():
            amounts[key] = amounts.get(key, 0.0) + per_amount * variation.sigma * x
    return moved(device, amounts)


def _check_moved(device: AnyDevice, moved_devices: Sequence[AnyDevice]) -> None:
    """What counts in space only, such as a film's thickness, moves nothing in the chip's plane."""
    for variation, changed in zip(device.process, moved_devices, strict=True):
        if changed.physics() == device.physics():
            expected = f"keys that count in runs with dimensions = {device.dimensions} in {device.plane}"
            cure = "Move what the runs have in them, or choose other dimensions or another plane."
            raise BadInput(f"process({device.name}): {variation.name}", expected, ", ".join(variation.moves), cure)


def _check_phases(device: AnyDevice, names: Sequence[str], expansion: Expansion) -> None:
    for name, steps in zip(names, expansion.first, strict=True):
        if name.startswith("phase_rad") and np.abs(steps).max() > LARGEST_STEP_RAD:
            expected = f"a phase that moves by at most {LARGEST_STEP_RAD:.2f} rad per standard deviation"
            got = f"{name} by {np.abs(steps).max():.2f} rad"
            raise BadInput(f"process({device.name})", expected, got, "Ask for a shorter device; phases add along it.")


def _on_turn(periods: Real, direct: Real, predicted: Real) -> Real:
    """Direct runs with phases, and what follows from them, on the turn nearest to the prediction."""
    turns = np.round(np.divide(predicted - direct, periods, out=np.zeros_like(direct), where=periods > 0.0))
    return np.asarray(direct + periods * turns)


def _distances(device: AnyDevice) -> Real:
    """Where mismatch is worth knowing: a decade to either side of the variations' correlation lengths."""
    lengths = [v.correlation_length_um for v in device.process if v.correlation_length_um is not None]
    return np.geomspace(0.1 * min(lengths), 10.0 * max(lengths), 9) if lengths else np.zeros(0)


def _mismatch(device: AnyDevice, expansion: Expansion, distances: Real) -> Real:
    lengths = [variation.correlation_length_um for variation in device.process]
    rows = []
    for distance in distances:
        pairs = expansion.at(correlated_draws(np.array([[0.0, 0.0], [distance, 0.0]]), lengths, PAIRS, SEED))
        rows.append(np.std(pairs[:, 1] - pairs[:, 0], axis=0))
    return np.array(rows).reshape(distances.size, expansion.nominal.size)
