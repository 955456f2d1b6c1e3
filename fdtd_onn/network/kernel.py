"""Light through a mesh and back, compiled: output fields and the overlaps that every phase's gradient is made of.

A mesh is planes of transfers, each on every guide and followed by couplers; the last plane has none behind it. Planes
2c and 2c+1 have their couplers on the same pairs of guides, which makes a column of nodes: 2 × 2 matrices T. With a
the light in front of a node and b the adjoint light behind it, the 2 × 2 sum K = Σ a bᵀ holds the gradients of all that
is in the node, so that only the light between columns is kept, and of long meshes only at every CHECKPOINT-th column.

One sweep serves two ways. Field by field it carries the batch. Batch-contracted, where that has more samples than the
mesh has guides, it carries the unit matrix, whose fields P and output U are matrices of the mesh's parts:
y = U x, and Σ_batch a b = Σ_j P_j W_j with W the backward sweep of δ xᵀ. Both are exact for lossy and
non-reciprocal parts, because the backward sweep takes the transpose of the forward matrices.

Arguments of all functions, complex64 or complex128:
    coupler_at: (planes, N), index of the coupler behind a plane whose lower guide this is, −1 elsewhere.
    transfer: (planes, N) complex amplitude transfer on each guide of each plane.
    couplers: (K, 2, 2) from (lower, upper) guide on the left to (lower, upper) on the right.
Compiling takes some seconds on the first call ever with each of the two precisions; the result is kept on disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

Fields: TypeAlias = NDArray[np.complexfloating[Any, Any]]
Reals: TypeAlias = NDArray[np.floating[Any]]
Indices: TypeAlias = NDArray[np.intp]
Columns: TypeAlias = tuple[Fields, Fields, NDArray[np.bool_]]

#: Samples that run through the mesh side by side, real parts beside real parts: whole vector registers.
LANES = 32
#: Fields of all columns are kept up to this size, which a core's own cache holds; beyond, most are computed again: a
#: little slower at first, but larger caches are shared with other work, and memory is slow.
KEPT_BYTES = 2**20
CHECKPOINT = 8

# Sums may be reordered into vector registers, in the same way on every call; NaN and infinity keep their meaning.
_compiled: Any = njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
# Becomes part of its caller. A function of its own is optimised with its caller on the day that it is compiled, but
# without it when it comes from the disk: the last bits of a training would depend on which day it is.
_inlined: Any = njit(inline="always")


@dataclass(frozen=True, eq=False)
class Sweep:
    """What a forward sweep leaves for a backward one.

    x: (N, B) input fields. matrix: (N, N) of the whole mesh if the batch was contracted, else None.
    columns: the nodes' matrices; see `_node_columns`. stride: columns from one kept field to the next.
    kept: (tiles, kept, 2·N·LANES) light in front of every stride-th column.
    """

    x: Fields
    matrix: Fields | None
    columns: Columns
    stride: int
    kept: Reals


def forward(coupler_at: Indices, transfer: Fields, couplers: Fields, x: Fields) -> tuple[Fields, Sweep]:
    """Output fields (N, B) for input fields (N, B)."""
    ports, batch = x.shape
    contract = batch > ports
    light = np.eye(ports, dtype=transfer.dtype) if contract else np.ascontiguousarray(x, dtype=transfer.dtype)
    columns = _node_columns(coupler_at, transfer, couplers)
    stride, kept = _storage(transfer, len(columns[0]), light.shape[1])
    out = _sweep(*columns, stride, light, kept)
    return (out @ x, Sweep(x, out, columns, stride, kept)) if contract else (out, Sweep(x, None, columns, stride, kept))


def overlaps(coupler_at: Indices, transfer: Fields, couplers: Fields, sweep: Sweep, delta: Fields) -> Fields:
    """Σ_batch a b (planes, N) behind each plane's transfers, in front of its couplers.

    a is the sweep's forward field there, and b that of delta (N, B) sent back through the transposed mesh.
    """
    return _leaving_and_overlaps(coupler_at, transfer, couplers, sweep, delta)[1]


def backward(
    coupler_at: Indices, transfer: Fields, couplers: Fields, sweep: Sweep, delta: Fields
) -> tuple[Fields, Fields]:
    """The transposed mesh times delta (N, B), and the overlaps: where the latter are enough, they cost less alone."""
    leaving, overlap = _leaving_and_overlaps(coupler_at, transfer, couplers, sweep, delta)
    return leaving if sweep.matrix is None else sweep.matrix.T @ delta, overlap


def fields(
    coupler_at: Indices, transfer: Fields, couplers: Fields, x: Fields, plane: Indices, guide: Indices
) -> tuple[Fields, Fields]:
    """Output fields (N, B) of x, and the fields (P, B) in front of the transfers on P places."""
    light = np.ascontiguousarray(x, dtype=transfer.dtype)
    return _fields(*_plane_columns(coupler_at, transfer, couplers), light, plane, guide)


def _leaving_and_overlaps(
    coupler_at: Indices, transfer: Fields, couplers: Fields, sweep: Sweep, delta: Fields
) -> tuple[Fields, Fields]:
    """What leaves the inputs, of delta or of its contraction with the batch, and the overlaps."""
    light = delta if sweep.matrix is None else delta @ sweep.x.T
    light = np.ascontiguousarray(light, dtype=transfer.dtype)
    leaving, own, other = _sweep_back(*sweep.columns, sweep.stride, sweep.kept, light)
    return leaving, _node_overlaps(coupler_at, transfer, couplers, sweep.columns, own, other)


def _storage(transfer: Fields, columns: int, width: int) -> tuple[int, Reals]:
    """Distance of kept fields, and room for them."""
    tiles, row = -(-width // LANES), 2 * transfer.shape[1] * LANES
    stride = 1 if tiles * columns * row * transfer.real.itemsize <= KEPT_BYTES else CHECKPOINT
    return stride, np.empty((tiles, -(-columns // stride) + 1, row), transfer.real.dtype)


@_compiled
def _plane_columns(coupler_at, transfer, couplers):  # type: ignore[no-untyped-def]
    """A column for each plane's transfers and the couplers behind: to a guide from itself, from the other, pairs."""
    through, cross, pair = transfer.copy(), np.zeros(transfer.shape, transfer.dtype), coupler_at >= 0
    for plane in range(len(transfer)):
        for g in range(transfer.shape[1]):
            if pair[plane, g]:
                here, below, above = couplers[coupler_at[plane, g]], transfer[plane, g], transfer[plane, g + 1]
                through[plane, g], cross[plane, g] = here[0, 0] * below, here[0, 1] * above
                through[plane, g + 1], cross[plane, g + 1] = here[1, 1] * above, here[1, 0] * below
    return through, cross, pair


@_compiled
def _node_columns(coupler_at, transfer, couplers):  # type: ignore[no-untyped-def]
    """A column for each two planes, and one for the last: to a guide from itself, from the other of its pair, pairs."""
    planes, ports = transfer.shape
    columns = planes // 2 + 1
    through = np.empty((columns, ports), transfer.dtype)
    cross = np.zeros((columns, ports), transfer.dtype)
    pair = np.zeros((columns, ports), np.bool_)
    through[-1] = transfer[-1]
    for c in range(columns - 1):
        outer, inner = transfer[2 * c], transfer[2 * c + 1]
        for g in range(ports):
            if coupler_at[2 * c, g] >= 0:
                first, second = couplers[coupler_at[2 * c, g]], couplers[coupler_at[2 * c + 1, g]]
                pair[c, g] = True
                for out in range(2):
                    low, up = second[out, 0] * inner[g], second[out, 1] * inner[g + 1]
                    from_low = (low * first[0, 0] + up * first[1, 0]) * outer[g]
                    from_up = (low * first[0, 1] + up * first[1, 1]) * outer[g + 1]
                    through[c, g + out] = from_up if out else from_low
                    cross[c, g + out] = from_low if out else from_up
            elif g == 0 or not pair[c, g - 1]:
                through[c, g] = outer[g] * inner[g]
    return through, cross, pair


@_compiled
def _node_overlaps(coupler_at, transfer, couplers, columns, own, other):  # type: ignore[no-untyped-def]
    """Σ a b behind every plane's transfers, from the sums over the fields in front of and behind every column."""
    through, cross, pair = columns
    ports = transfer.shape[1]
    overlap = np.empty_like(transfer)
    overlap[-1] = through[-1] * own[-1]
    for c in range(len(through) - 1):
        for g in range(ports):
            if pair[c, g]:
                first, second = couplers[coupler_at[2 * c, g]], couplers[coupler_at[2 * c + 1, g]]
                # With 0 for the lower and 1 for the upper guide: k01 = Σ a0 b1.
                k00, k10, k11, k01 = own[c, g], other[c, g], own[c, g + 1], other[c, g + 1]
                overlap[2 * c, g] = through[c, g] * k00 + cross[c, g + 1] * k01
                overlap[2 * c, g + 1] = cross[c, g] * k10 + through[c, g + 1] * k11
                for arm in range(2):
                    low, up = first[arm, 0] * transfer[2 * c, g], first[arm, 1] * transfer[2 * c, g + 1]
                    to_low, to_up = low * k00 + up * k10, low * k01 + up * k11
                    inside = second[0, arm] * to_low + second[1, arm] * to_up
                    overlap[2 * c + 1, g + arm] = transfer[2 * c + 1, g + arm] * inside
            elif g == 0 or not pair[c, g - 1]:
                overlap[2 * c, g] = overlap[2 * c + 1, g] = through[c, g] * own[c, g]
    return overlap


@_compiled
def _sweep(through, cross, pair, stride, light, kept):  # type: ignore[no-untyped-def]
    """Fields behind the last column; fills `kept`."""
    columns = len(through)
    out = np.empty_like(light)
    work = np.empty((stride, kept.shape[2]), kept.dtype)
    for tile in range(kept.shape[0]):
        _pack(light, tile, kept[tile, 0])
        for segment in range(kept.shape[1] - 1):
            source = kept[tile, segment]
            start, stop = segment * stride, min(columns, (segment + 1) * stride)
            for c in range(start, stop):
                target = kept[tile, segment + 1] if c == stop - 1 else work[c - start]
                _pass(through, cross, pair, c, source, target)
                source = target
        _unpack(kept[tile, -1], tile, out)
    return out


@_compiled
def _sweep_back(through, cross, pair, stride, kept, light):  # type: ignore[no-untyped-def]
    """Fields that leave the inputs, and the sums over products of forward and backward fields at every column.

    Forward fields between kept ones are computed again, segment by segment.
    """
    columns = len(through)
    out, own, other = np.empty_like(light), np.zeros_like(through), np.zeros_like(through)
    work = np.empty((stride, kept.shape[2]), kept.dtype)
    back = np.empty(kept.shape[2], kept.dtype)
    for tile in range(kept.shape[0]):
        _pack(light, tile, back)
        for segment in range(kept.shape[1] - 2, -1, -1):
            start, stop = segment * stride, min(columns, (segment + 1) * stride)
            source = kept[tile, segment]
            for c in range(start, stop - 1):
                _pass(through, cross, pair, c, source, work[c - start])
                source = work[c - start]
            for c in range(stop - 1, start - 1, -1):
                ahead = kept[tile, segment] if c == start else work[c - start - 1]
                _pass_back(through, cross, pair, c, ahead, back, own, other)
        _unpack(back, tile, out)
    return out, own, other


@_compiled
def _fields(through, cross, pair, light, plane, guide):  # type: ignore[no-untyped-def]
    """Fields behind the last column, and on each place in front of its column."""
    columns, ports = through.shape
    out = np.empty_like(light)
    places = np.empty((len(plane), light.shape[1]), light.dtype)
    work = np.empty((columns + 1, 2 * ports * LANES), through.real.dtype)
    for tile in range(-(-light.shape[1] // LANES)):
        _pack(light, tile, work[0])
        for c in range(columns):
            _pass(through, cross, pair, c, work[c], work[c + 1])
        _unpack(work[columns], tile, out)
        for k in range(len(plane)):
            _unpack(work[plane[k], 2 * guide[k] * LANES :], tile, places[k : k + 1])
    return out, places


@_inlined
def _pack(light, tile, row):  # type: ignore[no-untyped-def]
    """Fields of a tile's samples, guide after guide: LANES real parts, then as many imaginary ones, zero if unused."""
    start = tile * LANES
    count = min(LANES, light.shape[1] - start)
    row[:] = 0.0
    for g in range(light.shape[0]):
        for j in range(count):
            row[2 * g * LANES + j] = light[g, start + j].real
            row[(2 * g + 1) * LANES + j] = light[g, start + j].imag


@_inlined
def _unpack(row, tile, light):  # type: ignore[no-untyped-def]
    """The inverse of `_pack`."""
    start = tile * LANES
    for g in range(light.shape[0]):
        for j in range(min(LANES, light.shape[1] - start)):
            light[g, start + j] = complex(row[2 * g * LANES + j], row[(2 * g + 1) * LANES + j])


@_inlined
def _pass(through, cross, pair, c, source, target):  # type: ignore[no-untyped-def]
    """One column, from the fields in front of it to those behind, in real arithmetic on whole rows."""
    g = 0
    while g < through.shape[1]:
        at = 2 * LANES * g
        r0, i0 = through[c, g].real, through[c, g].imag
        if pair[c, g]:
            a, b = source[at : at + 4 * LANES], target[at : at + 4 * LANES]
            r1, i1 = through[c, g + 1].real, through[c, g + 1].imag
            p0, q0 = cross[c, g].real, cross[c, g].imag
            p1, q1 = cross[c, g + 1].real, cross[c, g + 1].imag
            for j in range(LANES):
                x0, y0, x1, y1 = a[j], a[LANES + j], a[2 * LANES + j], a[3 * LANES + j]
                b[j] = r0 * x0 - i0 * y0 + p0 * x1 - q0 * y1
                b[LANES + j] = r0 * y0 + i0 * x0 + p0 * y1 + q0 * x1
                b[2 * LANES + j] = r1 * x1 - i1 * y1 + p1 * x0 - q1 * y0
                b[3 * LANES + j] = r1 * y1 + i1 * x1 + p1 * y0 + q1 * x0
            g += 2
        else:
            a, b = source[at : at + 2 * LANES], target[at : at + 2 * LANES]
            for j in range(LANES):
                x0, y0 = a[j], a[LANES + j]
                b[j] = r0 * x0 - i0 * y0
                b[LANES + j] = r0 * y0 + i0 * x0
            g += 1


@_inlined
def _pass_back(through, cross, pair, c, source, back, own, other):  # type: ignore[no-untyped-def]
    """The transposed column, on `back` in place; adds Σ a b to own, and with a of the other guide to other."""
    g = 0
    zero = source.dtype.type(0)
    while g < through.shape[1]:
        at = 2 * LANES * g
        r0, i0 = through[c, g].real, through[c, g].imag
        sr0, si0 = zero, zero
        if pair[c, g]:
            a, b = source[at : at + 4 * LANES], back[at : at + 4 * LANES]
            r1, i1 = through[c, g + 1].real, through[c, g + 1].imag
            p0, q0 = cross[c, g].real, cross[c, g].imag
            p1, q1 = cross[c, g + 1].real, cross[c, g + 1].imag
            sr1, si1, or0, oi0, or1, oi1 = zero, zero, zero, zero, zero, zero
            for j in range(LANES):
                x0, y0, x1, y1 = a[j], a[LANES + j], a[2 * LANES + j], a[3 * LANES + j]
                u0, v0, u1, v1 = b[j], b[LANES + j], b[2 * LANES + j], b[3 * LANES + j]
                sr0 += x0 * u0 - y0 * v0
                si0 += x0 * v0 + y0 * u0
                or0 += x1 * u0 - y1 * v0
                oi0 += x1 * v0 + y1 * u0
                sr1 += x1 * u1 - y1 * v1
                si1 += x1 * v1 + y1 * u1
                or1 += x0 * u1 - y0 * v1
                oi1 += x0 * v1 + y0 * u1
                b[j] = r0 * u0 - i0 * v0 + p1 * u1 - q1 * v1
                b[LANES + j] = r0 * v0 + i0 * u0 + p1 * v1 + q1 * u1
                b[2 * LANES + j] = r1 * u1 - i1 * v1 + p0 * u0 - q0 * v0
                b[3 * LANES + j] = r1 * v1 + i1 * u1 + p0 * v0 + q0 * u0
            own[c, g + 1] += complex(sr1, si1)
            other[c, g] += complex(or0, oi0)
            other[c, g + 1] += complex(or1, oi1)
            own[c, g] += complex(sr0, si0)
            g += 2
        else:
            a, b = source[at : at + 2 * LANES], back[at : at + 2 * LANES]
            for j in range(LANES):
                x0, y0, u0, v0 = a[j], a[LANES + j], b[j], b[LANES + j]
                sr0 += x0 * u0 - y0 * v0
                si0 += x0 * v0 + y0 * u0
                b[j] = r0 * u0 - i0 * v0
                b[LANES + j] = r0 * v0 + i0 * u0
            own[c, g] += complex(sr0, si0)
            g += 1
