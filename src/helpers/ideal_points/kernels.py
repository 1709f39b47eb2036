"""Compiled loops of the ideal point model: derivatives of votes, paths of members, texts.

Everything that calls each other is in this one file, because a numba cache does not see a change
in another one. Import it inside functions only: it loads numba.

A vote is yes (1), abstain (2) or no (3) by ``y* = b'theta + e`` with ``e`` standard normal: yes
below ``c1``, no above ``c2``. A text's parameters are ``(b_1 .. b_D, c1, log(c2 - c1))``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from helpers.compiled import compiled

ROOT = 1.0 / math.sqrt(2.0 * math.pi)
HALF = 1.0 / math.sqrt(2.0)
DEEP = -30.0  # below it the lower tail of the normal is taken by its series
FARTHEST = 1.0  # most that one step moves a point or a discrimination
TURNS = 25  # most steps that the fit of one text takes
NEAR = 1e-3  # a text that moves by less is fitted
TINY = 1e-300  # least likelihood of a vote
SMALL = 1e-100  # likelihoods are multiplied until they are below, then a logarithm is taken
LOOSEST = 0.5  # least precision of a proposed log-distance of cut points
WIDEST = 20.0  # most that this logarithm may be, on either side
LEAST = 1e-6  # least probability of a vote


@compiled
def mills(x: float) -> float:
    """Return the lower tail over the density of the standard normal at ``x``."""
    if x > DEEP:
        return 0.5 * math.erfc(-x * HALF) / (ROOT * math.exp(-0.5 * x * x))
    s = 1.0 / (x * x)
    return -(1.0 - s * (1.0 - 3.0 * s * (1.0 - 5.0 * s))) / x


@compiled
def log_vote(y: int, x1: float, x2: float) -> float:
    """Return the log-likelihood of a vote; ``x1``, ``x2`` are the cut points less ``b'theta``."""
    if y == 1:
        return (
            math.log(mills(x1) * ROOT) - 0.5 * x1 * x1
            if x1 < 5.0
            else math.log1p(-0.5 * math.erfc(x1 * HALF))
        )
    if y == 3:
        return (
            math.log(mills(-x2) * ROOT) - 0.5 * x2 * x2
            if x2 > -5.0
            else math.log1p(-0.5 * math.erfc(-x2 * HALF))
        )
    low, high = (x1, x2) if x1 + x2 < 0.0 else (-x2, -x1)
    if high > 5.0:  # a wide middle: neither tail
        return math.log1p(-0.5 * (math.erfc(-low * HALF) + math.erfc(high * HALF)))
    gap = mills(high) - math.exp(0.5 * (high - low) * (high + low)) * mills(low)
    return math.log(max(gap, 1e-300) * ROOT) - 0.5 * high * high


@compiled
def derive_vote(y: int, x1: float, x2: float) -> tuple[float, float, float, float, float, float]:
    """Return a vote's probability, and slopes and curvature of its logarithm by the cut points.

    ``(chance, p1, p2, k11, k12, k22)``: slopes by ``c1`` and ``c2``, and minus the second
    derivatives, which are a positive definite matrix. The probability is at least ``TINY``.
    """
    if y == 1:
        chance, h = tail_ratio(x1)
        return chance, h, 0.0, h * (x1 + h), 0.0, 0.0
    if y == 3:
        chance, h = tail_ratio(-x2)
        return chance, 0.0, -h, 0.0, 0.0, h * (h - x2)
    flip = x1 + x2 > 0.0
    low, high = (-x2, -x1) if flip else (x1, x2)
    if high > DEEP:
        chance = max(0.5 * (math.erfc(-high * HALF) - math.erfc(-low * HALF)), TINY)
        a = ROOT * math.exp(-0.5 * low * low) / chance
        b = ROOT * math.exp(-0.5 * high * high) / chance
    else:
        ratio = math.exp(0.5 * (high - low) * (high + low))
        b = 1.0 / max(mills(high) - ratio * mills(low), 1e-12)
        a = ratio * b
        chance = max(ROOT * math.exp(-0.5 * high * high) / b, TINY)
    if flip:
        a, b = b, a
    return chance, -a, b, a * (a - x1), -a * b, b * (b + x2)


@compiled
def tail_ratio(x: float) -> tuple[float, float]:
    """Return the lower tail of the standard normal, at least ``TINY``, and density over tail."""
    density = ROOT * math.exp(-0.5 * x * x)
    if x > DEEP:
        tail = 0.5 * math.erfc(-x * HALF)
        return tail, density / tail
    h = 1.0 / mills(x)
    return max(density / h, TINY), h


@compiled
def sum_node(
    first: int, last: int, item: Any, y: Any, texts: Any, d: int, point: Any
) -> tuple[float, float, float]:
    """Sum slope, minus the curvature, and information of one node's votes by dimension ``d``.

    ``texts`` is ``(b, c1, c2, sbb, sb1, sb2, s11, s12, s22)``: means of the texts' parameters,
    their covariances. What is not known of a text weakens what it says of a member: by as much
    the information is less than the curvature where the text is known.
    """
    b, c1, c2, sbb, sb1, sb2, s11, s12, s22 = texts
    slope, curve, known = 0.0, 0.0, 0.0
    for v in range(first, last):
        j = item[v]
        eta, spread = 0.0, 0.0
        for e in range(point.size):
            eta += b[j, e] * point[e]
            spread += sbb[j, d, e] * point[e]
        _, p1, p2, k11, k12, k22 = derive_vote(y[v], c1[j] - eta, c2[j] - eta)
        w, bd = k11 + 2.0 * k12 + k22, b[j, d]
        r1, r2 = k11 + k12, k12 + k22
        loose = r1 * r1 * s11[j] + 2.0 * r1 * r2 * s12[j] + r2 * r2 * s22[j]
        for e in range(point.size):
            loose -= 2.0 * w * point[e] * (r1 * sb1[j, e] + r2 * sb2[j, e])
            for f in range(point.size):
                loose += w * w * point[e] * point[f] * sbb[j, e, f]
        known += w * bd * bd / (1.0 + max(loose, 0.0) / max(w, 1e-12))
        slope += r1 * sb1[j, d] + r2 * sb2[j, d] - bd * (p1 + p2) - w * spread
        curve += w * (bd * bd + sbb[j, d, d])
    return slope, curve, known


@compiled
def update_paths(
    path_ptr: Any,
    node_ptr: Any,
    item: Any,
    y: Any,
    prior: Any,
    step: Any,
    drift: Any,
    texts: Any,
    d: int,
    theta: Any,
    var: Any,
    work: Any,
) -> float:
    """Move dimension ``d`` of every member's path one step to its optimum given the texts.

    Parameters
    ----------
    path_ptr, node_ptr : int64 arrays
        Nodes of each path, and votes of each node.
    item, y : arrays, shape (n_votes,)
        Text and vote, by node.
    prior : float64 array, shape (n_paths, 2)
        Mean and variance of the first node of each path.
    step : float64 array, shape (n_nodes,)
        Variance of the walk from the node before; not used at the first node of a path.
    drift : float64 array, shape (n_nodes, D)
        Mean of that step.
    texts : tuple of arrays
        As in `sum_node`.
    d : int
        Which dimension.
    theta, var : float64 arrays, shape (n_nodes, D)
        Means and variances, written in place.
    work : float64 array, shape (5, n_nodes)
        Work space; afterwards row 2 has the covariance with the node before.

    Returns
    -------
    float
        The largest change.
    """
    most = 0.0
    diag, rhs, info = work[0], work[1], work[3]
    for p in range(path_ptr.size - 1):
        start, stop = path_ptr[p], path_ptr[p + 1]
        for n in range(start, stop):
            slope, curve, known = sum_node(
                node_ptr[n], node_ptr[n + 1], item, y, texts, d, theta[n]
            )
            diag[n], info[n] = curve, known
            rhs[n] = slope + curve * theta[n, d]
        add_walk(start, stop, prior[p], step, drift, d, diag, rhs)
        add_walk(start, stop, prior[p], step, drift, d, info, work[4])
        most = max(most, _solve_path(start, stop, step, d, theta, work))
        _invert_path(start, stop, step, d, var, info, work[2])
    return most


@compiled
def add_walk(
    start: int, stop: int, prior: Any, step: Any, drift: Any, d: int, diag: Any, rhs: Any
) -> None:
    """Add a random walk: its precision to the diagonal, its first mean and drift to ``rhs``."""
    diag[start] += 1.0 / prior[1]
    rhs[start] += prior[0] / prior[1]
    for n in range(start + 1, stop):
        diag[n] += 1.0 / step[n]
        diag[n - 1] += 1.0 / step[n]
        rhs[n] += drift[n, d] / step[n]
        rhs[n - 1] -= drift[n, d] / step[n]


@compiled
def _solve_path(start: int, stop: int, step: Any, d: int, theta: Any, work: Any) -> float:
    """Solve one tridiagonal system and move the points towards it; return the largest change."""
    diag, rhs, pivot = work[0], work[1], work[2]
    pivot[start] = diag[start]
    for n in range(start + 1, stop):
        ratio = 1.0 / (step[n] * pivot[n - 1])
        pivot[n] = diag[n] - ratio / step[n]
        rhs[n] += ratio * rhs[n - 1]
    most, ahead = 0.0, 0.0
    for n in range(stop - 1, start - 1, -1):
        if n + 1 < stop:
            rhs[n] += ahead / step[n + 1]
        ahead = rhs[n] / pivot[n]
        change = min(max(ahead - theta[n, d], -FARTHEST), FARTHEST)
        theta[n, d] += change
        most = max(most, abs(change))
    return most


@compiled
def _invert_path(start: int, stop: int, step: Any, d: int, var: Any, diag: Any, joint: Any) -> None:
    """Write the variances and the covariances with the node before, of a tridiagonal precision."""
    joint[start] = diag[start]
    for n in range(start + 1, stop):
        joint[n] = diag[n] - 1.0 / (step[n] ** 2 * joint[n - 1])
    behind = 0.0  # what the nodes ahead take off the diagonal
    for n in range(stop - 1, start - 1, -1):
        var[n, d] = 1.0 / (joint[n] - behind)
        if n + 1 < stop:
            joint[n + 1] = var[n + 1, d] / (step[n + 1] * joint[n])
        behind = 1.0 / (step[n] ** 2 * (diag[n] - behind)) if n > start else 0.0
    joint[start] = 0.0


@compiled
def step_text(grad: Any, hess: Any, centre: Any, spread: Any, psi: Any, inverse: Any) -> float:
    """Move one text's parameters by one Newton step under its prior; return the largest change."""
    size = psi.size
    most = 0.0
    for k in range(size):
        grad[k] += (centre[k] - psi[k]) / spread[k]
        hess[k, k] += 1.0 / spread[k]
    hess[size - 1, size - 1] = max(hess[size - 1, size - 1], 1.0 / spread[size - 1])
    inverse[:] = np.linalg.inv(hess)
    for k in range(size):
        change = 0.0
        for m in range(size):
            change += inverse[k, m] * grad[m]
        change = min(max(change, -FARTHEST), FARTHEST)
        psi[k] += change
        most = max(most, abs(change))
    return most


@compiled
def update_texts(
    item_ptr: Any,
    node: Any,
    y: Any,
    theta: Any,
    var: Any,
    centre: Any,
    spread: Any,
    psi: Any,
    cov: Any,
) -> float:
    """Move every text's parameters one step to their optimum given the members; return the most.

    Parameters
    ----------
    item_ptr : int64 array
        Votes of each text.
    node, y : arrays, shape (n_votes,)
        Node and vote, by text.
    theta, var : float64 arrays, shape (n_nodes, D)
        Means and variances of the points.
    centre, spread : float64 arrays, shape (D + 2,)
        Mean and variance of the texts' parameters.
    psi : float64 array, shape (n_texts, D + 2)
        ``b, c1, log(c2 - c1)``, written in place.
    cov : float64 array, shape (n_texts, D + 2, D + 2)
        Their covariance, written.
    """
    dims = theta.shape[1]
    size = dims + 2
    most = 0.0
    grad = np.zeros(size)
    hess = np.zeros((size, size))
    for j in range(item_ptr.size - 1):
        sum_text(item_ptr[j], item_ptr[j + 1], node, y, theta, var, psi[j], grad, hess)
        most = max(most, step_text(grad, hess, centre, spread, psi[j], cov[j]))
    return most


@compiled
def sum_text(
    first: int, last: int, node: Any, y: Any, theta: Any, var: Any, psi: Any, grad: Any, hess: Any
) -> float:
    """Sum slope and minus curvature of one text's votes; return their log-likelihood."""
    log, product = 0.0, 1.0
    dims = theta.shape[1]
    size = dims + 2
    grad[:] = 0.0
    hess[:] = 0.0
    low = psi[dims]
    gap = math.exp(psi[dims + 1])
    for v in range(first, last):
        n = node[v]
        eta = 0.0
        for e in range(dims):
            eta += psi[e] * theta[n, e]
        chance, p1, p2, k11, k12, k22 = derive_vote(y[v], low - eta, low + gap - eta)
        product *= chance
        if product < SMALL:
            log += math.log(product)
            product = 1.0
        both, w, r2 = p1 + p2, k11 + 2.0 * k12 + k22, k12 + k22
        for e in range(dims):
            grad[e] -= theta[n, e] * both + w * psi[e] * var[n, e]
            for f in range(e + 1):
                hess[e, f] += w * theta[n, e] * theta[n, f]
            hess[e, e] += w * var[n, e]
            hess[dims, e] -= w * theta[n, e]
            hess[dims + 1, e] -= r2 * gap * theta[n, e]
        grad[dims] += both
        grad[dims + 1] += p2 * gap
        hess[dims, dims] += w
        hess[dims + 1, dims] += r2 * gap
        hess[dims + 1, dims + 1] += k22 * gap * gap - p2 * gap
    for e in range(size):
        for f in range(e):
            hess[f, e] = hess[e, f]
    return log + math.log(product)


@compiled
def score_votes(node_ptr: Any, item: Any, y: Any, theta: Any, b: Any, c1: Any, c2: Any) -> Any:
    """Log-likelihood of each vote, and whether it was the likeliest; (2, n_votes), by node."""
    out = np.zeros((2, item.size))
    for n in range(node_ptr.size - 1):
        for v in range(node_ptr[n], node_ptr[n + 1]):
            eta = 0.0
            for e in range(b.shape[1]):
                eta += b[item[v], e] * theta[n, e]
            x1, x2 = c1[item[v]] - eta, c2[item[v]] - eta
            own = log_vote(y[v], x1, x2)
            out[0, v], out[1, v] = own, 1.0
            for k in range(1, 4):
                if k != y[v] and log_vote(k, x1, x2) > own:
                    out[1, v] = 0.0
    return out


@compiled
def slopes(node_ptr: Any, item: Any, y: Any, theta: Any, b: Any, c1: Any, c2: Any) -> Any:
    """Slope and minus curvature of each vote by its utility, shape (2, n_votes), by node."""
    out = np.zeros((2, item.size))
    for n in range(node_ptr.size - 1):
        for v in range(node_ptr[n], node_ptr[n + 1]):
            eta = 0.0
            for e in range(b.shape[1]):
                eta += b[item[v], e] * theta[n, e]
            _, p1, p2, k11, k12, k22 = derive_vote(y[v], c1[item[v]] - eta, c2[item[v]] - eta)
            out[0, v], out[1, v] = -(p1 + p2), k11 + 2.0 * k12 + k22
    return out


@compiled
def fit_text(
    node: Any,
    y: Any,
    theta: Any,
    var: Any,
    centre: Any,
    spread: Any,
    out: int,
    psi: Any,
    inverse: Any,
) -> None:
    """Fit one text to its votes but that at place ``out`` (-1: to all), from where ``psi`` is.

    Parameters
    ----------
    node, y : arrays, shape (n_voters,)
        Node and vote of each voter.
    theta, var : float64 arrays, shape (n_nodes, D)
        Means and variances of the points.
    centre, spread : float64 arrays, shape (D + 2,)
        Mean and variance of texts' parameters beforehand.
    out : int
        The voter that is left out.
    psi, inverse : float64 arrays, shape (D + 2,) and (D + 2, D + 2)
        Mean and covariance, written in place.
    """
    size = psi.size
    grad, own = np.zeros(size), np.zeros(size)
    hess, its = np.zeros((size, size)), np.zeros((size, size))
    for _ in range(TURNS):
        sum_text(0, node.size, node, y, theta, var, psi, grad, hess)
        if out >= 0:
            sum_text(out, out + 1, node, y, theta, var, psi, own, its)
            grad -= own
            hess -= its
        if step_text(grad, hess, centre, spread, psi, inverse) < NEAR:
            break


@compiled
def predict_text(
    node: Any, y: Any, theta: Any, centre: Any, spread: Any, psi: Any, chances: Any
) -> None:
    """Write the probabilities (n_voters, 3) of each vote on a text by the text's other voters.

    ``psi`` is where the fit to all begins. What is not known of the text widens the error of the
    vote; what is not known of the members does not, as it has flattened the text's slope already:
    to count it twice makes votes foretold too unsure.
    """
    var = np.zeros_like(theta)
    inverse = np.zeros((psi.size, psi.size))
    fit_text(node, y, theta, var, centre, spread, -1, psi, inverse)
    for i in range(node.size):
        own = psi.copy()
        fit_text(node, y, theta, var, centre, spread, i, own, inverse)
        weigh_vote(own, inverse, theta[node[i]], chances[i])


@compiled
def weigh_vote(psi: Any, cov: Any, point: Any, chances: Any) -> None:
    """Write the probabilities of yes, abstain and no of one voter on one text."""
    dims = point.size
    gap = math.exp(psi[dims + 1])
    eta = 0.0
    jacobian = np.zeros((2, dims + 2))
    for e in range(dims):
        eta += psi[e] * point[e]
        jacobian[0, e] = jacobian[1, e] = -point[e]
    jacobian[0, dims] = jacobian[1, dims] = 1.0
    jacobian[1, dims + 1] = gap
    below = np.zeros(2)
    for k in range(2):
        spread = 1.0
        for a in range(dims + 2):
            for b in range(dims + 2):
                spread += jacobian[k, a] * cov[a, b] * jacobian[k, b]
        cut = psi[dims] + k * gap - eta
        below[k] = 0.5 * math.erfc(-cut / math.sqrt(spread) * HALF)
    chances[0] = max(below[0], LEAST)
    chances[1] = max(below[1] - below[0], LEAST)
    chances[2] = max(1.0 - below[1], LEAST)
    chances /= chances.sum()


@compiled
def draw_above(low: float, rng: Any) -> float:
    """Draw from the standard normal above ``low`` (Robert 1995, Statistics and Computing 5)."""
    if low < 0.5:
        while True:
            z = rng.standard_normal()
            if z > low:
                return z
    rate = 0.5 * (low + math.sqrt(low * low + 4.0))
    while True:
        z = low - math.log(1.0 - rng.random()) / rate
        if rng.random() < math.exp(-0.5 * (z - rate) ** 2):
            return z


@compiled
def draw_between(low: float, high: float, rng: Any) -> float:
    """Draw from the standard normal between two points."""
    if low > 0.0 or high < 0.0:
        near, far = (low, high) if low > 0.0 else (-high, -low)
        sign = 1.0 if low > 0.0 else -1.0
        if near * (far - near) > 2.0:  # the upper end hardly matters
            while True:
                z = draw_above(near, rng)
                if z < far:
                    return sign * z
        while True:
            z = near + (far - near) * rng.random()
            if rng.random() < math.exp(0.5 * (near * near - z * z)):
                return sign * z
    if high - low > 2.0:
        while True:
            z = rng.standard_normal()
            if low < z < high:
                return z
    while True:
        z = low + (high - low) * rng.random()
        if rng.random() < math.exp(-0.5 * z * z):
            return z


@compiled
def draw_utility(y: int, x1: float, x2: float, rng: Any) -> float:
    """Draw the error of a vote's utility given the vote; cut points less ``b theta``."""
    if y == 1:
        return -draw_above(-x1, rng)
    if y == 3:
        return draw_above(x2, rng)
    return draw_between(x1, x2, rng)


@compiled
def draw_points_bsv(
    node_ptr: Any,
    item: Any,
    y: Any,
    b: Any,
    c1: Any,
    c2: Any,
    prior: Any,
    spread: Any,
    theta: Any,
    mean: Any,
    rng: Any,
) -> None:
    """Draw every point from its conditional given fresh utilities, by the rule of ``bsv``.

    Parameters
    ----------
    node_ptr, item, y : arrays
        Votes by node.
    b, c1, c2 : float64 arrays, shape (n_texts,)
        Texts.
    prior : int64 array, shape (n_nodes,)
        Node whose conditional mean of the last sweep is the prior's mean; -1: zero.
    spread : float64 array, shape (n_nodes,)
        Variance of the prior.
    theta, mean : float64 arrays, shape (n_nodes,)
        Points and conditional means, written in place.
    rng : numpy Generator
    """
    before = mean.copy()
    for n in range(theta.size):
        precision = 1.0 / spread[n]
        total = precision * before[prior[n]] if prior[n] >= 0 else 0.0
        for v in range(node_ptr[n], node_ptr[n + 1]):
            j = item[v]
            eta = b[j] * theta[n]
            total += b[j] * (eta + draw_utility(y[v], c1[j] - eta, c2[j] - eta, rng))
            precision += b[j] * b[j]
        mean[n] = total / precision
        theta[n] = mean[n] + rng.standard_normal() / math.sqrt(precision)


@compiled
def add_text_prior(centre: Any, spread: Any, bound: float, psi: Any, grad: Any, hess: Any) -> float:
    """Add the prior of one text's parameters to slope and curvature; return its logarithm.

    Parameters with a finite ``spread`` are normal. With a finite ``bound`` both cut points are
    uniform within it; on the scale of ``log(c2 - c1)`` that is a slope of one.
    """
    size = psi.size
    log = 0.0
    for k in range(size):
        if np.isfinite(spread[k]):
            off = psi[k] - centre[k]
            log -= 0.5 * off * off / spread[k]
            grad[k] -= off / spread[k]
            hess[k, k] += 1.0 / spread[k]
    if np.isfinite(bound):
        if psi[size - 2] < -bound or psi[size - 2] + math.exp(psi[size - 1]) > bound:
            return -np.inf
        log += psi[size - 1]
        grad[size - 1] += 1.0
    return log


@compiled
def propose_text(grad: Any, hess: Any, psi: Any, mean: Any, root: Any) -> None:
    """Write mean and Cholesky factor of the precision of a text's local normal approximation.

    The distance of the cut points is no concave parameter: given the others its precision is
    taken to be at least ``LOOSEST``.
    """
    size = psi.size
    top = size - 1
    held = hess[top, :top] @ np.linalg.solve(hess[:top, :top].copy(), hess[:top, top].copy())
    hess[top, top] = max(hess[top, top], held + LOOSEST)
    root[:] = np.linalg.cholesky(hess)
    mean[:] = np.linalg.solve(hess, grad)
    for k in range(size):
        mean[k] = psi[k] + min(max(mean[k], -FARTHEST), FARTHEST)


@compiled
def log_normal(x: Any, mean: Any, root: Any) -> float:
    """Log-density, but for a constant, of a normal whose precision has the factor ``root``."""
    off = root.T @ (x - mean)
    log = -0.5 * (off @ off)
    for k in range(x.size):
        log += math.log(root[k, k])
    return log


@compiled
def draw_texts(
    item_ptr: Any,
    node: Any,
    y: Any,
    theta: Any,
    centre: Any,
    spread: Any,
    bound: float,
    psi: Any,
    rng: Any,
) -> int:
    """Move every text by one Metropolis-Hastings step from its local normal; return how many moved.

    The proposal at the text as it is and that at the text as proposed are both taken into account,
    so that the posterior is kept exactly.
    """
    size = psi.shape[1]
    var = np.zeros_like(theta)
    grad, hess = np.zeros(size), np.zeros((size, size))
    mean, root = np.zeros(size), np.zeros((size, size))
    back, root_back = np.zeros(size), np.zeros((size, size))
    moved = 0
    for j in range(item_ptr.size - 1):
        own = psi[j]
        log = sum_text(item_ptr[j], item_ptr[j + 1], node, y, theta, var, own, grad, hess)
        log += add_text_prior(centre, spread, bound, own, grad, hess)
        propose_text(grad, hess, own, mean, root)
        normal = np.empty(size)
        for k in range(size):
            normal[k] = rng.standard_normal()
        new = mean + np.linalg.solve(root.T, normal)
        if abs(new[size - 1]) > WIDEST:
            continue
        other = sum_text(item_ptr[j], item_ptr[j + 1], node, y, theta, var, new, grad, hess)
        other += add_text_prior(centre, spread, bound, new, grad, hess)
        if not np.isfinite(other):
            continue
        propose_text(grad, hess, new, back, root_back)
        ratio = other - log + log_normal(own, back, root_back) - log_normal(new, mean, root)
        if math.log(1.0 - rng.random()) < ratio:
            psi[j] = new
            moved += 1
    return moved


@compiled
def judge_node(
    first: int, last: int, item: Any, y: Any, b: Any, c1: Any, c2: Any, d: int, point: Any
) -> tuple[float, float, float]:
    """Log-likelihood, slope and minus curvature of one node's votes by dimension ``d``."""
    log, product, slope, curve = 0.0, 1.0, 0.0, 0.0
    for v in range(first, last):
        j = item[v]
        eta = 0.0
        for e in range(point.size):
            eta += b[j, e] * point[e]
        chance, p1, p2, k11, k12, k22 = derive_vote(y[v], c1[j] - eta, c2[j] - eta)
        product *= chance
        if product < SMALL:
            log += math.log(product)
            product = 1.0
        slope -= b[j, d] * (p1 + p2)
        curve += b[j, d] * b[j, d] * (k11 + 2.0 * k12 + k22)
    return log + math.log(product), slope, curve


@compiled
def judge_path(
    start: int,
    stop: int,
    node_ptr: Any,
    item: Any,
    y: Any,
    prior: Any,
    step: Any,
    drift: Any,
    b: Any,
    c1: Any,
    c2: Any,
    d: int,
    theta: Any,
    work: Any,
) -> float:
    """Return the log-posterior of one path, and write its local normal approximation.

    ``work`` (4, n_nodes): diagonal of the precision, mean, pivots and multipliers of its factor.
    """
    diag, rhs, pivot = work[0], work[1], work[2]
    log = 0.0
    for n in range(start, stop):
        own, slope, curve = judge_node(
            node_ptr[n], node_ptr[n + 1], item, y, b, c1, c2, d, theta[n]
        )
        log += own
        diag[n], rhs[n] = curve, slope + curve * theta[n, d]
        if n == start:
            log -= 0.5 * (theta[n, d] - prior[0]) ** 2 / prior[1]
        else:
            log -= 0.5 * (theta[n, d] - theta[n - 1, d] - drift[n, d]) ** 2 / step[n]
    add_walk(start, stop, prior, step, drift, d, diag, rhs)
    pivot[start] = diag[start]
    for n in range(start + 1, stop):
        ratio = 1.0 / (step[n] * pivot[n - 1])
        pivot[n] = diag[n] - ratio / step[n]
        rhs[n] += ratio * rhs[n - 1]
    for n in range(stop - 1, start - 1, -1):
        if n + 1 < stop:
            rhs[n] += rhs[n + 1] / step[n + 1]
        rhs[n] /= pivot[n]
    return log


@compiled
def log_path(start: int, stop: int, step: Any, d: int, theta: Any, work: Any) -> float:
    """Log-density, but for a constant, of a path under a local normal from `judge_path`."""
    mean, pivot = work[1], work[2]
    log = 0.0
    for n in range(start, stop):
        off = theta[n, d] - mean[n]
        if n + 1 < stop:
            off -= (theta[n + 1, d] - mean[n + 1]) / (step[n + 1] * pivot[n])
        log += 0.5 * (math.log(pivot[n]) - pivot[n] * off * off)
    return log


@compiled
def draw_paths(
    path_ptr: Any,
    node_ptr: Any,
    item: Any,
    y: Any,
    prior: Any,
    step: Any,
    drift: Any,
    b: Any,
    c1: Any,
    c2: Any,
    d: int,
    theta: Any,
    works: Any,
    rng: Any,
) -> int:
    """Move every path by one Metropolis-Hastings step from its local normal; return how many did.

    Parameters
    ----------
    path_ptr, node_ptr, item, y, prior, step, drift
        As in `update_paths`.
    b, c1, c2 : float64 arrays
        Texts.
    d : int
        Which dimension is moved.
    theta : float64 array, shape (n_nodes, D)
        Points, written in place.
    works : float64 array, shape (2, 3, n_nodes)
        Work space.
    rng : numpy Generator
    """
    here, there = works[0], works[1]
    new = theta.copy()
    moved = 0
    for p in range(path_ptr.size - 1):
        start, stop = path_ptr[p], path_ptr[p + 1]
        log = judge_path(
            start, stop, node_ptr, item, y, prior[p], step, drift, b, c1, c2, d, theta, here
        )
        for n in range(stop - 1, start - 1, -1):
            off = rng.standard_normal() / math.sqrt(here[2, n])
            if n + 1 < stop:
                off += (new[n + 1, d] - here[1, n + 1]) / (step[n + 1] * here[2, n])
            new[n, d] = here[1, n] + off
        forth = log_path(start, stop, step, d, new, here)
        other = judge_path(
            start, stop, node_ptr, item, y, prior[p], step, drift, b, c1, c2, d, new, there
        )
        back = log_path(start, stop, step, d, theta, there)
        if math.log(1.0 - rng.random()) < other - log + back - forth:
            theta[start:stop, d] = new[start:stop, d]
            moved += 1
        else:
            new[start:stop, d] = theta[start:stop, d]
    return moved


@compiled
def judge_texts(item_ptr: Any, node: Any, y: Any, which: Any, theta: Any, psi: Any) -> float:
    """Log-likelihood of all votes on the texts ``which``."""
    dims = theta.shape[1]
    log, product = 0.0, 1.0
    for j in which:
        low = psi[j, dims]
        high = low + math.exp(psi[j, dims + 1])
        for v in range(item_ptr[j], item_ptr[j + 1]):
            eta = 0.0
            for e in range(dims):
                eta += psi[j, e] * theta[node[v], e]
            if y[v] == 1:
                chance = tail_ratio(low - eta)[0]
            elif y[v] == 3:
                chance = tail_ratio(eta - high)[0]
            else:
                chance = derive_vote(2, low - eta, high - eta)[0]
            product *= chance
            if product < SMALL:
                log += math.log(product)
                product = 1.0
    return log + math.log(product)
