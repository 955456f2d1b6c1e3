#!/usr/bin/env python3
"""A whole mesh in one full-wave run against its devices joined: python scripts/benchmarks/mesh_proof.py.

    --ports 2|4|…          guides: 2 is one Mach–Zehnder node, 4 (default) a mesh of six
    --fidelity NAME        draft (default) or standard
    --difference K         phase whose derivative is checked by full-wave runs at two temperatures; may be repeated
    --workers N            processes side by side (default: one per core)
    --out DIR              where mesh_<ports>_<fidelity>.json and .png go (default: runs/mesh_proof)

Runs are kept in the store: a second call takes seconds. The first takes, on one core, about 5 minutes for 2 guides, and
for 4 three quarters of an hour at draft and two hours at standard, whose results are in scripts/benchmarks/measured.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

import fdtd_onn as fo
from fdtd_onn.api.mesh_proof import MeshProof, prove_mesh, summary
from fdtd_onn.api.mesh_waves import DrawnMesh, Workshop
from fdtd_onn.cli.progress import Interrupted, bars
from fdtd_onn.errors import FdtdOnnError
from fdtd_onn.network.topology import clements
from fdtd_onn.report.figures.mesh_proof import draw_proof
from fdtd_onn.report.figures.style import page_style, png
from fdtd_onn.specs.device import Coupler, PhaseShifter
from fdtd_onn.store import Store


def mesh_of(ports: int) -> DrawnMesh:
    """The mesh of compact devices, its shifters at temperatures that are all different and always the same."""
    coupler, shifter = fo.load_device("coupler_compact"), fo.load_device("phase_compact")
    assert isinstance(coupler, Coupler)
    assert isinstance(shifter, PhaseShifter)
    topology = clements(ports)
    random = np.random.default_rng(ports)
    return DrawnMesh(topology, coupler, shifter, random.uniform(-150.0, 350.0, topology.shifter_guide.size).round(-1))


def write(proof: MeshProof, folder: Path) -> dict:
    """The figures of a proof, and their files."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"mesh_{proof.mesh.topology.ports}_{proof.fidelity}"
    figures = summary(proof)
    (folder / f"{name}.json").write_text(json.dumps(figures, indent=1) + "\n")
    with page_style():
        (folder / f"{name}.png").write_bytes(png(draw_proof(proof)))
    return figures


def main() -> None:
    """Run, write, and print the errors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ports", type=int, default=4)
    parser.add_argument("--fidelity", choices=("draft", "standard"), default="draft")
    parser.add_argument("--difference", type=int, action="append", default=[])
    parser.add_argument("--workers", type=int)
    parser.add_argument("--out", type=Path, default=Path("runs/mesh_proof"))
    chosen = parser.parse_args()

    with bars(quiet=False) as shown:
        shop = Workshop(chosen.fidelity, Store(), chosen.workers, shown.on_fullwave)
        figures = write(prove_mesh(mesh_of(chosen.ports), shop, chosen.difference), chosen.out)
    names = ("error", "error_by_plane", "gradient_cosine", "finite_differences", "finite_differences_in_full_wave")
    print(json.dumps({name: figures[name] for name in names}, indent=1))


if __name__ == "__main__":
    try:
        main()
    except FdtdOnnError as problem:
        sys.exit(str(problem))
    except Interrupted:
        sys.exit(130)
