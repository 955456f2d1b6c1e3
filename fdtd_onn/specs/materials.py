"""Materials: effective indices for runs in the plane of the chip, and the stack of films for all others."""

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
    """What a run in space, or in an upright plane, needs besides the drawing: films and bulk materials.

    The film lies on z = 0. Where there is no guide it is etched away down to `slab_um` (0: a strip, above: a rib).
    Below z = 0 is the substrate, or the cladding as everywhere else.

    The etched walls may lean. The drawn width holds at half the height of the wall: then the guide's cross-section,
    and with it n_eff to first order, do not depend on the angle.
    """

    thickness_um: float = Field(gt=0.0, le=10.0)
    slab_um: float = Field(default=0.0, ge=0.0, le=10.0, description="film left where there is no guide")
    sidewall_deg: float = Field(default=0.0, ge=0.0, le=45.0, description="0: vertical; above: wider at the foot")
    core: Material
    cladding: Material
    substrate: Material | None = Field(default=None, description="below z = 0; the cladding if left out")

    @model_validator(mode="after")
    def _bulk(self) -> Stack:
        for name, material in self.materials().items():
            if material.basis != "bulk":
                raise ValueError(f"stack.{name} needs a bulk index: in three dimensions the film is there itself")
            if name != "core" and self.core.index <= material.index:
                raise ValueError(f"stack.core's index ({self.core.index}) must exceed the {name}'s ({material.index})")
        return self

    @model_validator(mode="after")
    def _etched(self) -> Stack:
        if self.slab_um >= self.thickness_um:
            raise ValueError(
                f"stack.slab_um ({self.slab_um}) must be below thickness_um ({self.thickness_um}), or no guide is left"
            )
        return self

    def materials(self) -> dict[str, Material]:
        """Its materials by key."""
        named = {"core": self.core, "cladding": self.cladding, "substrate": self.substrate}
        return {name: material for name, material in named.items() if material is not None}
