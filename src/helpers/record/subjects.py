"""What a vote was about: six subject codes, inferred where nobody coded them, and free words.

The codes (`helpers.record.tables.ISSUES`) are those of Voeten's data and of the R package unvotes.
For a roll call that they do not cover they are inferred from title and agenda item in three steps:

1. a title that has been coded gets the codes that it has in most of the sessions that coded it;
2. any other title gets the codes for which a logistic regression on its words says more than 0.5;
3. rules, each with its reason (``data/subject_rules.csv``), mend what the coders left out or took
   from a word alone.

Weights and coded titles (as hashes) are in ``data/subject_model.npz``: numbers computed from the
CC0 data of unvotes, so that a user who has the Library's file only has subjects too. How good it is
and how it was made: ``docs/subjects.md``.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from helpers.errors import ParameterError
from helpers.record.tables import ISSUES

UNSOUND_SESSIONS: Final = (73, 74)
"""Not learnt from: many yearly texts are blank in both, and in 74 ``co`` repeats ``di``."""

_PENALTY: Final = 1.0
_LEAST_TITLES: Final = 2
_STEM: Final = 6
_CODES: Final = tuple(ISSUES)
_ENDING: Final = re.compile(r"\s*:\s*(?:resolutions?|decisions?)\b.*", re.IGNORECASE | re.DOTALL)
_REFERENCE: Final = re.compile(r"\b[AS]/\S+|\d+")
_STOP: Final = frozenset(
    {"the", "of", "and", "in", "to", "on", "a", "for", "by", "with", "from", "as", "at", "an"}
    | {"or", "its"}
)


# ----------------------------------------------------------------------------- the six codes


@dataclass(frozen=True)
class SubjectModel:
    """Words and their weights, and the titles that were coded.

    Attributes
    ----------
    features : dict of str to int
        Row of ``weights`` for each feature: ``t:`` a word of the title, ``t2:`` two in a row,
        ``w:`` a word of title or agenda (words cut to six letters).
    weights : numpy.ndarray
        Shape (features, 6), in the order of `helpers.record.tables.ISSUES`.
    intercepts : numpy.ndarray
        Shape (6,).
    repeats : dict of int to int
        Hash of a title to its codes, one bit a code.
    """

    features: dict[str, int]
    weights: np.ndarray
    intercepts: np.ndarray
    repeats: dict[int, int]

    def infer(self, title: str, agenda: str) -> str:
        """Return the codes of one text, joined by spaces."""
        bits = self.repeats.get(_hash_title(title))
        if bits is None:
            rows = [self.features[f] for f in _features(title, agenda) if f in self.features]
            scores = self.weights[rows].sum(axis=0) + self.intercepts
            bits = sum(1 << i for i, score in enumerate(scores) if score > 0)
        bits = _mend(bits, title, agenda)
        return " ".join(code for i, code in enumerate(_CODES) if bits >> i & 1)


@dataclass(frozen=True)
class _Rule:
    """One row of ``subject_rules.csv``; codes as bits."""

    in_agenda: bool
    words: re.Pattern[str]
    unless: re.Pattern[str] | None
    add: int
    drop: int

    def fits(self, title: str, both: str) -> bool:
        text = both if self.in_agenda else title
        return bool(self.words.search(text)) and not (self.unless and self.unless.search(text))


@cache
def _rules() -> tuple[_Rule, ...]:
    with (resources.files("helpers") / "data" / "subject_rules.csv").open("rb") as file:
        table = pd.read_csv(file, dtype="str", keep_default_na=False)
    columns = (table[name] for name in ("where", "words", "unless", "add", "drop"))
    return tuple(
        _Rule(
            where == "both",
            re.compile(words),
            re.compile(unless) if unless else None,
            _pack(add),
            _pack(drop),
        )
        for where, words, unless, add, drop in zip(*columns, strict=True)
    )


def _pack(codes: str) -> int:
    """Return codes as one bit each."""
    return sum(1 << _CODES.index(code) for code in codes.split())


def _mend(bits: int, title: str, agenda: str) -> int:
    """Apply the rules to the codes of one text, in the order of the file."""
    plain = _plain(_ENDING.sub("", title))
    both = f"{plain} | {_plain(agenda)}"
    for rule in _rules():
        if rule.fits(plain, both):
            bits = (bits | rule.add) & ~rule.drop
    return bits


def infer_issues(title: pd.Series, agenda: pd.Series) -> pd.Series:
    """Infer the six subject codes from title and agenda item.

    Answers: what are these roll calls of the General Assembly about, by the definitions of the six
    codes and the customs of their coders? Precision and recall per code and decade are in
    ``docs/subjects.md``; mark the result as inferred.

    Parameters
    ----------
    title, agenda : Series of str, length n
        As in the table ``roll_calls``; a missing agenda is an empty one.

    Returns
    -------
    Series of str, length n
        Codes out of ``me nu di hr co ec`` joined by spaces; ``""`` for none of them; NA where the
        title is missing.

    Examples
    --------
    >>> infer_issues(pd.Series(["The right to development"]), pd.Series([None])).tolist()
    ['hr ec']
    """
    texts = pd.DataFrame({"title": title.astype("str"), "agenda": agenda.astype("str").fillna("")})
    known = texts[texts["title"].notna()].drop_duplicates()
    model = load_model()
    pairs = known.itertuples(index=False, name=None)
    found = {(t, a): model.infer(t, a) for t, a in pairs}
    issues = [found.get((t, a)) for t, a in zip(texts["title"], texts["agenda"], strict=True)]
    return pd.Series(issues, index=title.index, dtype="str")


def fill_issues(roll_calls: pd.DataFrame) -> pd.DataFrame:
    """Infer the codes of the Assembly's roll calls that have none, and mark them.

    Parameters
    ----------
    roll_calls : DataFrame
        Columns ``body title agenda issues issues_from`` of the table ``roll_calls``.

    Returns
    -------
    DataFrame
        A copy; ``issues_from`` is ``inferred`` for the rows that were ``unknown`` and have a title.
        The Council's roll calls stay unknown: the codes were made for the Assembly.
    """
    open_rows = roll_calls["issues_from"].eq("unknown") & roll_calls["body"].eq("GA")
    open_rows &= roll_calls["title"].notna()
    filled = roll_calls.copy()
    chosen = roll_calls[open_rows]
    filled.loc[open_rows, "issues"] = infer_issues(chosen["title"], chosen["agenda"])
    filled.loc[open_rows, "issues_from"] = "inferred"
    return filled


@cache
def load_model() -> SubjectModel:
    """Return the model that comes with the package."""
    data = (resources.files("helpers") / "data" / "subject_model.npz").read_bytes()
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return SubjectModel(
            {name: i for i, name in enumerate(file["features"].tolist())},
            file["weights"].astype(np.float32),
            file["intercepts"],
            dict(zip(file["titles"].tolist(), file["codes"].tolist(), strict=True)),
        )


def write_model(model: SubjectModel, path: str | Path) -> None:
    """Write a model as npz (weights as float16, nothing pickled)."""
    np.savez_compressed(
        path,
        features=np.array(list(model.features)),
        weights=model.weights.astype(np.float16),
        intercepts=model.intercepts,
        titles=np.array(list(model.repeats), dtype=np.uint64),
        codes=np.array(list(model.repeats.values()), dtype=np.uint8),
    )


def fit_model(roll_calls: pd.DataFrame) -> SubjectModel:
    """Learn the codes from roll calls whose codes are known.

    Parameters
    ----------
    roll_calls : DataFrame
        Columns ``title agenda session date issues`` of the table ``roll_calls``; rows without
        title or issues are left out, and sessions in `UNSOUND_SESSIONS`.

    Returns
    -------
    SubjectModel
        The codes of each title in most of its sessions, and for each code a logistic regression on
        the presence of words (L2, C = 1), taught with those codes as the rules mend them. Sessions
        in `UNSOUND_SESSIONS` are not learnt from, nor is a session that left a title blank which
        most sessions coded. The same input gives the same model.

    Raises
    ------
    ParameterError
        A code never occurs or always does.
    """
    from sklearn.linear_model import LogisticRegression

    known = _coded(roll_calls)
    known = known[~known["number"].isin(UNSOUND_SESSIONS)]
    keys = known["title"].map(_hash_title)
    repeats = _agree_on_codes(keys, known)
    texts = zip(keys, known["title"], known["agenda"], strict=True)
    mended = np.array([_mend(repeats[key], title, agenda) for key, title, agenda in texts])
    bits = mended[:, None] >> np.arange(len(_CODES)) & 1
    features, matrix = _count_features(known)
    weights, intercepts = np.zeros((len(features), len(_CODES))), np.zeros(len(_CODES))
    for i, code in enumerate(_CODES):
        if len(np.unique(bits[:, i])) < 2:
            raise ParameterError(f"roll_calls: {code} must be known for some and not for others")
        method = LogisticRegression(C=_PENALTY, solver="liblinear", max_iter=2000)
        method.fit(matrix, bits[:, i])
        weights[:, i], intercepts[i] = method.coef_[0], method.intercept_[0]
    return SubjectModel(features, weights, intercepts, repeats)


def evaluate_subjects(checked: pd.DataFrame, model: SubjectModel | None = None) -> pd.DataFrame:
    """Measure how well codes are inferred, by subject and decade, against codes known for sure.

    Answers: of the texts on a subject, how many are found, and of those found, how many are?

    Parameters
    ----------
    checked : DataFrame
        Columns ``title agenda date codes`` (codes joined by spaces), one row a text.
    model : SubjectModel, optional
        Left out: the one that comes with the package.

    Returns
    -------
    DataFrame
        ``decade code precision recall f1 known inferred``, a row a code and decade (``1970s``),
        then for ``all`` decades each code and their mean (``macro``). Shares from 0 to 1, NaN
        where there is nothing to divide by; ``known`` and ``inferred`` count texts.
    """
    model = load_model() if model is None else model
    texts = zip(checked["title"], checked["agenda"].fillna(""), strict=True)
    found = _bits(pd.Series([model.infer(title, agenda) for title, agenda in texts]))
    truth = _bits(checked["codes"])
    years = pd.to_datetime(checked["date"]).dt.year.to_numpy()
    decades = (years // 10 * 10).astype("str").astype(object) + "s"
    rows = [
        _score(truth[decades == decade], found[decades == decade]).assign(decade=decade)
        for decade in sorted(set(decades))
    ]
    total = _score(truth, found)
    total.loc[len(total)] = {"code": "macro"} | total.drop(columns="code").mean().to_dict()
    columns = ["decade", "code", "precision", "recall", "f1", "known", "inferred"]
    return pd.concat([*rows, total.assign(decade="all")], ignore_index=True)[columns]


def _score(truth: np.ndarray, found: np.ndarray) -> pd.DataFrame:
    """Return precision, recall and F1 per code."""
    hits, known, inferred = (table.sum(axis=0) for table in (truth & found, truth, found))
    with np.errstate(invalid="ignore"):
        shares = {"precision": hits / inferred, "recall": hits / known}
        shares["f1"] = 2 * hits / (known + inferred)
    return pd.DataFrame(
        {"code": list(_CODES), **shares, "known": 1.0 * known, "inferred": 1.0 * inferred}
    )


def _coded(roll_calls: pd.DataFrame) -> pd.DataFrame:
    """Return the roll calls with a title and known codes, with the number of their session."""
    there = roll_calls["title"].notna() & roll_calls["issues"].notna()
    known = roll_calls.loc[there, ["title", "agenda", "session", "date", "issues"]]
    regular = known["session"].astype("str").str.extract(r"^(\d+)$", expand=False)
    number = pd.to_numeric(regular).fillna(known["date"].dt.year - 1945).astype(int)
    return known.assign(number=number, agenda=known["agenda"].fillna(""))


def _bits(issues: pd.Series) -> np.ndarray:
    """Return codes as a table of 0 and 1, shape (n, 6)."""
    lists = issues.str.split().tolist()
    return np.array([[code in codes for code in _CODES] for codes in lists], dtype=np.uint8)


def _count_features(known: pd.DataFrame) -> tuple[dict[str, int], Any]:
    """Return the features that occur in several titles, and their presence as a sparse matrix."""
    from scipy.sparse import csr_array

    texts = zip(known["title"], known["agenda"], strict=True)
    found = [sorted(_features(title, agenda)) for title, agenda in texts]
    names, counts = np.unique(np.concatenate(found), return_counts=True)
    features = {str(n): i for i, n in enumerate(names[counts >= _LEAST_TITLES])}
    rows = [[features[f] for f in row if f in features] for row in found]
    ends = np.cumsum([0, *map(len, rows)]).astype(np.int32)
    columns = np.concatenate(rows).astype(np.int32)
    shape = (len(rows), len(features))
    return features, csr_array((np.ones(len(columns)), columns, ends), shape=shape)


def _agree_on_codes(keys: pd.Series, known: pd.DataFrame) -> dict[int, int]:
    """Return for each title the codes that it has in half or more of the sessions that coded it.

    A session that left it blank counts only where most sessions did.
    """
    table = pd.DataFrame(_bits(known["issues"]), columns=list(_CODES), index=known.index)
    by_session = table.groupby([keys.rename("key"), known["number"]]).mean()
    coded = by_session.gt(0).any(axis=1)
    mostly = coded.groupby(level="key").transform("mean").gt(0.5)
    share = by_session[coded | ~mostly].groupby(level="key").mean().ge(0.5)
    codes = (share.to_numpy() << np.arange(len(_CODES))).sum(axis=1)
    return dict(zip(share.index.tolist(), codes.tolist(), strict=True))


def _words(text: str) -> list[str]:
    return [w[:_STEM] for w in re.findall(r"[a-z]+", _plain(text)) if w not in _STOP]


def _plain(text: str) -> str:
    """Return a text in lower case without accents."""
    split = unicodedata.normalize("NFKD", text)
    return "".join(c for c in split if not unicodedata.combining(c)).casefold()


def _features(title: str, agenda: str) -> set[str]:
    """Return the features of one text."""
    words = _words(_ENDING.sub("", title))
    pairs = itertools.pairwise(words)
    both = words + _words(_REFERENCE.sub(" ", agenda))
    singles = {f"t:{w}" for w in words} | {f"w:{w}" for w in both}
    return singles | {f"t2:{one}_{two}" for one, two in pairs}


def _hash_title(title: str) -> int:
    """Return 64 bits of a title's letters: numbers and years do not tell repeats apart."""
    letters = " ".join(re.findall(r"[a-z]+", _plain(_ENDING.sub("", title))))
    return int.from_bytes(hashlib.blake2b(letters.encode(), digest_size=8).digest(), "big")


# ----------------------------------------------------------------------------- free words


def match_words(roll_calls: pd.DataFrame, words: str) -> pd.Series:
    """Find the roll calls whose title or agenda item has certain words.

    Answers: which votes were about Ukraine? Case and accents do not matter. Where the agenda item
    of an emergency special session is missing, that of the session is used, so that ES-11/3 and
    ES-11/8, which do not name Ukraine, are found.

    Parameters
    ----------
    roll_calls : DataFrame
        Columns ``title agenda session`` of the table ``roll_calls``.
    words : str
        Words that must all occur (``human rights``); alternatives after a comma
        (``crimea, ukraine``); a star at the end for any ending (``palestin*``). Some words stand
        for others as well (``data/subject_words.csv``: ``palestine`` finds Palestinian and Gaza).

    Returns
    -------
    Series of bool
        Aligned with ``roll_calls``.

    Raises
    ------
    ParameterError
        No word is given.

    Examples
    --------
    >>> calls = pd.DataFrame(
    ...     {
    ...         "title": ["Follow-up : resolution", "Côte d'Ivoire", "Palestinian refugees"],
    ...         "agenda": [None, "", None],
    ...         "session": ["ES-11", "60", "60"],
    ...     }
    ... )
    >>> match_words(calls, "Ukraine, cote").tolist()
    [True, True, False]
    >>> match_words(calls, "palestine refugees").tolist()
    [False, False, True]
    """
    alternatives = [_plain(part).split() for part in re.split(r"[,;|]", words)]
    alternatives = [part for part in alternatives if any(map(str.isalnum, "".join(part)))]
    if not alternatives:
        raise ParameterError(f"subject: {words!r} has no word in it; give one, such as ukraine")
    agenda = roll_calls["agenda"].fillna(roll_calls["session"].map(_session_items()))
    agenda = agenda.where(agenda.ne(""), roll_calls["session"].map(_session_items()))
    text = (roll_calls["title"].fillna("") + " | " + agenda.fillna("")).astype("str")
    codes, distinct = pd.factorize(text)
    plain = pd.Series([_plain(t) for t in distinct], dtype="str")
    found = np.zeros(len(plain), dtype=bool)
    for part in alternatives:
        hits = [plain.str.contains(_pattern(word), regex=True).to_numpy(bool) for word in part]
        found |= np.logical_and.reduce(hits)
    return pd.Series(found[codes], index=roll_calls.index)


def _pattern(word: str) -> str:
    """Return a regular expression for a word and what it stands for."""
    forms = _synonyms().get(word, (word,))
    ends = [(form.removesuffix("*"), r"\w*" if form.endswith("*") else "") for form in forms]
    return r"\b(?:" + "|".join(f"{re.escape(stem)}{end}" for stem, end in ends) + r")\b"


@cache
def _read_words() -> pd.DataFrame:
    with (resources.files("helpers") / "data" / "subject_words.csv").open("rb") as file:
        return pd.read_csv(file, dtype="str", keep_default_na=False)


@cache
def _session_items() -> dict[str, str]:
    """Return the agenda item of each emergency special session."""
    table = _read_words()
    table = table[table["kind"].eq("session")]
    return dict(zip(table["key"], table["text"], strict=True))


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    table = _read_words()
    table = table[table["kind"].eq("synonym")]
    return {str(word): tuple(group["text"]) for word, group in table.groupby("key")}
