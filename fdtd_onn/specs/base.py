"""What all specifications share: frozen, closed to unknown keys, and with one canonical text form."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class Spec(BaseModel):
    """A frozen value that refuses keys it does not know and numbers that are not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def canonical_json(value: Any) -> str:
    """The one text form of a JSON-able value: sorted keys, no spaces, shortest exact floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=True)


def content_key(value: Any) -> str:
    """SHA-256 (hex) of the canonical text of a JSON-able value."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
