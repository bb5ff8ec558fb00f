"""How the columns of public test sets are called, by what they hold."""

import re
from collections.abc import Iterable, Iterator
from typing import Literal

Role = Literal["question", "options", "answer", "type", "group", "id"]

_NAMES: dict[Role, tuple[str, ...]] = {
    "question": (
        "question question_text question_stem stem ques questions q",
        "prompt query problem instruction goal ctx text sentence input claim statement",
        "hypothesis premise sentence1 sentence2 question1 question2 context passage",
    ),
    "options": (
        "options choices answer_options answer_choices option_list choice_list candidates endings "
        "alternatives possible_answers multiple_choices mc1_targets answers",
    ),
    "answer": (
        "answer label_text label_name gold ground_truth gt gold_label gold_answer correct_answer label "
        "answer_key correct_option correct_choice right_answer correct answer_letter answer_idx answer_index "
        "answer_id correct_idx correct_index correct_answer_id correct_answer_index gt_idx gt_index gold_idx "
        "gold_index answer_label multiple_choice_answer cop target mc1_targets",
        "class sentiment output key",
    ),
    "type": (
        "question_type qtype question_type_id task task_type task_name type subtask category "
        "question_category sub_category l2_category skill ability capability dimension subject subject_name "
        "topic domain "
        "field genre answer_type question_format",
    ),
    "group": (
        "scene_name scene_id scene video_id video video_name video_path video_file image_id image "
        "image_name image_path image_file img img_id img_path img_name filename file_name picture photo "
        "group group_id document_id doc_id passage_id article_id story_id context_id",
        "passage context premise article story document paragraph sentence1",
    ),
    "id": (
        "id idx index question_id qid uid uuid pid sample_id example_id item_id pair_id row_id data_id ind "
        "unnamed_0",
    ),
}
"""By role, names in tiers: those of a later tier count where an earlier one finds nothing."""

_SERIES = ("", "option", "options", "opt", "op", "choice", "answer", "ans", "a", "ending", "candidate", "sol")
_MEMBER = re.compile(r"(.*?)[\W_]*([A-Za-z]|\d{1,2})")
_WRONG = re.compile(r"(?:distractor|incorrect(?:answer)?|wronganswer)\d*")


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


_TIERS = {
    role: [{_plain(name): place for place, name in enumerate(tier.split())} for tier in tiers]
    for role, tiers in _NAMES.items()
}


def named_for(role: Role, columns: Iterable[str]) -> Iterator[list[str]]:
    """The columns whose names speak of a role, tier by tier, the likeliest first; spelling aside."""
    names = list(columns)
    for tier in _TIERS[role]:
        known = [name for name in names if _plain(name) in tier]
        yield sorted(known, key=lambda name: tier[_plain(name)])


def option_series(columns: Iterable[str]) -> list[tuple[str, ...]]:
    """Columns that hold an option each, as `A` to `D`, `option_1` ..., in order, without gaps."""
    members: dict[tuple[str, bool], dict[int, str]] = {}
    for name in columns:
        match = _MEMBER.fullmatch(name)
        if match is None or _plain(match[1]) not in _SERIES:
            continue
        digits = match[2].isdigit()
        if digits and not match[1]:
            continue
        place = int(match[2]) if digits else ord(match[2].lower()) - ord("a")
        members.setdefault((_plain(match[1]), digits), {}).setdefault(place, name)
    found = []
    for (_, digits), by_place in members.items():
        first = 1 if digits and 0 not in by_place else 0
        run: list[str] = []
        while first + len(run) in by_place:
            run.append(by_place[first + len(run)])
        if len(run) > 1:
            found.append(tuple(run))
    return sorted(found, key=len, reverse=True)


def wrong_options(columns: Iterable[str]) -> tuple[str, ...]:
    """Columns that hold a wrong option each, as `distractor1` ..., in order."""
    return tuple(sorted(name for name in columns if _WRONG.fullmatch(_plain(name))))
