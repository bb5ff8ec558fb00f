"""How the columns of public test sets are called, by what they hold."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from tst_harness.dataset.letters import OTHER_LETTERS, alphabet_of, letter_place
from tst_harness.dataset.names_by_language import (
    ANSWERS,
    GROUPS,
    IDS,
    ONE_OPTION,
    OPTIONS,
    QUESTIONS,
    TYPES,
    in_every_language,
)
from tst_harness.dataset.ordinals import with_digits

Role = Literal["question", "options", "answer", "type", "group", "id"]

_NAMES: dict[Role, tuple[str, ...]] = {
    "question": (
        "question question_text question_stem question_orig problem_text prompt_text query_text "
        "stem ques questions q qtext q_body $question " + in_every_language(QUESTIONS),
        "prompt query problem instruction goal ctx text sentence utterance input claim statement "
        "start_phrase turns",
        "hypothesis premise sentence1 sentence2 sentence_a sentence_b question1 question2 text1 text2 text_a "
        "text_b context passage",
        "conversations.human conversation.human messages.human input.human prompt.human context.human body",
    ),
    "options": (
        "options choices answer_options answer_choices option_list choice_list candidates endings "
        "alternatives possible_answers multiple_choices answer_texts mc1_targets mc2_targets target_scores "
        "choice option answers $options " + in_every_language(OPTIONS),
    ),
    "answer": (
        "answer gt_answer label_text label_name gold ground_truth gt gold_label gold_answer final_answer "
        "correct_answer "
        "label "
        "answer_key correct_option correct_choice right_answer correct answer_letter answer_idx answer_index "
        "answer_id correct_idx correct_index correct_answer_id correct_answer_index correct_choice_idx ans "
        "gt_idx gt_index gold_idx gold_index answer_label multiple_choice_answer best_answer cop ra target "
        "target_value truth mc1_targets mc2_targets target_scores " + in_every_language(ANSWERS),
        "conversations.gpt conversation.gpt messages.gpt a class sentiment output key $value $line $answer "
        "answers.answer answers.text answers",
        "winner preference preferred_response better_response_id better_response chosen_id exact_answer "
        "answer_value answer_number",
    ),
    "type": (
        "question_type qtype question_type_id task task_type task_name type subtask category "
        "question_category sub_category l2_category skill ability capability dimension subject subject_name "
        "topic domain field genre answer_type question_format subset " + in_every_language(TYPES),
        "$list $key2 $key3 $key1 $key $folder $file",
        "question",
    ),
    "group": (
        "scene_name scene_id scene video_id video video_name video_path video_file image_id image "
        "image_name image_path image_file image_filename img img_id img_path img_name filename file_name "
        "picture photo clip clip_id vid vid_id vid_name vid_filename video_uid video_filename youtube_id "
        "image.path filename.path set_id "
        "episode_history episode_id group group_id document_id doc_id passage_id article_id story_id "
        "context_id $medium " + in_every_language(GROUPS),
        "data_id source_id problem_index problem_id $key1 $key2 $key key $row",
        "passage passage.text context premise article story document paragraph sentence1",
    ),
    "id": (
        "id idx index question_id qid uid uuid pid sample_id example_id item_id pair_id row_id record_id "
        "data_id ind unnamed_0 q_uid question_uid query_id $id $key $key2 $key3 " + in_every_language(IDS),
    ),
}
"""By role, names in tiers: those of a later tier count where an earlier one finds nothing."""

_SERIES = (
    "",
    *[
        "option",
        "options",
        "opt",
        "op",
        "choice",
        "answer",
        "ans",
        "a",
        "ending",
        "candidate",
        "sol",
        "hyp",
        "hypothesis",
        "response",
        "output",
        "completion",
        "conversation",
        *in_every_language(ONE_OPTION).split(),
    ],
)
_MEMBER = re.compile(rf"(.*?)[\W_]*([A-Za-z{OTHER_LETTERS}]|\d{{1,2}})[)\].:]?")
_ENDING = re.compile(r"(?<=[A-Z\d])_[a-z]{2}$|(?<=[A-Za-z\d])[_ ](?:text|txt|content|value)$")
"""At the end of the name of an option's column, as in "option_A_en" or "A_text"."""
_OPPOSITES = (
    ("chosen", "rejected"),
    ("positive", "negative"),
    ("pos", "neg"),
    ("good", "bad"),
    ("correct", "incorrect"),
    ("true", "false"),
    ("right", "wrong"),
    ("preferred", "dispreferred"),
    ("better", "worse"),
    ("winner", "loser"),
    ("caption", "foil"),
)
_WRONG_WORDS = ("negative", "neg", "wrong", "false", "incorrect", "foil", "counterfactual", "hard_negative")
_WRONG = re.compile(r"(?:distractor|(?:incorrect|wrong|false)(?:answer|option|choice)?)s?\d*")
_SEVERAL = re.compile(r"(?:is|has)?(?:multi|multiple|several)(?:ple)?answers?")


@lru_cache(maxsize=2**14)
def _plain(name: str) -> str:
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return re.sub(r"[^\w$]+|_+", "", bare).casefold()


_ONE_OPTION = frozenset(map(_plain, _SERIES))
_TIERS = {
    role: [{_plain(name): place for place, name in reversed([*enumerate(tier.split())])} for tier in tiers]
    for role, tiers in _NAMES.items()
}
_OTHERS: dict[Role, dict[str, str]] = {
    "question": QUESTIONS,
    "options": OPTIONS,
    "answer": ANSWERS,
    "type": TYPES,
    "group": GROUPS,
    "id": IDS,
}
_ENGLISH = {
    role: len(_NAMES[role][0].split()) - len(in_every_language(others).split())
    for role, others in _OTHERS.items()
}
"""How many names of the first tier are English; the others count where none of these is there."""
_OF_TYPES = re.compile(
    r"(?!split|data|file|media|source|video|image|error|typescript)(?:.+(?:type|category|domain)|types.+)"
)
_OF_GROUPS = re.compile(
    r"(?:image|img|picture|photo|figure|chart|table|video|clip|scene|episode|document|doc|article|story|passage|"
    r"dialogue|dialog|conversation|audio|movie|recipe)(?:id|idx|index|uid|name|file|path|title)?"
)
_FURTHER: dict[Role, re.Pattern[str]] = {"type": _OF_TYPES, "group": _OF_GROUPS}
"""What the names of a role look like that are not among those of its first tier."""
_LIKE: dict[Role, frozenset[str]] = {
    "question": frozenset(["question", "questions"]),
    "answer": frozenset(["answer", "answers", "label", "gold", "correct", "right", "truth", "decision"])
    | frozenset(["solution", "judgment", "judgement", "similarity", "relatedness", "reference"])
    | frozenset(["expected", "plausible"]),
    "options": frozenset(["options", "choices", "candidates", "alternatives", "endings"])
    | frozenset(["option", "choice", "candidate"]),
}
"""Words that speak of a role in a name that has others beside them."""
_JUDGEMENTS = ("true", "duplicate", "paraphrase", "plausible", "possible", "valid")
"""Of what a question says or shows, as in "is_duplicate"; other flags are about the question."""
_NO_ROLE = re.compile(
    r"types?|ids?|starts?|ends?|span|details?|explanations?|reasons?|rationales?|sources?|category|counts?|"
    r"lengths?|times?|names?|wrong|incorrect|old|pre|original|long",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LEAST_ALIKE = 0.85
"""Of a misspelt name: a letter of six left out or put in."""
_TEXTS = frozenset(["stem", "text", "value", "content", "string", "en", "inputtext"])
_HEADS: tuple[Role, ...] = ("question", "options", "answer")


@lru_cache(maxsize=2**14)
def _spoken(name: str, holders: frozenset[str]) -> tuple[str, ...]:
    """The plain names by which a column is known: its own, and of a path what ends or heads it.

    `holders` are the paths of objects that hold a question beside its options and answer.
    """
    *outer, last = name.split(".")
    plain = _plain(last)
    for place, part in enumerate(outer):
        known = any(_plain(part) in _TIERS[role][0] for role in _HEADS)
        if known and ".".join(outer[: place + 1]) not in holders:
            # What stands inside a question's or an answer's object is of no other role.
            ending = _plain(".".join((*outer[place:], last)))
            return (_plain(name), ending, *([_plain(part)] if plain in _TEXTS else []))
    return (_plain(name), plain)


def named_for(role: Role, columns: Iterable[str]) -> Iterator[list[str]]:
    """The columns whose names speak of a role, tier by tier, the likeliest first; spelling aside."""
    names = list(columns)
    own = {_plain(name) for name in names if "." not in name}
    holders = question_holders(names)
    asks = not own.isdisjoint(_TIERS["question"][0])
    beside = {name for name in names if name.rpartition(".")[0] in holders and not asks}
    # What stands deeper counts where nothing of its name stands at the top, or beside the question.
    names = [
        name
        for name in names
        if "." not in name or name in beside or _plain(name.rpartition(".")[2]) not in own
    ]
    for tier in _TIERS[role]:
        places = {
            name: min((tier[word] for word in _spoken(name, holders) if word in tier), default=-1)
            for name in names
        }
        named = sorted(
            (name for name in names if places[name] >= 0),
            key=lambda name: ("." in name and name not in beside, places[name], name not in beside),
        )
        english = [name for name in named if places[name] < _ENGLISH[role]]
        if tier is _TIERS[role][0] and english:
            yield english
            named = [name for name in named if name not in english]
        yield named
        further = _FURTHER.get(role)
        if further is not None and tier is _TIERS[role][0]:
            yield [name for name in names if places[name] < 0 and further.fullmatch(_plain(name))]


def named_like(role: Role, columns: Iterable[str]) -> list[str]:
    """The columns whose names have a word for a question, options or an answer in them, or one misspelt.

    Those that are named for any role, or say that they hold something about it, are not among them.
    """
    names = list(columns)
    roles: tuple[Role, ...] = ("question", "options", "answer", "type", "group", "id")
    known = {name for each in roles for tier in named_for(each, names) for name in tier}
    like = []
    for name in names:
        words = [word.casefold() for word in _WORD.findall(name.replace("_", " "))]
        if name in known or any(map(_NO_ROLE.fullmatch, words)):
            continue
        flag = words[:1] in (["is"], ["has"])
        judges = role == "answer" and flag and words[-1] in _JUDGEMENTS
        if flag and not judges:
            continue
        misspelt = len(words) == 1 and SequenceMatcher(None, words[0], role).ratio() >= _LEAST_ALIKE
        if judges or misspelt or not _LIKE[role].isdisjoint(words):
            like.append(name)
    return like


def question_holders(columns: Iterable[str]) -> frozenset[str]:
    """The paths of objects in which a question stands, maybe beside its options and its answer."""
    paths = (name.rpartition(".") for name in columns)
    return frozenset(outer for outer, _, last in paths if outer and _plain(last) in _TIERS["question"][0])


def option_series(columns: Iterable[str]) -> list[tuple[str, ...]]:
    """Columns that hold an option each, as `A` to `D`, `option_1` ..., in order, without gaps."""
    return [
        tuple(by_key.values())
        for stem, by_key in series_of(columns)
        if _plain(stem) in _ONE_OPTION and (stem or not next(iter(by_key)).isdigit())
    ]


def series_of(columns: Iterable[str]) -> list[tuple[str, dict[str, str]]]:
    """Columns that differ in a last letter, or number, alone: those of a run from A, 0 or 1 on, in order.

    Returns
    -------
    For each run what the names have in common, and by letter or number the name; the longest first.
    """
    members: dict[tuple[str, bool, int, str], dict[int, tuple[str, str]]] = {}
    for name in columns:
        bare = _ENDING.sub("", name)
        match = _MEMBER.fullmatch(with_digits(bare))
        if match is None:
            continue
        digits = match[2].isdigit()
        place = int(match[2]) if digits else letter_place(match[2])
        key = (_plain(match[1]), digits, alphabet_of(match[2]), name.removeprefix(bare))
        members.setdefault(key, {}).setdefault(place, (match[2], name))
    runs = []
    for (stem, digits, _, _), by_place in members.items():
        first = 1 if digits and 0 not in by_place else 0
        run: dict[str, str] = {}
        while first + len(run) in by_place:
            letter, name = by_place[first + len(run)]
            run[letter] = name
        if len(run) > 1:
            runs.append((stem, run))
    return sorted(runs, key=lambda run: len(run[1]), reverse=True)


def is_answer_of_series(column: str) -> bool:
    """Whether a column is one of several that are named for answers and numbered, as `answer1`."""
    match = _MEMBER.fullmatch(column)
    named = match is not None and _plain(match[1]) in ("answer", "ans", "reference", "referenceanswer")
    return match is not None and named and match[2].isdigit()


def holds_response(column: str) -> bool:
    """Whether a column is one of several that are named for responses, and lettered or numbered."""
    match = _MEMBER.fullmatch(column)
    return match is not None and _plain(match[1]) in ("response", "output", "completion", "conversation")


def numbered(columns: Iterable[str]) -> list[tuple[str, ...]]:
    """Columns that are numbered from 1, or lettered from A, without gaps and alike otherwise, in order."""
    members: dict[tuple[str, bool], dict[int, str]] = {}
    for name in columns:
        match = _MEMBER.fullmatch(name)
        if match and match[1] and (match[2].isdigit() or not name[-2].isalpha()):
            place = int(match[2]) if match[2].isdigit() else ord(match[2].lower()) - ord("a") + 1
            members.setdefault((match[1], match[2].isdigit()), {})[place] = name
    return [
        tuple(by_place[place] for place in sorted(by_place))
        for by_place in members.values()
        if len(by_place) > 1 and sorted(by_place) == list(range(1, len(by_place) + 1))
    ]


def pairs(columns: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Two columns of which one holds the right text and the other a wrong one, as `chosen` and `rejected`."""
    by_words = {tuple(re.split(r"[\W_]+", name.casefold().strip("_"))): name for name in columns}
    for words, name in by_words.items():
        for right, wrong in _OPPOSITES:
            other = tuple(wrong if word == right else word for word in words)
            if other != words and other in by_words:
                yield name, by_words[other]
        for wrong in _WRONG_WORDS:
            for place in range(len(words) + 1):
                other = (*words[:place], wrong, *words[place:])
                if other in by_words:
                    yield name, by_words[other]


def says_several(column: str) -> bool:
    """Whether a column is named for whether a question has several answers, as `is_multiple_answer`."""
    return bool(_SEVERAL.fullmatch(_plain(column)))


def holds_several(column: str) -> bool:
    """Whether a column is named for several wrong options, which a text of it lists."""
    return bool(_WRONG.fullmatch(plain := _plain(column))) and plain.endswith("s")


def wrong_options(columns: Iterable[str]) -> tuple[str, ...]:
    """Columns that hold a wrong option each, as `distractor1` ..., in order."""
    return tuple(sorted(name for name in columns if _WRONG.fullmatch(_plain(name))))
