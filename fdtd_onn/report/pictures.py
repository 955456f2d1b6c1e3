"""All figures of a report, in the order of the page, with their captions."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from matplotlib.figure import Figure

from fdtd_onn.api.experiment import Experiment
from fdtd_onn.reduce import ScatteringModel
from fdtd_onn.report.figures.absorber import draw_gradient_ratio, draw_saturation
from fdtd_onn.report.figures.absorber_checks import draw_line, draw_recovery
from fdtd_onn.report.figures.confusion import draw_confusion
from fdtd_onn.report.figures.decision import draw_boundaries
from fdtd_onn.report.figures.light import draw_light
from fdtd_onn.report.figures.mesh import draw_network
from fdtd_onn.report.figures.probe_gradient import draw_probe_gradient
from fdtd_onn.report.figures.scattering import FLOOR_DB, STRONG_DB, draw_delay, draw_family, draw_spectrum
from fdtd_onn.report.figures.style import page_style, png
from fdtd_onn.report.figures.training import draw_cosines, draw_curves
from fdtd_onn.report.formats import quantity, significant
from fdtd_onn.report.network import power_budget
from fdtd_onn.report.parts import AbsorberPart, LinearPart, absorber_parts, linear_parts
from fdtd_onn.report.training import EXACT_RULE, by_rule
from fdtd_onn.training.run import TrainingRun


@dataclass(frozen=True)
class Picture:
    """A figure as a PNG file, with what it shows (for those who cannot see it) and its caption."""

    file: str
    shows: str
    caption: str
    png: bytes

    @property
    def data_uri(self) -> str:
        """The picture inside the page."""
        return f"data:image/png;base64,{base64.b64encode(self.png).decode('ascii')}"


@dataclass(frozen=True)
class Pictures:
    """The figures of each section; those of devices by short name."""

    devices: dict[str, tuple[Picture, ...]]
    network: tuple[Picture, ...]
    training: tuple[Picture, ...]

    @property
    def all(self) -> tuple[Picture, ...]:
        """In the order of the page."""
        of_devices = [picture for pictures in self.devices.values() for picture in pictures]
        return (*of_devices, *self.network, *self.training)


#: What a figure is called in its file name, what it shows, its caption, and the figure.
Drawn = tuple[str, str, str, Figure]


def draw_pictures(experiment: Experiment) -> Pictures:
    """Draw everything."""
    number = count(1)
    with page_style():
        devices = draw_devices(linear_parts(experiment), absorber_parts(experiment), number)
        network, training = _of_network(experiment), _of_training(experiment)
        return Pictures(devices, finished(network, number), finished(training, number))


def draw_devices(
    linear: Iterable[LinearPart], absorbers: Iterable[AbsorberPart], number: Iterator[int]
) -> dict[str, tuple[Picture, ...]]:
    """The figures of devices by short name, numbered on; to be called within `page_style`."""
    pictures = {part.short: finished(_of_linear(part), number) for part in linear}
    return pictures | {part.short: finished(_of_absorber(part), number) for part in absorbers}


def finished(drawings: Iterable[Drawn], number: Iterator[int]) -> tuple[Picture, ...]:
    """Drawings as numbered files."""
    return tuple(
        Picture(f"figures/{next(number):02d}_{file_name(name)}.png", shows, caption, png(figure))
        for name, shows, caption, figure in drawings
    )


def _of_linear(part: LinearPart) -> Iterator[Drawn]:
    field, parameter = part.field, part.model.parameter
    at_first = at_shown = ""
    if part.values is not None and parameter is not None:
        at_first = f", {quantity(parameter)} = {significant(float(part.values[0]))}"
        at_shown = f" at {quantity(parameter)} = {significant(float(part.values[part.shown]))}"
    yield (
        f"{part.short}_light", f"Geometry of {part.short} and the light in it",
        f"Geometry with ports and reference planes (above), and |{field.component}| (below) for light into "
        f"{field.port} at {significant(field.wavelength_um, 4)} µm{at_first}.",
        draw_light(part.family[0].device, field),
    )  # fmt: skip
    yield (
        f"{part.short}_spectrum", f"S-parameters of {part.short} over wavelength",
        f"|S|² over wavelength{at_shown}: full-wave points and the compiled model's curves; bands are the error "
        "estimate of the full-wave runs. "
        f"Entries that stay below {significant(FLOOR_DB, 2)} dB are left out.",
        draw_spectrum(part),
    )  # fmt: skip
    yield of_delay(part.short, part.model, part.shown_value)
    if part.values is not None:
        yield (
            f"{part.short}_family", f"S-parameters of {part.short} over its tunable parameter",
            f"The family over its tunable parameter, at the middle wavelength, for light into "
            f"{part.family[0].ports[0]}. Strong entries are those that reach {significant(STRONG_DB, 2)} dB; "
            "phases count from the first value.",
            draw_family(part),
        )  # fmt: skip


def of_delay(short: str, model: ScatteringModel, value: float | None) -> Drawn:
    """Phase and group delay of a model, at a value of its tunable parameter."""
    at_value = "" if value is None else f", {quantity(str(model.parameter))} = {significant(value)}"
    return (
        f"{short}_delay", f"Phase and group delay of {short} over wavelength",
        f"Phase since the middle wavelength and group delay of strong entries, by the model, for light into "
        f"{model.ports[0]}{at_value}.",
        draw_delay(model, value),
    )  # fmt: skip


def _of_absorber(part: AbsorberPart) -> Iterator[Drawn]:
    yield (
        f"{part.short}_saturation", f"Transmission of pump and probes through {part.short} over pump power",
        "One section: power transmission of the pump and of weak backward probes over pump power, with the full-wave "
        "runs' error bars, and the exact derivatives of the activation y(E). |∂y/∂E| is the derivative averaged over "
        "the phase of a change of E. A time-gated probe meets the absorption that the pump left behind, which gives "
        "the derivative for a change in quadrature only; a coherent probe, present together with the pump, comes "
        "nearer to |∂y/∂E|. No weak probe sees the steeper slope for a change in phase. Below: model minus full wave.",
        draw_saturation(part),
    )  # fmt: skip
    yield (
        f"{part.short}_gradient", f"Gradient that each probe of {part.short} sees, over the exact one",
        "The gradient that backward light picks up at the absorber, over the exact |∂y/∂E|; 1 is exact. What optical "
        "training loses besides is the other Wirtinger part, ∂y/∂E*, which no weak probe carries.",
        draw_gradient_ratio(part),
    )  # fmt: skip
    yield (
        f"{part.short}_gradient_error", f"Error of the gradient that each probe of {part.short} brings back",
        "Above: amplitude transmission of both probes and the exact |∂y/∂E| over pump power. Middle: root mean square "
        "error of the gradient that a probe brings back, ∂y/∂E* included, over all phases of the signal and relative "
        "to the exact one. Below: its largest value over power for sections of other optical depths.",
        draw_probe_gradient(part.model),
    )  # fmt: skip
    yield from _of_checks(part)


def _of_checks(part: AbsorberPart) -> Iterator[Drawn]:
    """What was run of an absorber on request."""
    if part.response.spectrum is not None:
        yield (
            f"{part.short}_line", f"Absorption line of {part.short} in weak light",
            "Weak light through one section over that through the same without its atoms: transmission and phase over "
            "wavelength, in full wave and by the one fit of everything; below, the residual of the complex amplitude.",
            draw_line(part.response.spectrum, part.fit.predicted["spectrum"]),
        )  # fmt: skip
    if part.response.recovery is not None:
        yield (
            f"{part.short}_recovery", f"Recovery of {part.short} after the pump",
            "Weak probe after the pump's end, over the delay in optical periods: transmission, and what its logarithm "
            "has left to go to the darkest, which falls on a straight line for one time constant. The run's lifetime "
            "is shortened; only the shape and the ratio to what was set are physics.",
            draw_recovery(part.response.recovery, part.fit),
        )  # fmt: skip


def _of_network(experiment: Experiment) -> Iterator[Drawn]:
    run = experiment.runs[0]
    yield (
        "network", "Layout of the network",
        "The network from left to right, guides numbered at the input. Above: mean optical power over the test "
        f"samples at the input and behind every layer, for {run.rule}, seed {run.seed}, after training.",
        draw_network(experiment.network, power_budget(run)),
    )  # fmt: skip


def _of_training(experiment: Experiment) -> Iterator[Drawn]:
    runs = by_rule(experiment.runs)
    yield (
        "training", "Loss and accuracy over epochs, by rule",
        "Loss and accuracy over epochs: means over the seeds; bands reach from the lowest to the highest seed.",
        draw_curves(runs),
    )  # fmt: skip
    for rule, of_rule in runs.items():
        if rule != EXACT_RULE:
            yield (
                f"cosine_{rule}", f"Gradient cosine of {rule} over epochs",
                f"Cosine between the gradient of {rule} and the exact one over the whole training set, mesh by mesh "
                "from the input side: means over the seeds; bands reach from the lowest to the highest seed.",
                draw_cosines(of_rule),
            )  # fmt: skip
    yield _of_decisions(tuple(of_rule[0] for of_rule in runs.values()))


def _of_decisions(runs: tuple[TrainingRun, ...]) -> Drawn:
    """What the networks decide: boundaries in the plane of two features, or which class is taken for which."""
    dataset = runs[0].dataset
    if dataset.train.features.shape[1] == 2 and dataset.classes == 2:
        return (
            "boundaries", "Decision boundaries by rule",
            "What the trained networks decide, first seed of each rule, with the test samples. Where a grey area "
            "appears, the light would exceed what the absorbers were compiled for, and the model is not asked.",
            draw_boundaries(runs),
        )  # fmt: skip
    return (
        "confusion", "Test samples by class and by the class decided for, by rule",
        "Test samples of each class (row) by the class decided for (column), first seed of each rule; shades are "
        "shares of the row.",
        draw_confusion(runs),
    )  # fmt: skip


def file_name(name: str) -> str:
    """A name as part of a file's."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)
