"""Fits how the network, the rules and the known captions are combined, and what the result is worth.

The same computation as `src/classify/mixture.rs`, which the example `accuracy` measures with the models of the folds.
"""

import numpy as np
from scipy.optimize import minimize

from network import softmax

PASS_PRECISION = 0.995
"""How many of the labels that pass without a reviewer are right, in sources that the network has not seen."""
FLOOR = 1e-9


def candidates(evidence, log_shares, rows, sides):
    """The values of the mixture for each row: log share, other side, rule (any, two words, condition, covered), second rule,
    caption, ambiguous caption."""
    values = np.zeros((len(rows), 9), np.float32)
    values[:, 0] = log_shares
    values[:, 1] = (evidence.sides != 0) & ((sides & evidence.sides) == 0)
    at = {row: index for index, row in enumerate(rows)}
    for place, (row, _, words, conditions, _) in enumerate(evidence.rules[:2]):
        if row not in at:
            continue
        if place == 0:
            values[at[row], 2:6] = 1, words >= 2, conditions > 0, words / max(1, evidence.words)
        else:
            values[at[row], 6] = 1
    if evidence.caption and evidence.caption[0] in at:
        values[at[evidence.caption[0]], 8 if evidence.caption[1] else 7] = 1
    return values


def allowed(evidence, sides):
    own = evidence.sides
    within = own != 0 and own <= 7
    return (own == 0) | ((sides & own) != 0) | (within & ((sides & 7) != 0))


def log_shares(scores, may):
    shares = softmax(np.where(may, scores, -1e4))
    return np.where(may, np.log(np.maximum(shares, FLOOR)), np.log(FLOOR)).astype(np.float32)


def fit(values, may, right, strength=1e-3):
    """Weights that make the right row likeliest."""
    possible = may[np.arange(len(right)), right]
    values, may, right = values[possible].astype(float), may[possible], right[possible]
    count = len(right)

    def loss(weights):
        scores = np.where(may, values @ weights, -1e4)
        shares = softmax(scores)
        cost = -np.log(shares[np.arange(count), right]).mean() + strength * weights @ weights
        slope = np.einsum("nrv,nr->v", values, shares) / count - values[np.arange(count), right].mean(0)
        return cost, slope + 2 * strength * weights

    start = np.zeros(values.shape[2])
    start[0] = 1
    return minimize(loss, start, jac=True, method="L-BFGS-B").x


def signs(evidence, shares, rows, known):
    """The signs of certainty of the likeliest row."""
    order = np.argsort(-shares, kind="stable")
    best, next_ = np.log(max(shares[order[0]], FLOOR)), np.log(max(shares[order[1]], FLOOR))
    rest = np.log(max(1 - shares[order[0]], FLOOR))
    row = rows[order[0]]
    rule = evidence.rules[0][0] if evidence.rules else None
    caption = evidence.caption[0] if evidence.caption else None
    return [
        np.clip(best - rest, -8, 8), np.clip(best - next_, 0, 8), known, rule == row, rule not in (None, row),
        caption == row, caption not in (None, row), evidence.headings == 0, evidence.words <= 1, 1.0,
    ]


def fit_certainty(values, right, strength=1.0):
    """Logistic regression of being right on the signs."""
    values, right = np.asarray(values, float), np.asarray(right, float)

    def loss(weights):
        scores = values @ weights
        cost = (np.logaddexp(0, scores) - right * scores).sum() + strength * weights[:-1] @ weights[:-1]
        slope = values.T @ (1 / (1 + np.exp(-scores)) - right)
        slope[:-1] += 2 * strength * weights[:-1]
        return cost, slope

    return minimize(loss, np.zeros(values.shape[1]), jac=True, method="L-BFGS-B").x


def passes(probabilities, right):
    """The probability from which on `PASS_PRECISION` of the labels are right."""
    order = np.argsort(-probabilities, kind="stable")
    precision = np.cumsum(np.asarray(right)[order]) / np.arange(1, len(order) + 1)
    enough = np.nonzero(precision >= PASS_PRECISION)[0]
    return float(np.clip(probabilities[order][enough[-1]], 0.7, 0.99)) if len(enough) else 0.99
