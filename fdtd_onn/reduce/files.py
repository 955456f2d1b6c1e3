"""Models from their files."""

from __future__ import annotations

from pathlib import Path

from fdtd_onn.errors import BadInput, FdtdOnnError
from fdtd_onn.reduce.absorber import AbsorberModel
from fdtd_onn.reduce.heater import HeaterModel
from fdtd_onn.reduce.record import CURE, read_record
from fdtd_onn.reduce.scattering import ScatteringModel

MODELS: dict[str, type[ScatteringModel] | type[AbsorberModel] | type[HeaterModel]] = {
    model.KIND: model for model in (ScatteringModel, AbsorberModel, HeaterModel)
}


def load_model(path: str | Path) -> ScatteringModel | AbsorberModel | HeaterModel:
    """Load what `model.save` wrote; BadInput for anything that is not a whole, valid model file."""
    record = read_record(Path(path), {kind: model.SCHEMA for kind, model in MODELS.items()})
    try:
        return MODELS[record.kind].from_record(record)
    except (ValueError, FdtdOnnError) as error:
        raise BadInput(f"{path}: {record.kind}", "values that belong together", error, CURE) from error
