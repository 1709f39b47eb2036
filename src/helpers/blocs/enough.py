"""One rule for too few votes: below it there are no blocs, flows, p-values or probabilities."""

from __future__ import annotations

from typing import Final

import numpy as np

from helpers.ballots import Ballots
from helpers.blocs.constants import CONSTANTS

LEAST_MEMBERS: Final = 2 * (CONSTANTS.isolate + 1)
"""Fewest members that can be in two blocs which are more than isolates."""

_BLOCKS: Final = {"agenda": "agenda items", "day": "days", "roll_call": "roll calls"}
_END: Final = "the pattern is all there is"


def say_too_few(ballots: Ballots) -> str:
    """Say why ballots are too few to look for blocs; empty where they are enough.

    Answers: can these votes tell blocs from chance, and a sure member from an unsure one?

    Parameters
    ----------
    ballots : Ballots
        Votes of the members that would be in blocs.

    Returns
    -------
    str
        One clause that a page can show. Roll calls that are equal in every member's vote count
        once. The numbers come from simulations: see "Too few votes" in ``docs/blocs.md``.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> say_too_few(ballots_from_matrix([[1] * 6, [3] * 6], members=list("ABCDEF")))
    '2 votes: the pattern is all there is'
    """
    votes, members = ballots.votes.shape
    if members < LEAST_MEMBERS:
        count = f"{members} member{'' if members == 1 else 's'}"
        return f"{count} with votes enough: blocs need {LEAST_MEMBERS} or more"
    if votes < CONSTANTS.least_votes:
        return f"{votes} vote{'' if votes == 1 else 's'}: {_END}"
    different = len(np.unique(ballots.votes, axis=0))
    if different < CONSTANTS.least_votes:
        alike = "all of one pattern" if different == 1 else f"{different} of them different"
        return f"{votes} votes, {alike}: {_END}"
    if ballots.n_blocks < CONSTANTS.least_blocks:
        kind = _BLOCKS[ballots.block_kind]
        kind = kind if ballots.n_blocks > 1 else kind.removesuffix("s")
        return f"{votes} votes of {ballots.n_blocks} {kind}: {_END}"
    return ""
