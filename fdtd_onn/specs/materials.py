"""Materials of a run: effective indices for the plane of the chip, else a stack of films, by index or medium."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from fdtd_onn.specs.base import Spec
from fdtd_onn.specs.material_table import MEDIA, MediumName

Slope = Annotated[float, Field(ge=-5.0, le=0.0, description="of the index with wavelength, at the band's centre")]


class Material(Spec):
    """A lossless dielectric with a refractive index of its own.

    The index is that at the band's centre, and stays so over the band unless `dn_dlambda_per_um` says how it falls.
    `basis` says what the index is: "effective" for the index of a slab mode (what a 2D run needs), "bulk" for
    that of the material itself. A bulk index in a 2D run would give the wrong guide and is refused.
    """

    index: float = Field(ge=1.0, le=6.0)
    basis: Literal["effective", "bulk"]
    dn_dlambda_per_um: Slope | None = None
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _no_medium(cls, data: Any) -> Any:
        if isinstance(data, dict) and "medium" in data:
            raise ValueError(
                "a medium's index is that of the bulk, and a two-dimensional run needs that of the slab's mode, which "
                "depends on the film's thickness: give index, basis and, for its dispersion, dn_dlambda_per_um "
                "(fdtd_onn.analytic.slab computes them); media go into [stack]"
            )
        return data

    def index_at(self, wavelength_um: float, centre_um: float) -> float:
        """Refractive index at a vacuum wavelength, in a band with this centre."""
        return _on_a_line(self.index, self.dn_dlambda_per_um, wavelength_um - centre_um)


class StackMaterial(Spec):
    """A bulk material of a stack: `medium` and `dispersion`, or, as in a plane, `index` and `basis`.

    medium: from the table. dispersion: "constant" keeps the index that the medium has at the band's centre,
    "dispersive" lets it follow the medium's formula.
    """

    medium: MediumName | None = None
    dispersion: Literal["constant", "dispersive"] | None = None
    index: float | None = Field(default=None, ge=1.0, le=6.0)
    basis: Literal["effective", "bulk"] | None = None
    dn_dlambda_per_um: Slope | None = None
    note: str = ""

    @model_validator(mode="after")
    def _one_of_two_spellings(self) -> StackMaterial:
        if (self.medium is None) == (self.index is None):
            raise ValueError("give either medium, for one of the table, or index, with basis = 'bulk'")
        if self.medium is None:
            if self.basis != "bulk":
                raise ValueError(
                    "the stack needs a bulk index (basis = 'bulk'): in three dimensions the film is there itself"
                )
            if self.dispersion is not None:
                raise ValueError("dispersion goes with medium; an index falls as dn_dlambda_per_um says")
            return self
        if self.basis is not None or self.dn_dlambda_per_um is not None:
            raise ValueError(f"medium {self.medium!r} has its own index and slope, and is bulk: leave these keys out")
        if self.dispersion is None:
            raise ValueError(
                f"medium {self.medium!r} needs dispersion: 'constant' for its index at the band's centre over the "
                "whole band, or 'dispersive' for the index that it has at each wavelength"
            )
        return self

    def index_at(self, wavelength_um: float, centre_um: float) -> float:
        """Refractive index at a vacuum wavelength, in a band with this centre. Raises BadInput outside the table."""
        if self.medium is not None:
            return MEDIA[self.medium].index(wavelength_um if self.dispersion == "dispersive" else centre_um)
        assert self.index is not None  # the validator saw to it
        return _on_a_line(self.index, self.dn_dlambda_per_um, wavelength_um - centre_um)


class Materials(Spec):
    """Core and cladding of the guides in the plane of the chip."""

    core: Material
    cladding: Material

    @model_validator(mode="after")
    def _effective(self) -> Materials:
        if self.core.basis != "effective":
            raise ValueError(
                "a two-dimensional run needs the core's effective (slab-mode) index, not a bulk index: a bulk index "
                "ignores that the guide is thin, and moves n_eff by tenths; set basis = 'effective' and give the "
                "slab's index (fdtd_onn.analytic.slab computes it)"
            )
        return self

    def materials(self) -> dict[str, Material]:
        """Both by key, the core first."""
        return {"core": self.core, "cladding": self.cladding}


class Stack(Spec):
    """What a run in space, or in an upright plane, needs besides the drawing: films and bulk materials.

    The film lies on z = 0. Where there is no guide it is etched away down to `slab_um` (0: a strip, above: a rib).
    Below z = 0 is the substrate, or the cladding as everywhere else. Where light leaves the film these may be finite:
    `box_um` of it down to the wafer, and `overlay_um` of cladding on top of the film, with air above.

    The etched walls may lean. The drawn width holds at half the height of the wall: then the guide's cross-section,
    and with it n_eff to first order, do not depend on the angle.
    """

    thickness_um: float = Field(gt=0.0, le=10.0)
    slab_um: float = Field(default=0.0, ge=0.0, le=10.0, description="film left where there is no guide")
    sidewall_deg: float = Field(default=0.0, ge=0.0, le=45.0, description="0: vertical; above: wider at the foot")
    core: StackMaterial
    cladding: StackMaterial
    substrate: StackMaterial | None = Field(default=None, description="below z = 0; the cladding if left out")
    wafer: StackMaterial | None = Field(default=None, description="below the substrate; goes with box_um")
    box_um: float | None = Field(default=None, gt=0.0, le=20.0, description="from the film down to the wafer")
    overlay_um: float | None = Field(default=None, gt=0.0, le=20.0, description="from the film's top up to the air")

    @model_validator(mode="after")
    def _etched(self) -> Stack:
        if self.slab_um >= self.thickness_um:
            raise ValueError(
                f"stack.slab_um ({self.slab_um}) must be below thickness_um ({self.thickness_um}), or no guide is left"
            )
        if (self.wafer is None) != (self.box_um is None):
            raise ValueError("stack.wafer and stack.box_um go together: what is below, and how far")
        return self

    def materials(self) -> dict[str, StackMaterial]:
        """Its materials by key, the core first."""
        named = {"core": self.core, "cladding": self.cladding, "substrate": self.substrate, "wafer": self.wafer}
        return {name: material for name, material in named.items() if material is not None}


def _on_a_line(index: float, slope: float | None, from_centre_um: float) -> float:
    return index if slope is None else index + slope * from_centre_um
