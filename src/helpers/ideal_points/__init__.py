"""Ideal points: where every member stands over time, by a dynamic ordinal model of its votes."""

from helpers.ideal_points.estimate import ESTIMATORS, IdealPoints, estimate_points
from helpers.ideal_points.layout import PERIOD_KINDS
from helpers.ideal_points.predict import Predictions, predict_votes
from helpers.ideal_points.presets import PRESETS
from helpers.ideal_points.simulate import KnownPoints, simulate_points

__all__ = [
    "ESTIMATORS",
    "PERIOD_KINDS",
    "PRESETS",
    "IdealPoints",
    "KnownPoints",
    "Predictions",
    "estimate_points",
    "predict_votes",
    "simulate_points",
]
