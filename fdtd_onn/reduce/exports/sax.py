"""A compiled model as a function that sax composes into circuits (Laporte, github.com/flaport/sax)."""

from __future__ import annotations

from inspect import Parameter, Signature
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fdtd_onn.reduce.scattering import ScatteringModel

SaxDict = dict[tuple[str, str], NDArray[np.complex128]]
USUAL_WAVELENGTH_UM = 1.55


class SaxModel(Protocol):
    """What sax calls."""

    def __call__(self, *, wl: ArrayLike = ..., **settings: float) -> SaxDict:
        """S by (port in, port out); arrays of the shape of wl."""
        ...


def sax_model(model: ScatteringModel) -> SaxModel:
    """The function f(*, wl=1.55, <parameter>=…) → {(port in, port out): S}, wl in µm and of any shape.

    sax has exp(−iωt) too, and its keys are (in, out): `f()["o1", "o3"]` is the model's S[o3, o1]. sax wants a default
    for every setting: a wavelength of 1.55 µm, or the middle of a range without it, and the middle of the parameter's
    range. The function computes with NumPy: it can be called and composed, but neither traced nor differentiated by
    jax. It raises OutOfRange outside the model's ranges and BadInput for other parameters.
    """
    defaults = _defaults(model)

    def scatter(*, wl: ArrayLike = defaults["wl"], **settings: float) -> SaxDict:
        wavelengths = np.asarray(wl, dtype=float)
        chosen = {name: value for name, value in defaults.items() if name != "wl"} | settings
        parameters = {name: float(value) for name, value in chosen.items()}
        n = len(model.ports)
        rows = [model.s_matrix(float(w), **parameters) for w in wavelengths.ravel()]
        s = np.array(rows, dtype=complex).reshape(*wavelengths.shape, n, n)
        return {(a, b): s[..., out, into] for into, a in enumerate(model.ports) for out, b in enumerate(model.ports)}

    # sax reads the settings off the signature.
    keywords = [Parameter(name, Parameter.KEYWORD_ONLY, default=value) for name, value in defaults.items()]
    scatter.__signature__ = Signature(keywords)  # type: ignore[attr-defined]
    scatter.__name__ = model.name if model.name.isidentifier() else "model"
    return scatter


def _defaults(model: ScatteringModel) -> dict[str, float]:
    shortest, longest = model.wavelength_range_um
    covered = shortest <= USUAL_WAVELENGTH_UM <= longest
    defaults = {"wl": USUAL_WAVELENGTH_UM if covered else 0.5 * (shortest + longest)}
    if model.parameter is not None and model.parameter_range is not None:
        defaults[model.parameter] = 0.5 * sum(model.parameter_range)
    return defaults
