"""Results kept on disk under the hash of what made them."""

from fdtd_onn.store.record import Record
from fdtd_onn.store.store import Store

__all__ = ["Record", "Store"]
