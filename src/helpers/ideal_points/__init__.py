"""Ideal points: where every member stands over time, by a dynamic ordinal model of its votes."""

from helpers.ideal_points.estimate import ESTIMATORS, IdealPoints, estimate_points
from helpers.ideal_points.layout import PERIOD_KINDS
from helpers.ideal_points.predict import Predictions, predict_votes
from helpers.ideal_points.presets import PRESETS
from helpers.ideal_points.simulate import KnownPoints, simulate_points
from helpers.ideal_points.steps import Step, test_step

__all__ = [
    "ESTIMATORS",
    "PERIOD_KINDS",
    "PRESETS",
    "IdealPoints",
    "KnownPoints",
    "Predictions",
    "Step",
    "estimate_points",
    "predict_votes",
    "simulate_points",
    "test_step",
]
