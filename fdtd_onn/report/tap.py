"""What the report says of a grating tap beyond what it says of any linear device."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fdtd_onn.responses.tap import TapResponse
from fdtd_onn.units import db_from_power_ratio


@dataclass(frozen=True)
class TapRow:
    """Light from one port at one wavelength; ratio and power are parts of the incident power.

    lobe_deg: angle to the normal at which most leaves upwards. reflection_range_db: within the reflection's error.
    reflection_error_db: that error's amplitude over the incident one.
    """

    wavelength_um: float
    port: str
    ratio: float
    ratio_error: float
    lobe_deg: float
    insertion_loss_db: float
    reflection_db: float
    reflection_range_db: tuple[float, float]
    reflection_error_db: float
    up: float
    down: float
    aside: float
    balance_defect: float


@dataclass(frozen=True)
class TapNumbers:
    """A tap in numbers. camera_deg: lowest and highest angle that it takes.

    spectrum_defect: largest radiated power missing from the angular spectra, or too much in them, over all radiated.
    insertion_loss_error_db: largest, of the guided light's power error.
    """

    rows: tuple[TapRow, ...]
    camera_deg: tuple[float, float]
    largest_balance_defect: float
    largest_reflection_error_db: float
    insertion_loss_error_db: float
    radiated: tuple[float, float]
    spectrum_defect: float


def tap_numbers(response: TapResponse) -> TapNumbers:
    """Read them off a response."""
    camera, guided = response.device.camera, response.guided
    rows = tuple(_row(response, k, port) for k in range(guided.wavelengths_um.size) for port in (0, 1))
    radiated = response.power.sum(axis=0)
    through = float(np.min(np.abs(guided.s[:, [1, 0], [0, 1]]) ** 2))
    return TapNumbers(
        rows=rows,
        camera_deg=(camera.centre_deg - camera.half_width_deg, camera.centre_deg + camera.half_width_deg),
        largest_balance_defect=max((row.balance_defect for row in rows), key=abs),
        largest_reflection_error_db=max(row.reflection_error_db for row in rows),
        insertion_loss_error_db=float(10.0 / np.log(10.0) * guided.power_error / through),
        radiated=(float(radiated.min()), float(radiated.max())),
        spectrum_defect=float(np.max(np.abs(response.spectrum_defect) / radiated)),
    )


def _row(response: TapResponse, k: int, port: int) -> TapRow:
    guided, camera = response.guided, response.device.camera
    reflection, error = abs(guided.s[k, port, port]), float(guided.s_error[k, port, port])
    return TapRow(
        wavelength_um=float(guided.wavelengths_um[k]),
        port=guided.ports[port],
        ratio=float(response.ratio(camera)[k, port]),
        ratio_error=float(response.ratio_error(camera)[k, port]),
        lobe_deg=float(response.lobe_deg[k, port]),
        insertion_loss_db=-_db(abs(guided.s[k, 1 - port, port])),
        reflection_db=_db(reflection),
        reflection_range_db=(_db(max(reflection - error, 0.0)), _db(reflection + error)),
        reflection_error_db=_db(error),
        up=float(response.power[0, k, port]),
        down=float(response.power[1, k, port]),
        aside=float(response.power[2, k, port]),
        balance_defect=float(response.balance[k, port]) - 1.0,
    )


def _db(amplitude: float) -> float:
    return float(db_from_power_ratio(np.asarray(amplitude**2)))
