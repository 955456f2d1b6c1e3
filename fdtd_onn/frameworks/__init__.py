"""Compiled networks as parts of programs written for PyTorch or JAX. Both are optional and imported when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fdtd_onn.errors import BadInput
from fdtd_onn.frameworks.passage import Gradient, Output
from fdtd_onn.network.network import Network

if TYPE_CHECKING:
    from fdtd_onn.frameworks.jax_function import JaxNetwork
    from fdtd_onn.frameworks.torch_module import TorchNetwork

__all__ = ["as_jax", "as_torch"]


def as_torch(network: Network, gradient: Gradient = "exact", output: Output = "readings") -> TorchNetwork:
    """The network as a `torch.nn.Module`, whose parameters are its phases: see `TorchNetwork`.

    gradient: "exact", the adjoint of the compiled model, or "optical", what light sent backward measures.
    output: "readings" of the detectors (B, K), or "fields" (B, N) in √W.
    Raises BadInput if PyTorch is not installed, or for another word.
    """
    try:
        from fdtd_onn.frameworks.torch_module import TorchNetwork
    except ModuleNotFoundError as error:
        raise _missing("as_torch", "PyTorch", "torch", error) from error
    return TorchNetwork(network, gradient, output)


def as_jax(network: Network, gradient: Gradient = "exact", output: Output = "readings") -> JaxNetwork:
    """The network as a function of phases and input fields that JAX can jit and differentiate: see `jax_function`.

    gradient, output: as for `as_torch`.
    Raises BadInput if JAX is not installed or not in double precision, or for another word.
    """
    try:
        from fdtd_onn.frameworks.jax_function import jax_function
    except ModuleNotFoundError as error:
        raise _missing("as_jax", "JAX", "jax", error) from error
    return jax_function(network, gradient, output)


def _missing(where: str, package: str, extra: str, error: ModuleNotFoundError) -> BadInput:
    return BadInput(where, f"{package} to be installed", error, f"Run: pip install 'fdtd-onn[{extra}]'")
