"""Refractive indices of the usual materials: formula, range of validity and source of each.

Every formula here has the form ε(λ) = A + E/λ² + Σ B λ²/(λ² − C²), with λ in vacuum in µm, at room temperature.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

from fdtd_onn.errors import BadInput

MediumName = Literal["Si", "SiO2", "Si3N4"]


@dataclass(frozen=True)
class Medium:
    """A transparent material. constant: A. inverse_square_um2: E. sellmeier: (B, C in µm) of every term."""

    name: MediumName
    constant: float
    sellmeier: tuple[tuple[float, float], ...]
    range_um: tuple[float, float]
    citation: str
    inverse_square_um2: float = 0.0

    def index(self, wavelength_um: float) -> float:
        """Refractive index. Raises BadInput for a wavelength outside the formula's range."""
        self._check(wavelength_um)
        square = wavelength_um**2
        terms = (b * square / (square - c**2) for b, c in self.sellmeier)
        return sqrt(self.constant + self.inverse_square_um2 / square + sum(terms))

    def group_index(self, wavelength_um: float) -> float:
        """Group index n − λ dn/dλ, from the formula's derivative. Raises BadInput as `index` does."""
        n, square = self.index(wavelength_um), wavelength_um**2
        terms = (b * square * c**2 / (square - c**2) ** 2 for b, c in self.sellmeier)
        return n + (self.inverse_square_um2 / square + sum(terms)) / n

    def _check(self, wavelength_um: float) -> None:
        low, high = self.range_um
        if not low <= wavelength_um <= high:
            expected = f"a wavelength from {low:g} to {high:g} µm, where its formula holds"
            cure = "Choose another band, or give the index itself with its source."
            raise BadInput(f"medium {self.name}", expected, f"{wavelength_um:g} µm", cure)


_MEDIA = (
    Medium(
        name="Si",
        constant=11.6517,
        inverse_square_um2=1.02999,
        sellmeier=(),
        range_um=(1.2, 14.0),
        citation="H. H. Li, J. Phys. Chem. Ref. Data 9, 561 (1980), his formula at 293 K",
    ),
    Medium(
        name="SiO2",
        constant=1.0,
        sellmeier=((0.6961663, 0.0684043), (0.4079426, 0.1162414), (0.8974794, 9.896161)),
        range_um=(0.21, 3.71),
        citation="I. H. Malitson, J. Opt. Soc. Am. 55, 1205 (1965), fused silica at 20 °C",
    ),
    Medium(
        name="Si3N4",
        constant=1.0,
        sellmeier=((3.0249, 0.1353406), (40314.0, 1239.842)),
        range_um=(0.31, 5.504),
        citation="K. Luke, Y. Okawachi, M. R. E. Lamont, A. L. Gaeta and M. Lipson, Opt. Lett. 40, 4823 (2015), LPCVD",
    ),
)
#: By name.
MEDIA: dict[str, Medium] = {medium.name: medium for medium in _MEDIA}
