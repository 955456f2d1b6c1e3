"""Responses compiled into the model of their kind."""

from __future__ import annotations

from collections.abc import Sequence

from fdtd_onn.errors import BadInput
from fdtd_onn.reduce.absorber import AbsorberModel
from fdtd_onn.reduce.absorber_fit import compile_absorber
from fdtd_onn.reduce.heater import HeaterModel, compile_heater
from fdtd_onn.reduce.scattering import ScatteringModel
from fdtd_onn.reduce.scattering_fit import compile_scattering
from fdtd_onn.responses.heating import HeaterResponse
from fdtd_onn.responses.saturation import SaturationResponse
from fdtd_onn.responses.scattering import Response

AnyResponse = Response | SaturationResponse | HeaterResponse
AnyModel = ScatteringModel | AbsorberModel | HeaterModel


def compile_model(response: AnyResponse | Sequence[AnyResponse]) -> AnyModel:
    """Compile a response, or a family of scattering responses that differ in one device parameter.

    Raises BadInput for an empty sequence, several saturation or heater responses, or a mixture.
    """
    responses = [response] if isinstance(response, AnyResponse) else list(response)
    linear = [r for r in responses if isinstance(r, Response)]
    if linear and len(linear) == len(responses):
        return compile_scattering(linear)
    if len(responses) == 1 and isinstance(responses[0], SaturationResponse):
        return compile_absorber(responses[0])
    if len(responses) == 1 and isinstance(responses[0], HeaterResponse):
        return compile_heater(responses[0])
    got = ", ".join(type(r).__name__ for r in responses) if responses else "nothing"
    expected = "scattering responses, or one saturation response, or one heater response"
    raise BadInput("compile", expected, got, "Compile each device by itself.")
