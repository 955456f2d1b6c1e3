"""What is wrong with a specification, told in the words of the person who wrote the file.

pydantic says where (a location that includes the names of union members) and in the terms of Python types; here this
becomes the key as it stands in the file, the value with its unit, what was expected, and what to do.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from fdtd_onn.errors import BadInput

Schema = dict[str, Any]

# The longest ending that fits is the unit: `loss_db_per_cm` is no centimetre.
UNITS = {
    "_um": "µm",
    "_nm": "nm",
    "_per_um": "1/µm",
    "_mw": "mW",
    "_mw_per_um2": "mW/µm²",
    "_k": "K",
    "_w_per_m2_k": "W/(m²K)",
    "_per_k": "1/K",
    "_thz": "THz",
    "_hz": "Hz",
    "_rad": "rad",
    "_a": "A",
    "_a_per_w": "A/W",
    "_db": "dB",
    "_db_per_cm": "dB/cm",
    "_deg": "°",
    "_periods": "optical periods",
}


def bad_input(where: str, error: ValidationError, adapter: TypeAdapter[Any]) -> BadInput:
    """One BadInput for all that is wrong: `where` is the file, each problem names its key in it."""
    schema = adapter.json_schema()
    problems = [_problem(schema, details) for details in _first_causes(error.errors(include_url=False))]
    if len(problems) == 1:
        key, expected, got, cure = problems[0]
        return BadInput(f"{where}: {key}" if key else where, expected, got, cure)
    lines = [f"\n  {key}: expected {expected}, got {got}. {cure}" for key, expected, got, cure in problems]
    return BadInput(where, "valid keys and values", f"{len(problems)} problems", f"They are:{''.join(lines)}")


def closest(name: object, known: tuple[str, ...], otherwise: str) -> str:
    """The cure for a name that is not known: the known one that looks like it, or what else to do."""
    matches = get_close_matches(str(name), known, n=1)
    return f"Did you mean {matches[0]}?" if matches else otherwise


def _first_causes(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without "too short", where it only says again that items of that list are bad."""
    parents = {error["loc"][:-1] for error in errors}
    return [error for error in errors if error["type"] != "too_short" or error["loc"] not in parents]


def _problem(schema: Schema, error: ErrorDetails) -> tuple[str, str, str, str]:
    """Key, expectation, what came and cure of one error."""
    kind, loc, value = error["type"], error["loc"], error["input"]
    path, node = _locate(schema, loc)
    key, unit = _key_text(path), _unit(path)
    if kind == "extra_forbidden":
        known = tuple(_locate(schema, loc[:-1])[1].get("properties", {}))
        return key, f"one of the keys {', '.join(known)}", "this unknown key", closest(path[-1], known, "Remove it.")
    if kind == "missing":
        return key, _expectation(node, unit, error["msg"]), "nothing", "Add this key."
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        kinds = tuple(node["discriminator"]["mapping"])
        got = _value_text(value["kind"], "") if "kind" in value else "nothing"
        cure = closest(value.get("kind"), kinds, "Set it to one of these.")
        return _key_text([*path, "kind"]), f"one of {', '.join(kinds)}", got, cure
    if kind == "value_error":
        reason = error["msg"].removeprefix("Value error, ")
        return key, "values that fit together", f"a contradiction: {reason}", "Change one of them."
    known = tuple(node.get("enum", ()))
    return key, _expectation(node, unit, error["msg"]), _value_text(value, unit), closest(value, known, "Change it.")


def _locate(schema: Schema, loc: tuple[int | str, ...]) -> tuple[list[int | str], Schema]:
    """The keys as the file has them (without the tags that pydantic adds in unions), and the schema at their end."""
    path: list[int | str] = []
    node = _resolve(schema, schema)
    for part in loc:
        if "discriminator" in node:
            node = _resolve(schema, {"$ref": node["discriminator"]["mapping"][part]})
            continue
        path.append(part)
        inner = (
            node.get("items")
            if isinstance(part, int)
            else node.get("properties", {}).get(part, node.get("additionalProperties"))
        )
        node = _resolve(schema, inner) if inner else {}
    return path, node


def _resolve(schema: Schema, node: Schema) -> Schema:
    """The node itself behind references and behind "this or null", with the description given where it is used."""
    if "$ref" in node:
        target: Schema = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
        return {**target, "description": node.get("description", "")}
    if "anyOf" in node:
        return _resolve(schema, next(option for option in node["anyOf"] if option.get("type") != "null"))
    return node


def _expectation(node: Schema, unit: str, otherwise: str) -> str:
    """What the schema allows at a key; `otherwise` (pydantic's own words) where this says nothing."""
    match node:
        case {"enum": choices}:
            text = f"one of {', '.join(map(str, choices))}"
        case {"type": "number" | "integer" as number}:
            noun = "a number" if number == "number" else "a whole number"
            text = noun + (f" in {unit}" if unit else "") + _bounds(node)
        case {"type": "string", "pattern": pattern}:
            text = f"text matching {pattern}"
        case {"type": "string"}:
            text = "text"
        case {"type": "object", "properties": keys}:
            text = f"a table with the keys {', '.join(keys)}"
        case {"type": "object", "minProperties": least}:
            text = f"a table with at least {least} entry"
        case {"type": "array", "minItems": least}:
            text = f"a list of at least {least} values"
        case {"discriminator": _}:
            text = "a table"
        case _:
            return otherwise.removeprefix("Input should be ")
    return f"{text} ({node['description']})" if node.get("description") else text


def _bounds(node: Schema) -> str:
    words = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}
    limits = [f"{word} {node[bound]:g}" for bound, word in words.items() if bound in node]
    return f", {' and '.join(limits)}" if limits else ""


def _unit(path: list[int | str]) -> str:
    names = [part for part in path if isinstance(part, str)]
    endings = [ending for ending in UNITS if names and names[-1].endswith(ending)]
    return UNITS[max(endings, key=len)] if endings else ""


def _key_text(path: list[int | str]) -> str:
    """`network.layers[0].kind`; keys that TOML would quote are quoted, so that no key can pose as a line of ours."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else ascii(part[:60]))
    return text


def _value_text(value: object, unit: str) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = str(value).lower() if isinstance(value, bool) else ascii(value)
    text = text if len(text) <= 60 else f"{text[:57]}..."
    return f"{text} {unit}" if unit and isinstance(value, int | float) else text
