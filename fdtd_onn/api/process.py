"""What fabrication makes of a device: its sensitivities, its spread, its corners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.api.characterize import Listener
from fdtd_onn.api.process_samples import samples, sampling_cost
from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave.cost import Cost
from fdtd_onn.process import (
    Expansion,
    correlated_draws,
    independent_draws,
    scatter,
    sensitivities,
    with_slab_index,
)
from fdtd_onn.specs.device import Absorber, AnyDevice, Heater
from fdtd_onn.specs.fidelity import FidelityName
from fdtd_onn.specs.load import moved
from fdtd_onn.store import Store

Real = NDArray[np.float64]
DRAWS = 20_000
PAIRS = 4_000  # of devices at each distance
SEED = 0
CORNER = 3.0  # standard deviations
STEPS = (2.0, 4.0)  # standard deviations to either side; the corners lie between
LARGEST_STEP_RAD = 0.4 * np.pi  # of phase per standard deviation: the smaller step is then within what ±π can tell


@dataclass(frozen=True, eq=False)
class ProcessSpread:
    """Spread of a device's numbers, by `names` (`quantities`).

    expansion: in standard deviations of the device's variations. first_error, step: (n, v), standard error of its
    slopes and the step of their central differences, in standard deviations.
    draws: (DRAWS, n), its values over random devices.
    corners: (2^v, v) in standard deviations; predicted, direct: (2^v, n) there, by the expansion and by runs.
    direct_error: (n,), largest standard error of the change from the nominal device to a corner, by runs.
    distances_um, mismatch: (d,), (d, n), standard deviation of the difference of two devices so far apart on a chip.
    run_error: (n,), what the error estimate of the nominal device's run leaves open of each.
    """

    device: AnyDevice
    fidelity: str
    wavelength_um: float
    names: tuple[str, ...]
    expansion: Expansion
    first_error: Real
    step: Real
    draws: Real
    corners: Real
    predicted: Real
    direct: Real
    direct_error: Real
    distances_um: Real
    mismatch: Real
    run_error: Real

    @property
    def corner_error(self) -> Real:
        """Largest difference between expansion and direct runs at the corners, (n,)."""
        return np.asarray(np.abs(self.predicted - self.direct).max(axis=0))

    @property
    def corner_allowance(self) -> Real:
        """What the slopes' errors and those of the direct runs let it be, (n,): one standard error."""
        return np.asarray(np.sqrt(np.sum((CORNER * self.first_error) ** 2, axis=1) + self.direct_error**2))


def process_spread(
    device: AnyDevice,
    fidelity: FidelityName = "standard",
    store: Store | None = None,
    workers: int | None = None,
    listener: Listener | None = None,
) -> ProcessSpread:
    """Run a device as drawn, at ±2 and ±4 standard deviations of each of its variations, and at all corners of ±3.

    Runs of linear devices share one cell and are done on several positions of its grid (`shared_lattices`).
    Raises BadInput for a device without variations, a heater, a variation that makes no valid device or changes no
    run, or a phase that turns too far per standard deviation to be followed; otherwise as `characterize_all`.
    """
    members = _members(device)
    count, tried = len(device.process), len(STEPS) * len(device.process)
    seen = samples(members.devices, fidelity, store, workers, listener)
    nominal, rest = seen.values[0], seen.values[1:]
    plus, minus = (
        values.reshape(len(STEPS), count, *nominal.shape) for values in (rest[:tried], rest[tried : 2 * tried])
    )
    plus, minus = (_followed(nominal, values, seen.periods) for values in (plus, minus))
    found = sensitivities(nominal, plus, minus, STEPS, seen.noise)
    expansion = found.expansion
    _check_phases(device, seen.names, expansion)
    predicted = expansion.at(members.corners)
    direct = _on_turn(seen.periods, rest[2 * tried :], predicted[:, None])
    distances = _distances(device)
    return ProcessSpread(
        device=device,
        fidelity=fidelity,
        wavelength_um=device.saturation.wavelength_um if isinstance(device, Absorber) else _middle_um(device),
        names=seen.names,
        expansion=expansion,
        first_error=found.error,
        step=found.step,
        draws=expansion.at(independent_draws(DRAWS, count, SEED)),
        corners=members.corners,
        predicted=predicted,
        direct=direct.mean(axis=1),
        direct_error=np.sqrt(scatter(direct - nominal).max(axis=0) ** 2 + 2.0 * seen.noise**2),
        distances_um=distances,
        mismatch=_mismatch(device, expansion, distances),
        run_error=seen.run_error,
    )


def process_cost(
    device: AnyDevice, fidelity: FidelityName = "standard", store: Store | None = None
) -> tuple[Cost, ...]:
    """Estimated cost of every run that `process_spread` would have to do; raises BadInput as it does."""
    return sampling_cost(_members(device).devices, fidelity, store)


@dataclass(frozen=True, eq=False)
class _Members:
    """The devices to run: as drawn; up, then down, at both steps, each of all variations; and at the corners."""

    devices: tuple[AnyDevice, ...]
    corners: Real


def _members(device: AnyDevice) -> _Members:
    _check(device)
    count = len(device.process)
    up = np.concatenate([step * np.eye(count) for step in STEPS])
    corners = CORNER * np.array(list(product((-1.0, 1.0), repeat=count)))
    places = np.concatenate([np.zeros((1, count)), up, -up, corners])
    devices = tuple(_moved(device, place) for place in places)
    _check_moved(device, devices[1 : 1 + count])
    return _Members(devices, corners)


def _middle_um(device: AnyDevice) -> float:
    grid = device.wavelengths
    return float(np.linspace(grid.start_um, grid.stop_um, grid.points)[grid.points // 2])


def _check(device: AnyDevice) -> None:
    where = f"process({device.name})"
    if isinstance(device, Heater):
        raise BadInput(where, "a device with full-wave runs", "a heater", "Ask for the devices around it.")
    if not device.process:
        cure = "Say in its file what varies: [[process]] with name, sigma and moves."
        raise BadInput(where, "a device with variations", "none", cure)


def _moved(device: AnyDevice, place: Real) -> AnyDevice:
    """The device at variations (v,) in standard deviations."""
    amounts: dict[str, float] = {}
    for variation, x in zip(device.process, place.tolist(), strict=True):
        for key, per_amount in variation.moves.items():
            amounts[key] = amounts.get(key, 0.0) + per_amount * variation.sigma * x
    return moved(device, with_slab_index(device, amounts))


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


def _followed(nominal: Real, values: Real, periods: Real) -> Real:
    """Values (2, v, m, n) at both steps on the turns that lead there from the nominal one, each step twice the last."""
    near = _on_turn(periods, values[0], nominal)
    return np.stack([near, _on_turn(periods, values[1], nominal + STEPS[1] / STEPS[0] * (near - nominal))])


def _on_turn(periods: Real, direct: Real, predicted: Real) -> Real:
    """Direct runs with phases, and what follows from them, on the turn nearest to the prediction."""
    apart = predicted - direct
    turns = np.round(
        np.divide(apart, periods, out=np.zeros_like(apart), where=np.broadcast_to(periods > 0.0, apart.shape))
    )
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
