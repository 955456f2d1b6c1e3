"""What commands print of large things."""

import json

import numpy as np

from fdtd_onn.api.mesh_drawing import MeshPlan, draw_mesh
from fdtd_onn.cli import summaries
from fdtd_onn.network.topology import clements
from fdtd_onn.specs.load import load_device


def test_the_parts_of_an_assembly_are_counted_in_a_table_and_whole_in_json(capsys):
    plan = MeshPlan(clements(4), load_device("coupler_50"), load_device("phase_shifter"))
    summary = {"device": "mesh", **draw_mesh("mesh", plan, np.zeros(16)).parameters.model_dump()}
    summaries.show(summary, as_json=False)
    assert (
        capsys.readouterr().out.split("\n")[1].split(maxsplit=1)[1].strip()
        == "56 (36 phase_shifter, 12 coupler, 8 straight)"
    )
    summaries.show(summary, as_json=True)
    assert len(json.loads(capsys.readouterr().out)["parts"]) == 56
