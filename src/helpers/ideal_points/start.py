"""Where the estimators begin: members along what divides them most, texts by their shares."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from helpers.ideal_points.layout import Layout
from helpers.ideal_points.variational import State, read_texts

FloatArray = NDArray[np.float64]

NARROWEST: Final = 0.05
"""Least distance of two cut points at the start."""

LOOSE: Final = 0.3
"""Variance of points at the start; a third of it for texts."""


def share_votes(layout: Layout) -> FloatArray:
    """Shares of yes, abstain and no on each text, half a vote added to each."""
    counts = np.zeros((len(layout.texts), 3))
    np.add.at(counts, (layout.item, layout.vote - 1), 1.0)
    counts += 0.5
    return counts / counts.sum(axis=1, keepdims=True)


def start_texts(layout: Layout, dimensions: int) -> FloatArray:
    """Parameters of texts that divide nobody, with cut points at the shares of votes."""
    shares = share_votes(layout)
    psi = np.zeros((len(shares), dimensions + 2))
    psi[:, -2:] = cut_shares(shares)
    return psi


def cut_shares(shares: FloatArray) -> FloatArray:
    """First cut point, and logarithm of the distance to the second, by shares of the three votes.

    Examples
    --------
    >>> (cut_shares(np.array([0.6915, 0.2417, 0.0668])) + 1).round(2)
    array([1.5, 1. ])
    """
    low, high = ndtri(shares[..., 0]), ndtri(shares[..., 0] + shares[..., 1])
    return np.stack([low, np.log(np.maximum(high - low, NARROWEST))], axis=-1)


def start_points(layout: Layout, anchors: tuple[str, str]) -> tuple[FloatArray, FloatArray]:
    """Points and discriminations along the votes of one anchor less those of the other.

    Random starts end with half the sessions turned round; without both anchors the direction is
    that of the first singular vector of members' votes.

    Returns
    -------
    tuple of arrays
        Points of nodes, mean 0 and variance 1, and discriminations of texts, within -1 and 1.
    """
    shares = share_votes(layout)
    codes = np.arange(1, 4)
    mean = shares @ codes
    votes = (layout.vote - mean[layout.item]) / np.sqrt(shares @ codes**2 - mean**2)[layout.item]
    owner = np.repeat(np.arange(len(layout.nodes)), np.diff(layout.node_ptr))
    slope = _contrast(layout, owner, anchors)
    if not slope.any():
        slope = _singular(layout, owner, votes)[1]
    weights = np.abs(slope)[layout.item]
    size = len(layout.nodes)
    total = np.bincount(owner, votes * slope[layout.item], size)
    theta = total / np.maximum(np.bincount(owner, weights, size), 1.0)
    return (theta - theta.mean()) / max(float(theta.std()), 1e-9), slope


def _contrast(layout: Layout, owner: NDArray[Any], anchors: tuple[str, str]) -> FloatArray:
    """Vote of the first anchor less that of the second on each text, within -1 and 1."""
    member = layout.nodes["member"].to_numpy()[owner]
    slope = np.zeros(len(layout.texts))
    for name, sign in zip(anchors, (0.5, -0.5), strict=True):
        own = member == name
        if not own.any():
            return np.zeros(len(slope))
        count = np.maximum(np.bincount(layout.item[own], minlength=len(slope)), 1)
        value = layout.vote[own] - 2.0
        slope += sign * np.bincount(layout.item[own], value, len(slope)) / count
    return slope


def _singular(
    layout: Layout, owner: NDArray[Any], values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """First left and right singular vectors of values by path and text, largest entry 1."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.linalg import svds

    path = layout.nodes["path"].to_numpy()[owner]
    shape = (len(layout.path_ptr) - 1, len(layout.texts))
    if min(shape) < 2:
        return np.ones(shape[0]), np.ones(shape[1])
    table = csr_matrix((values, (path, layout.item)), shape=shape)
    left, _, right = svds(table, k=1, v0=np.ones(min(shape)))
    return left[:, 0] / np.abs(left).max(), right[0] / np.abs(right).max()


def add_dimension(layout: Layout, state: State) -> tuple[FloatArray, FloatArray]:
    """Return points and texts with one dimension more: along what the first leaves unexplained.

    Returns
    -------
    tuple of arrays
        Points (n_nodes, D + 1) and texts' parameters (n_texts, D + 3).
    """
    from helpers.ideal_points import kernels

    owner = np.repeat(np.arange(len(layout.nodes)), np.diff(layout.node_ptr))
    texts = read_texts(state.psi, state.cov)[:3]
    left = kernels.slopes(*layout.by_node[1:], state.theta, *texts)[0]
    cast = np.bincount(layout.nodes["path"].to_numpy()[owner])
    along = _singular(layout, owner, left)[0] / np.sqrt(np.maximum(cast, 1))
    more = along[layout.nodes["path"]]
    dims = state.theta.shape[1]
    theta = np.column_stack([state.theta, (more - more.mean()) / max(float(more.std()), 1e-9)])
    return theta, np.insert(state.psi, dims, 0.0, axis=1)
