"""Compressed rows in linear time: counting sorts over arrays of row ends, columns and weights.

All three arrays as scipy has them: `indptr` (rows + 1), `indices` and `data` (entries). Integers keep the
dtype of what is given; columns within a row come out ascending. Nothing is checked here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.kernels.compiled import compiled

Ids = npt.NDArray[np.int32] | npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Rows = tuple[Ids, Ids, Floats]


@compiled
def bucketed(row: Ids, column: Ids, weight: Floats, rows: int) -> Rows:
    """Entries by row, in the order given within one (row < 0: left out)."""
    indptr = np.zeros(rows + 1, dtype=row.dtype)
    for entry in range(len(row)):
        if row[entry] >= 0:
            indptr[row[entry] + 1] += 1
    for r in range(rows):
        indptr[r + 1] += indptr[r]
    place = indptr[:-1].copy()
    indices = np.empty(indptr[-1], dtype=row.dtype)
    data = np.empty(indptr[-1], dtype=np.float64)
    for entry in range(len(row)):
        r = row[entry]
        if r >= 0:
            indices[place[r]] = column[entry]
            data[place[r]] = weight[entry]
            place[r] += 1
    return indptr, indices, data


@compiled
def turned(indptr: Ids, indices: Ids, data: Floats, columns: int) -> Rows:
    """The transposed matrix; its columns ascend whatever the order was before."""
    ends = np.zeros(columns + 1, dtype=indptr.dtype)
    for entry in range(len(indices)):
        ends[indices[entry] + 1] += 1
    for c in range(columns):
        ends[c + 1] += ends[c]
    place = ends[:-1].copy()
    rows = np.empty_like(indices)
    weights = np.empty_like(data)
    for r in range(len(indptr) - 1):
        for entry in range(indptr[r], indptr[r + 1]):
            to = place[indices[entry]]
            rows[to] = r
            weights[to] = data[entry]
            place[indices[entry]] += 1
    return ends, rows, weights


@compiled
def folded(indptr: Ids, indices: Ids, data: Floats) -> Rows:
    """Entries of the same place added up, smallest first: the sum is the same in whatever order they came."""
    ends = np.zeros_like(indptr)
    columns = np.empty_like(indices)
    weights = np.empty_like(data)
    used = 0
    for r in range(len(indptr) - 1):
        entry = indptr[r]
        while entry < indptr[r + 1]:
            last = entry + 1
            while last < indptr[r + 1] and indices[last] == indices[entry]:
                last += 1
            columns[used] = indices[entry]
            weights[used] = data[entry] if last == entry + 1 else np.sort(data[entry:last]).sum()
            used += 1
            entry = last
        ends[r + 1] = used
    return ends, columns[:used].copy(), weights[:used].copy()


@compiled
def added(
    indptr: Ids, indices: Ids, data: Floats, other_indptr: Ids, other_indices: Ids, other_data: Floats
) -> Rows:
    """The sum of two square matrices, both with ascending columns."""
    most = len(indices) + len(other_indices)
    ends = np.zeros_like(indptr)
    columns = np.empty(most, dtype=indices.dtype)
    weights = np.empty(most, dtype=np.float64)
    used = 0
    for r in range(len(indptr) - 1):
        a, b = indptr[r], other_indptr[r]
        while a < indptr[r + 1] or b < other_indptr[r + 1]:
            first = b == other_indptr[r + 1] or (a < indptr[r + 1] and indices[a] <= other_indices[b])
            second = a == indptr[r + 1] or (b < other_indptr[r + 1] and other_indices[b] <= indices[a])
            columns[used] = indices[a] if first else other_indices[b]
            weights[used] = 0.0
            if first:
                weights[used] += data[a]
                a += 1
            if second:
                weights[used] += other_data[b]
                b += 1
            used += 1
        ends[r + 1] = used
    return ends, columns[:used].copy(), weights[:used].copy()


@compiled
def rows_added(indptr: Ids, data: Floats) -> Floats:
    """The sum of each row."""
    sums = np.zeros(len(indptr) - 1)
    for r in range(len(sums)):
        for entry in range(indptr[r], indptr[r + 1]):
            sums[r] += data[entry]
    return sums
