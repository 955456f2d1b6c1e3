"""Devices characterised and compiled, with a picture of the light in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fdtd_onn.api.characterize import AnyResponse, Listener, field_map
from fdtd_onn.api.networks import compile_devices
from fdtd_onn.fullwave.inference import columns_of
from fdtd_onn.fullwave.plan import NO_CHECKS, Checks
from fdtd_onn.reduce import AnyModel
from fdtd_onn.responses.field_map import FieldMap
from fdtd_onn.specs.device import AnyDevice
from fdtd_onn.specs.fidelity import FidelityName
from fdtd_onn.store import Store


@dataclass(frozen=True, eq=False)
class DeviceStudy:
    """What is known of each device, by short name.

    responses: the characterised family (one member unless it is tunable). fields: the light in each linear device, at
    the first member of its family.
    """

    fidelity: FidelityName
    responses: dict[str, list[AnyResponse]]
    fields: dict[str, FieldMap]
    models: dict[str, AnyModel]


def rows_of_s(device: AnyDevice) -> tuple[str, ...]:
    """What S will have a row and a column for, known before any run. Raises BadInput as the runs' plan does."""
    return columns_of(device).names


def study_devices(
    devices: Mapping[str, AnyDevice],
    fidelity: FidelityName = "standard",
    store: Store | None = None,
    workers: int | None = None,
    listener: Listener | None = None,
    checks: Checks = NO_CHECKS,
) -> DeviceStudy:
    """Characterise and compile devices, all their runs together; raises as `characterize_all` and `compile_model`."""
    responses, models = compile_devices(devices, fidelity, store, workers, listener, checks)
    fields = {
        short: picture
        for short, family in responses.items()
        if (picture := field_map(family[0].device, fidelity, store)) is not None
    }
    return DeviceStudy(fidelity, responses, fields, models)
