"""The sampler of preset ``bsv``: the rule by which the published estimates were made.

Their prior is a rule, not the posterior of a random walk: the mean of a session is the last
sweep's conditional mean of the session before (of the second, for the first), its variance
0.5 n_t / (n_t + n_t-1); draws beyond 5 are set to 5; all member-sessions are standardised together
in each sweep; discriminations are N(0, 1), cut points uniform within 7. Texts are moved by steps
from their local normal approximation, without utilities, which mixes faster than theirs.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from helpers.ideal_points.layout import Layout
from helpers.ideal_points.presets import find_rule
from helpers.ideal_points.variational import State

FloatArray = NDArray[np.float64]

BOUND: Final = 7.0
"""Cut points are within it."""

CLIP: Final = 5.0
"""Points are within it before they are standardised."""

BURN: Final = 200
KEPT: Final = 500
"""Sweeps that are dropped, and kept."""


def sample_bsv(
    layout: Layout, start: State, *, burn: int = BURN, kept: int = KEPT, seed: int = 1
) -> tuple[FloatArray, FloatArray, float]:
    """Draw points and texts by the rule of Bailey, Strezhnev and Voeten (2017).

    Parameters
    ----------
    layout : Layout
        One path a member and Correlates of War number.
    start : State
        The variational estimate of the same preset.
    burn, kept : int
        Sweeps.
    seed : int

    Returns
    -------
    tuple
        Points (kept, n_nodes), texts' ``b, c1, c2`` (kept, n_texts, 3), and the share of texts'
        steps that were taken.
    """
    from helpers.ideal_points import kernels

    rng = np.random.default_rng(seed)
    theta = np.clip(start.theta[:, 0], -CLIP, CLIP)
    theta = (theta - theta.mean()) / theta.std()
    mean, psi = theta.copy(), start.psi.copy()
    psi[:, -2] = np.clip(psi[:, -2], 0.5 - BOUND, BOUND - 1.0)
    psi[:, -1] = np.minimum(psi[:, -1], np.log(BOUND - 0.1 - psi[:, -2]))
    prior, spread = find_rule(layout)
    free = np.array([1.0, np.inf, np.inf])
    points = np.empty((kept, len(theta)))
    texts = np.empty((kept, len(psi), 3), np.float32)
    moved = 0
    for sweep in range(burn + kept):
        cuts = psi[:, 1] + np.exp(psi[:, 2])
        kernels.draw_points_bsv(
            *layout.by_node[1:],
            *(np.ascontiguousarray(part) for part in (psi[:, 0], psi[:, 1], cuts)),
            prior,
            spread,
            theta,
            mean,
            rng,
        )
        np.clip(theta, -CLIP, CLIP, out=theta)
        theta[:] = (theta - theta.mean()) / theta.std(ddof=1)
        moved += kernels.draw_texts(
            *layout.by_text, theta[:, None].copy(), np.zeros(3), free, BOUND, psi, rng
        )
        if sweep >= burn:
            points[sweep - burn] = theta
            texts[sweep - burn, :, :2] = psi[:, :2]
            texts[sweep - burn, :, 2] = psi[:, 1] + np.exp(psi[:, 2])
    return points, texts.astype(np.float64), moved / (len(psi) * (burn + kept))
