"""A heater characterised: its cross-section's heat and its guide's mode, solved on two grids and kept in the store."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.fullwave.guide_section import GuideSection, guide_section
from fdtd_onn.fullwave.modes import Mode
from fdtd_onn.fullwave.stamp import solver_stamp
from fdtd_onn.responses.heating import HeaterResponse, HeatMap
from fdtd_onn.responses.provenance import Provenance
from fdtd_onn.specs.base import content_key
from fdtd_onn.specs.device import Heater
from fdtd_onn.specs.fidelity import Fidelity, FidelityName, settings_of
from fdtd_onn.store import Record, Store
from fdtd_onn.thermal.heater import ALONG_LENGTHS, ASIDE_UM, HeatedSection, Reader, heated_section
from fdtd_onn.thermal.scene import heater_range_um

Real = NDArray[np.float64]

_MODE_REFINEMENT = 2  # of the mode's grid over that of a full-wave run: a section costs little
_DARK = 1e-6  # share of the energy; a metal, with an absorption of some 10/µm, then takes about 1e-5/µm
_BELOW_RIM_UM = 0.2  # the window's rim, a conductor, pushes the field away


@dataclass(frozen=True, eq=False)
class HeatedGuide:
    """One grid's solution. reader: gives the rise of the mode's index at the wavelengths' middle from a temperature."""

    device: Heater
    heated: HeatedSection
    guide: GuideSection
    mode: Mode
    reader: Reader

    @property
    def index_rise(self) -> float:
        """Of the mode, by first-order perturbation, per mW/µm."""
        return float(self.heated.reading(self.reader) @ self.heated.temperature)

    def index_rise_resolved(self, mw_per_um: float) -> float:
        """The same from a new mode solution with the indices heated by so much power."""
        p = self.device.parameters
        rise = mw_per_um * self.heated.at(self.guide.y_um, self.guide.z_um)
        warm = self.guide.mode(self.mode.frequency, p.dn_dt_core_per_k * rise, p.dn_dt_cladding_per_k * rise)
        return (warm.index - self.mode.index) / mw_per_um

    @property
    def energy_at_heater(self) -> float:
        """Upper limit of the share of the mode's electric energy as high as the heater."""
        below_rim = float(self.guide.z_um.max()) - _BELOW_RIM_UM
        return self.guide.energy_above(self.mode, min(heater_range_um(self.device)[0], below_rim))


def heated_guide(device: Heater, resolution: float, wavelength_um: float) -> HeatedGuide:
    """Solve heat and mode of a heater's cross-section. resolution: pixels per µm of full-wave runs as fine as this."""
    guide = guide_section(device, _MODE_REFINEMENT * resolution)
    mode = guide.mode(1.0 / wavelength_um)
    return HeatedGuide(device, heated_section(device, resolution), guide, mode, _reader(device, guide, mode))


def characterize_heater(device: Heater, fidelity: FidelityName, store: Store) -> HeaterResponse:
    """What a heater does per mW, taken from the store or solved, which takes seconds at draft.

    Raises BadInput for a heater so near that its metal absorbs light, FdtdOnnError for a guide without the mode.
    """
    settings, stamp = settings_of(device, fidelity), solver_stamp()
    grids = {"resolution": settings.resolution, "coarse_resolution": settings.coarse_resolution}
    spec = {"kind": "heating", "device": device.physics(), "settings": grids, "engine": stamp.model_dump(mode="json")}
    key = content_key(spec)
    record = store.read(key)
    if record is None:
        store.require_writable()
        begun = time.perf_counter()
        arrays = _solve(device, settings)
        took = {"created": datetime.now(UTC).isoformat(timespec="seconds"), "seconds": time.perf_counter() - begun}
        record = Record("heating", spec, arrays, took)
        store.write(key, record)
    created, seconds = str(record.attributes["created"]), float(record.attributes["seconds"])
    made_by = Provenance(
        stamp.engine, stamp.version, stamp.code, settings.name, (key,), created, 0.0, seconds, cell_updates=0.0
    )
    return _response(device, record.arrays, made_by)


def _solve(device: Heater, settings: Fidelity) -> dict[str, Any]:
    grid = device.wavelengths
    wavelengths = np.linspace(grid.start_um, grid.stop_um, grid.points)
    middle = 0.5 * (grid.start_um + grid.stop_um)
    fine, coarse = (heated_guide(device, r, middle) for r in (settings.resolution, settings.coarse_resolution))
    _require_dark_metal(fine)
    factor = 1.0 / ((settings.resolution / settings.coarse_resolution) ** 2 - 1.0)  # for errors of second order
    crosstalk, crosstalk_coarse = (solved.heated.crosstalk(solved.reader) for solved in (fine, coarse))
    step, step_coarse = (solved.heated.step(solved.reader) for solved in (fine, coarse))
    time_error = step_coarse.time_constant_us / step.time_constant_us - 1.0
    heated, length = fine.heated, device.parameters.length_um
    near = heated.map()
    return {
        "wavelengths_um": wavelengths,
        # The power per length falls with the length over which the index rises: the phase per power does not change.
        "phase_rad_per_mw": np.array([2 * np.pi / w * _index_rise(fine, float(w)) for w in wavelengths]),
        "core_k_per_mw": np.float64(heated.core_rise / length),
        "heater_k_per_mw": np.float64(heated.heater_rise / length),
        "along_um": length * ALONG_LENGTHS,
        "aside_um": ASIDE_UM,
        "crosstalk": crosstalk,
        "times_us": step.times_us,
        "weights": step.weights / step.final,
        "energy_at_heater": np.float64(fine.energy_at_heater),
        "phase_error": np.float64(factor * abs(coarse.index_rise / fine.index_rise - 1.0)),
        "crosstalk_error": np.float64(factor * np.abs(crosstalk_coarse - crosstalk).max()),
        "time_error": np.float64(factor * abs(time_error)),
        "map_y_um": near.y_edges_um,
        "map_z_um": near.z_edges_um,
        "map_k_per_mw": near.values,
    }


def _require_dark_metal(solved: HeatedGuide) -> None:
    """Refuse a heater in the guide's light: what metal absorbs is not in the model."""
    if solved.energy_at_heater > _DARK:
        where = f"device {solved.device.name}, parameters.heater_distance_um"
        expected = f"a distance at which at most {_DARK:g} of the mode's energy is as high as the metal, which absorbs"
        got = f"{solved.energy_at_heater:.2g} at {solved.device.parameters.heater_distance_um:g} µm"
        raise BadInput(where, expected, got, "Move the heater further up.")


def _index_rise(solved: HeatedGuide, wavelength_um: float) -> float:
    if abs(solved.mode.frequency * wavelength_um - 1.0) < 1e-12:
        return solved.index_rise
    mode = solved.guide.mode(1.0 / wavelength_um)
    reading = solved.heated.reading(_reader(solved.device, solved.guide, mode))
    return float(reading @ solved.heated.temperature)


def _reader(device: Heater, guide: GuideSection, mode: Mode) -> Reader:
    p = device.parameters
    per_core, per_cladding = guide.sensitivity(mode)
    values = p.dn_dt_core_per_k * per_core + p.dn_dt_cladding_per_k * per_cladding
    return Reader(guide.y_um, guide.z_um, values)


def _response(device: Heater, arrays: dict[str, Any], made_by: Provenance) -> HeaterResponse:
    kept: dict[str, Any] = {name: arrays[name] for name in _ARRAYS}
    kept |= {name: float(arrays[name]) for name in _NUMBERS}
    near = HeatMap(arrays["map_y_um"], arrays["map_z_um"], arrays["map_k_per_mw"])
    return HeaterResponse(device=device, map=near, provenance=made_by, **kept)


_ARRAYS = ("wavelengths_um", "phase_rad_per_mw", "along_um", "aside_um", "crosstalk", "times_us", "weights")
_NUMBERS = ("core_k_per_mw", "heater_k_per_mw", "energy_at_heater", "phase_error", "crosstalk_error", "time_error")
