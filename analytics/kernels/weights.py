"""The one rule for weights, wherever they come in: a kernel never sees one that is negative or no number."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import sparse

from graph.errors import BadInput


def check_weights(weight: npt.NDArray[np.floating], where: Callable[[int], str]) -> None:
    """Raises BadInput for the first weight that is negative or no finite number; `where` names its place."""
    # A NaN makes the minimum NaN, and so fails here as well, without an array as large as the weights.
    if not len(weight) or (weight.min() >= 0 and weight.max() < np.inf):
        return
    place = int(np.argmin(np.isfinite(weight) & (weight >= 0)))
    raise BadInput(
        f"{where(place)} has the weight {weight[place]}; a weight is a finite number of at least 0"
    )


def check_arcs(arcs: sparse.csr_array, what: str, keys: npt.NDArray[np.object_] | None = None) -> None:
    """As `check_weights`, for the entries of a matrix; `what` is what one is, `keys` names the nodes."""

    def where(place: int) -> str:
        source, target = ends_of(arcs, place)
        if keys is None:
            return f"{what} from {source} to {target}"
        return f"{what} from {keys[source]!r} to {keys[target]!r}"

    check_weights(arcs.data, where)


def ends_of(arcs: sparse.csr_array, place: int) -> tuple[int, int]:
    """The row and the column of an entry, by its place in the matrix's data."""
    return int(np.searchsorted(arcs.indptr, place, side="right")) - 1, int(arcs.indices[place])
