"""What no passive, reciprocal device can show: a result that does is wrong, and is refused."""

from __future__ import annotations

import numpy as np

from fdtd_onn.errors import RunFailed
from fdtd_onn.responses.scattering import Response

# Of |S|²: what absorbing layers and the reading of a finite pulse may add. Resolution has its own estimate.
_ALLOWANCE = 2e-3
_CURE = (
    "The runs are kept, and the entries at fault are worth a look; a finer fidelity tells whether the grid is to blame"
)


def require_physical(response: Response) -> None:
    """Raise RunFailed for gain, or for a non-reciprocity, beyond the response's own error."""
    allowed = _ALLOWANCE + response.power_error
    gain = np.linalg.svd(response.s, compute_uv=False)[:, 0] ** 2 - 1.0
    if gain.max() > allowed:
        worst = response.wavelengths_um[int(np.argmax(gain))]
        raise RunFailed(
            f"{response.device.name}: expected a passive device, got a power gain of {gain.max():.2g} at {worst:.4f} "
            f"µm, beyond the error of {allowed:.2g}: a mode that does not fit its port, or light that the absorbing "
            f"layers return. {_CURE}"
        )
    power = np.abs(response.s) ** 2
    defect = np.abs(power - power.transpose(0, 2, 1))
    if defect.max() > allowed:
        k, i, j = np.unravel_index(int(np.argmax(defect)), defect.shape)
        there, back = response.ports[j], response.ports[i]
        raise RunFailed(
            f"{response.device.name}: expected a reciprocal device, got |S|² of {power[k, i, j]:.4g} from {there} to "
            f"{back} and {power[k, j, i]:.4g} back at {response.wavelengths_um[k]:.4f} µm, beyond the error of "
            f"{allowed:.2g}: light that has not left the cell yet, or a symmetry declared wrongly. {_CURE}"
        )
