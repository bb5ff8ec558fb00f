"""Rows with several questions in columns of their own: `pos_question`, `pos_answer`, `neg_question`, ...

A question may have an answer for each of several pictures, as `Image_0_Question_1` and `Image_1_Question_1`;
several may have the same one, as `Q1` and `Q2` beside `A`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_WORD = re.compile(r"\d+|[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\W")
_QUESTION = ("question", "query", "q")
_ANSWER = ("answer", "label", "gt", "a")
_NUMBERED = re.compile(r"question[\W_]*\d+", re.IGNORECASE)
_SHORT = re.compile(r"q[\W_]*\d+", re.IGNORECASE)
_NO_KEY = re.compile(
    "[a-z]{2}|eng|chi|english|chinese|german|french|spanish|japanese|korean|translated|translation|"
    "types?|ids|idx|index|category|class|level|text|tokens?|lengths?|count|number|source|time|start|end|span|"
    "name|image|images|audio|explanation|rationale|embedding|hash|score"
)
"""Of one question in several languages, and of what is told about a question and its answer."""


def pair_records(record: Mapping[str, Any], number: int) -> list[dict[str, Any]]:
    """The questions of the row of this number, a record each with the usual names; none in any other row."""
    parts = question_pairs(tuple(record))
    own = {name for columns in parts.values() for name in columns.values()}
    shared = {name: value for name, value in record.items() if name not in own}
    id_ = str(next((shared[name] for name in ("id", "question_id") if name in shared), number))
    return [
        shared
        | {usual: record[name] for usual, name in columns.items()}
        | {"$part": key, "$id": f"{id_}-{key}", "$row": number}
        for key, columns in parts.items()
        if any(record[columns[usual]] not in (None, "") for usual in _QUESTION if usual in columns)
    ]


@lru_cache(maxsize=2**12)
def question_pairs(columns: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """By the word that tells a question's columns from another's, the columns by their names without it.

    There are none where no two questions have an answer each, where they are one in several languages, or
    where another column has the question.
    """
    by_key: dict[str, dict[str, str]] = {}
    for name in columns:
        words = [word.casefold() for word in _WORD.findall(name.replace("_", " ")) if word.strip()]
        if len(words) > 1:
            by_key.setdefault(words[0], {})["_".join(words[1:])] = name
            by_key.setdefault(words[-1], {})["_".join(words[:-1])] = name
    asking = {
        key: parts
        for key, parts in by_key.items()
        if not parts.keys().isdisjoint(_QUESTION) and not parts.keys().isdisjoint(_ANSWER)
    }
    if len(asking) < 2 or any(map(_NO_KEY.fullmatch, asking)) or not set(columns).isdisjoint(_QUESTION):
        return _answers_by_picture(columns) or _with_same_answer(columns)
    alike = set.intersection(*map(set, asking.values()))
    if alike.isdisjoint(_QUESTION) or alike.isdisjoint(_ANSWER):
        return {}
    return {
        key: {usual: name for usual, name in parts.items() if usual in alike} for key, parts in asking.items()
    }


def _answers_by_picture(columns: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """By the column of an answer on a picture, that column and the one of its question; none without such."""
    numbered = [name for name in columns if _NUMBERED.fullmatch(name)]
    answers = {
        name: question
        for question in numbered
        for name in columns
        if name != question and name.endswith((f"_{question}", f" {question}"))
    }
    if len(numbered) < 2 or len(answers) < 2 * len(numbered):
        return {}
    return {name: {"question": question, "answer": name} for name, question in answers.items()}


def _with_same_answer(columns: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """By the column of a question, that column and the answer's, which all share; none without such."""
    asking = [name for name in columns if _SHORT.fullmatch(name)]
    answers = [name for name in columns if name.casefold() == "a"]
    if len(asking) < 2 or len(answers) != 1:
        return {}
    return {name: {"question": name, "answer": answers[0]} for name in asking}
