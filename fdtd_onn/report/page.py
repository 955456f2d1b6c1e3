"""The page: numbers and pictures through the template."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined

from fdtd_onn.report import formats
from fdtd_onn.report.pictures import Pictures


def render_page(numbers: dict[str, Any], pictures: Pictures) -> str:
    """One HTML document with everything inside. numbers: as in numbers.json, so that the page shows no other."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    for name in ("significant", "fixed", "percent", "uncertain", "duration", "quantity"):
        environment.filters[name] = getattr(formats, name)
    template = files("fdtd_onn.report").joinpath("template.html").read_text(encoding="utf-8")
    return environment.from_string(template).render(n=numbers, pictures=pictures)
