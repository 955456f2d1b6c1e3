"""Materials of a two-dimensional run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from fdtd_onn.specs.base import Spec


class Material(Spec):
    """A lossless dielectric with a constant refractive index.

    `basis` says what the index is: "effective" for the index of a slab mode (what a 2D run needs), "bulk" for
    that of the material itself. A bulk index in a 2D run would give the wrong guide and is refused.
    """

    index: float = Field(ge=1.0, le=6.0)
    basis: Literal["effective", "bulk"]
    note: str = ""


class Materials(Spec):
    """Core and cladding of the guides in the plane of the chip."""

    core: Material
    cladding: Material

    @model_validator(mode="after")
    def _core_guides(self) -> Materials:
        if self.core.index <= self.cladding.index:
            raise ValueError(
                f"the core's index ({self.core.index}) must exceed the cladding's ({self.cladding.index}), "
                "or nothing is guided"
            )
        if self.core.basis != "effective":
            raise ValueError(
                "a two-dimensional run needs the core's effective (slab-mode) index, not a bulk index: a bulk index "
                "ignores that the guide is thin, and moves n_eff by tenths; set basis = 'effective' and give the "
                "slab's index (fdtd_onn.analytic.slab computes it)"
            )
        return self


class Stack(Spec):
    """What a run in three dimensions needs besides the plane: the film's thickness and bulk materials."""

    thickness_um: float = Field(gt=0.0, le=10.0)
    core: Material
    cladding: Material

    @model_validator(mode="after")
    def _bulk(self) -> Stack:
        for name, material in (("core", self.core), ("cladding", self.cladding)):
            if material.basis != "bulk":
                raise ValueError(f"stack.{name} needs a bulk index: in three dimensions the film is there itself")
        if self.core.index <= self.cladding.index:
            raise ValueError(
                f"stack.core's index ({self.core.index}) must exceed the cladding's ({self.cladding.index})"
            )
        return self
