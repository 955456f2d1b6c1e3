"""Responses of one device at several values of one parameter, stacked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fdtd_onn.errors import BadInput
from fdtd_onn.responses.scattering import Response


@dataclass(frozen=True, eq=False)
class Family:
    """One device over frequency and, if tunable, one parameter.

    frequencies: (n_f,) increasing, in 1/µm. parameter, values: None and (1,) zero for a single response, else the
    name and its (n_q,) increasing values. s: (n_q, n_f, n, n), S[out, in].
    """

    name: str
    ports: tuple[str, ...]
    fidelity: str
    run_keys: tuple[str, ...]
    frequencies: NDArray[np.float64]
    parameter: str | None
    values: NDArray[np.float64]
    s: NDArray[np.complex128]
    s_error: float
    power_error: float


def family_of(responses: Sequence[Response]) -> Family:
    """Stack responses, in order of the one parameter in which their devices differ.

    Raises BadInput when there is none, when several differ, when a value comes twice, or when anything else about
    the devices, the wavelengths or the runs differs.
    """
    first = responses[0]
    where = f"compile({first.device.name})"
    for other in responses[1:]:
        _require_comparable(where, first, other)
    parameter = None if len(responses) == 1 else _varying_parameter(where, responses)
    values = [0.0 if parameter is None else float(getattr(r.device.parameters, parameter)) for r in responses]
    order = np.argsort(values)
    ordered = [responses[i] for i in order]
    sorted_values = np.array(values)[order]
    if np.any(np.diff(sorted_values) == 0.0):
        got = f"{sorted_values.tolist()}"
        raise BadInput(where, f"a different {parameter} for each response", got, "Leave out the repeated response.")
    return Family(
        name=first.device.name,
        ports=first.ports,
        fidelity=first.provenance.fidelity,
        run_keys=tuple(key for r in ordered for key in r.provenance.run_keys),
        frequencies=1.0 / first.wavelengths_um[::-1],
        parameter=parameter,
        values=sorted_values,
        s=np.stack([r.s[::-1] for r in ordered]),
        s_error=max(float(r.s_error.max()) for r in ordered),
        power_error=max(r.power_error for r in ordered),
    )


def _require_comparable(where: str, first: Response, other: Response) -> None:
    cure = "Characterise the whole family from one device file at one fidelity."
    facts: tuple[tuple[str, Any, Any], ...] = (
        ("ports", first.ports, other.ports),
        ("wavelengths_um", first.wavelengths_um.tolist(), other.wavelengths_um.tolist()),
        ("fidelity", first.provenance.fidelity, other.provenance.fidelity),
        ("device", _without_parameters(first), _without_parameters(other)),
    )
    for name, expected, got in facts:
        if expected != got:
            raise BadInput(where, f"the same {name} in every response, {expected}", got, cure)


def _without_parameters(response: Response) -> dict[str, Any]:
    return {key: value for key, value in response.device.physics().items() if key != "parameters"}


def _varying_parameter(where: str, responses: Sequence[Response]) -> str:
    settings = [r.device.parameters.model_dump() for r in responses]
    varying = [name for name in settings[0] if len({s[name] for s in settings}) > 1]
    if len(varying) != 1:
        got = f"differences in {', '.join(varying)}" if varying else "no difference"
        cure = "Give one response, or a family over one tunable parameter."
        raise BadInput(where, "devices that differ in exactly one parameter", got, cure)
    return varying[0]
