"""The page: numbers and pictures through the template."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from fdtd_onn.report import formats
from fdtd_onn.report.pictures import Pictures


def render_page(numbers: dict[str, Any], pictures: Pictures) -> str:
    """One HTML document with everything inside. numbers: as in numbers.json, so that the page shows no other."""
    return render("template.html", n=numbers, pictures=pictures)


def render(template: str, **values: Any) -> str:
    """The document that one of the package's templates makes of the values."""
    environment = Environment(
        loader=PackageLoader("fdtd_onn", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("significant", "fixed", "percent", "uncertain", "duration", "quantity"):
        environment.filters[name] = getattr(formats, name)
    return environment.get_template(template).render(**values)
