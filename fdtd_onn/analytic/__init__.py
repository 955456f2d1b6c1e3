"""Closed forms: slab modes, coupled modes, saturable absorption, normal-incidence interfaces. No Meep."""
