"""Print the package's headline figures beside what they should reach: `accuracy.py [layout]`. Uses the store."""

from __future__ import annotations

import sys
from itertools import pairwise

import numpy as np
from rich.console import Console
from rich.table import Table

import fdtd_onn as fo
from fdtd_onn.analytic.slab import Slab, slab_index
from fdtd_onn.api import Experiment
from fdtd_onn.fullwave.modes import Section, guided_modes
from fdtd_onn.responses.scattering import Response
from fdtd_onn.training.objective import Objective
from fdtd_onn.training.rules import digital_bp

Row = tuple[str, str, str]


def straight_rows() -> list[Row]:
    """Reflection and loss of the straight guide at standard."""
    response = fo.characterize(fo.load_device("straight"), "standard")
    assert isinstance(response, Response)
    reflection = 20 * np.log10(np.abs(response.s[:, 0, 0]).max())
    loss = np.abs(np.abs(response.s[:, 1, 0]) ** 2 - 1).max()
    return [
        ("straight, standard: largest |S11|", f"{reflection:.1f} dB", "<= -60 dB"),
        ("straight, standard: largest ||S21|^2 - 1|", f"{loss:.1e}", "<= 1e-4"),
    ]


def order_rows() -> list[Row]:
    """Observed order of the grid's mode solver against the closed-form slab."""
    slab, wavelength, rows = Slab(0.5, 2.8475, 1.444), 1.55, []
    for polarization, field in (("te", "Hz"), ("tm", "Ez")):
        exact = slab_index(slab, wavelength, field)  # type: ignore[arg-type]
        errors = []
        for resolution in (20, 40, 80):
            mode = guided_modes(_slab_section(slab, polarization, resolution), 1 / wavelength, 1)[0]
            errors.append(abs(mode.index - exact))
        orders = [np.log2(a / b) for a, b in pairwise(errors)]
        text = f"{orders[0]:.2f}, {orders[1]:.2f} (error {errors[0]:.1e} at 20)"
        rows.append((f"mode solver, {polarization}: observed order 20-40-80", text, "2"))
    return rows


def _slab_section(slab: Slab, polarization: str, resolution: int) -> Section:
    """The slab, 4 um of cladding around it, whose edges lie on pixel edges at every resolution used."""
    pitch, half = 1 / resolution, 2 * resolution
    edges = np.arange(-half, half + 1) * pitch
    middles = edges[:-1] + 0.5 * pitch

    def epsilon(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        fill = np.clip((0.5 * slab.width_um - np.abs(y)) * resolution + 0.5, 0, 1)
        core, cladding = slab.core**2, slab.cladding**2
        return fill * core + (1 - fill) * cladding, fill / core + (1 - fill) / cladding

    along = 1 / epsilon(edges)[0]
    across = epsilon(middles)[1] if polarization == "te" else 1 / epsilon(middles)[0]
    return Section(polarization, pitch, 0.5 * pitch, along, across, +1 if polarization == "te" else -1)


def device_rows(experiment: Experiment) -> list[Row]:
    """Coupler, absorber and set-up time."""
    rows = []
    for short, family in experiment.responses.items():
        linear = [r for r in family if isinstance(r, Response)]
        if linear:
            rows += [
                (f"{short}: reciprocity defect", f"{max(r.reciprocity_defect for r in linear):.1e}", "<= 2e-3"),
                (
                    f"{short}: power balance off 1 by",
                    f"{max(np.abs(r.power_balance - 1).max() for r in linear):.1e}",
                    "<= 2e-3",
                ),
                (f"{short}: two grids, |S|^2", f"{max(r.power_error for r in linear):.1e}", "-"),
                (f"{short}: two grids, S with its phase", f"{max(r.s_error.max() for r in linear):.1e}", "-"),
                (
                    f"{short}: largest singular value - 1",
                    f"{max(r.largest_singular_value for r in linear) - 1:.1e}",
                    "<= 1e-3",
                ),
            ]
        made = [r.provenance for r in family]
        ratio = sum(p.setup_seconds for p in made) / sum(p.stepping_seconds for p in made)
        rows.append((f"{short}: set-up over time stepping", f"{ratio:.1%}", "<= 20 %"))
    for short, model in experiment.models.items():
        if hasattr(model, "held_out_error"):
            worst = max(model.fit_error.pump, model.fit_error.probe)
            held = max(model.held_out_error.pump, model.held_out_error.probe)
            rows.append((f"{short}: compiled against full wave, |t|^2", f"{worst:.1e}", "<= 5e-3"))
            rows.append((f"{short}: the same at held-out powers", f"{held:.1e}", "<= 5e-3"))
            grids = max(model.response_error.pump, model.response_error.probe)
            rows.append((f"{short}: two grids, |t|^2", f"{grids:.1e}", "-"))
        else:
            rows.append((f"{short}: fit error of S", f"{model.fit_error:.1e}", "-"))
            rows.append((f"{short}: error at left-out points", f"{model.validation_error:.1e}", "-"))
            gain = model.largest_singular_value - 1
            rows.append((f"{short}: compiled, largest singular value - 1", f"{gain:.1e}", "-"))
    return rows


def gradient_rows(experiment: Experiment) -> list[Row]:
    """Exact gradient against finite differences, over all phases and the digital head."""
    run = experiment.runs[0]
    dataset = run.dataset
    objective = Objective(experiment.network, dataset, run.encoding)
    values = objective.start(np.random.default_rng(1))
    x, labels = run.encoding.fields(dataset.train.features), dataset.train.labels
    gradient = objective.gradient(digital_bp(experiment.network), values, x, labels)
    step = 1e-5
    numeric = np.array(
        [
            (objective.evaluate(values + step * e)[0][0] - objective.evaluate(values - step * e)[0][0]) / (2 * step)
            for e in np.eye(values.size)
        ]
    )
    error = np.linalg.norm(gradient - numeric) / np.linalg.norm(numeric)
    return [("digital-bp gradient against finite differences", f"{error:.1e}", "<= 1e-6")]


def training_rows(experiment: Experiment) -> list[Row]:
    """Test accuracy of every rule, and how well its gradient followed the exact one in each mesh."""
    rows = []
    for rule in experiment.layout.experiment.rules:
        runs = [run for run in experiment.runs if run.rule == rule]
        accuracy = np.array([run.test_accuracy for run in runs])
        text = f"{accuracy.mean():.1%} ({accuracy.min():.1%} to {accuracy.max():.1%}, {len(runs)} seeds)"
        rows.append(
            (f"{experiment.layout.experiment.dataset}, {rule}: test accuracy", text, ">= 92 %, within 3 points")
        )
        cosines = np.mean([run.gradient_cosine.mean(axis=0) for run in runs], axis=0)
        rows.append((f"{rule}: gradient cosine, mesh by mesh", ", ".join(f"{c:.3f}" for c in cosines), "-"))
    return rows


def main() -> None:
    """All rows in one table."""
    experiment = fo.run_layout(sys.argv[1] if len(sys.argv) > 1 else "rings_clements_4")
    table = Table("figure", "measured", "target", box=None)
    for row in (
        *straight_rows(),
        *order_rows(),
        *device_rows(experiment),
        *gradient_rows(experiment),
        *training_rows(experiment),
    ):
        table.add_row(*row)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
