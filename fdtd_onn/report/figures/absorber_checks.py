"""What is run of an absorber on request: its line in weak light, and its recovery after the pump."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from fdtd_onn.reduce import SaturationFit
from fdtd_onn.report.figures.style import INK, MUTED, PALETTE, legend_below, page_figure
from fdtd_onn.responses.saturation import AbsorptionSpectrum, Recovery


def draw_line(spectrum: AbsorptionSpectrum, fitted: NDArray[np.complex128]) -> Figure:
    """|t|² and phase over wavelength with the fit, and the residual of the amplitude below."""
    wavelengths, seen = spectrum.wavelengths_um, spectrum.transmission
    figure = page_figure(4.2)
    power, phase, rest = figure.subplots(3, 1, sharex=True, height_ratios=(1.6, 1.2, 0.8))
    handles = power.plot(wavelengths, np.abs(fitted) ** 2, color=INK, label="fit")
    handles += power.plot(wavelengths, np.abs(seen) ** 2, "o", color=PALETTE[0], label="full wave")
    phase.plot(wavelengths, np.angle(fitted), color=INK)
    phase.plot(wavelengths, np.angle(seen), "o", color=PALETTE[0])
    rest.axhline(0.0, color=MUTED, linewidth=0.8)
    rest.plot(wavelengths, 1e3 * np.abs(seen - fitted), "o", color=PALETTE[0])
    power.set(ylabel="|t|², weak light", ylim=(0.0, None))
    phase.set(ylabel="phase of t (rad)")
    rest.set(xlabel="wavelength (µm)", ylabel="|residual|\n(10⁻³)", ylim=(0.0, None))
    legend_below(figure, [*handles], 2)
    return figure


def draw_recovery(recovery: Recovery, fit: SaturationFit) -> Figure:
    """|t|² of the probe over the delay with the fit, and the bleaching that is left, in logarithmic scale."""
    delay, fitted = recovery.delay_periods, fit.predicted["recovery"]
    dark = _dark(fit)
    figure = page_figure(2.8)
    power, left = figure.subplots(1, 2)
    handles = power.plot(delay, np.abs(fitted) ** 2, color=INK, label="fit")
    handles += power.plot(delay, np.abs(recovery.transmission) ** 2, "o", color=PALETTE[0], label="full wave")
    left.plot(delay, np.log(np.abs(fitted) ** 2) + dark, color=INK)
    left.plot(delay, np.log(np.abs(recovery.transmission) ** 2) + dark, "o", color=PALETTE[0])
    power.set(xlabel="delay (optical periods)", ylabel="|t|² of the probe")
    left.set(xlabel="delay (optical periods)", ylabel="ln |t|² above the dark", yscale="log")
    legend_below(figure, [*handles], 2)
    return figure


def _dark(fit: SaturationFit) -> float:
    """−ln |t|² of the fitted section in the dark, at the light's wavelength."""
    at_light = fit.absorption(fit.detuning.value)
    return at_light.optical_depth + at_light.nonsaturable_optical_depth
