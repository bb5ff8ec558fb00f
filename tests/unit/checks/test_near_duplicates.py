from collections import Counter
from itertools import combinations, pairwise

import numpy as np
import pytest
from check_builders import Row, count, dataset_of, own_text, pick
from hypothesis import given, settings
from hypothesis import strategies as st

from tst_harness.analysis.near_duplicates import SIMILARITY, Clusters, find_clusters

TEMPLATE = "How many {}s are in this room, counted from the door to the window?"


def clusters(*rows: Row) -> Clusters:
    return find_clusters(dataset_of(rows).frame)


def similarity(one: set[str], other: set[str], weight: dict[str, float]) -> float:
    """Weighted Jaccard similarity, from its definition."""
    return sum(weight[word] for word in one & other) / sum(weight[word] for word in one | other)


def test_exact_duplicates_differ_in_case_space_and_the_order_of_options_at_most() -> None:
    found = clusters(
        pick(text="Which  colour is the ROOM?", options=("red", "green")),
        pick(),
        pick(text="which colour is the room?", options=("Green", "red")),
        pick(text="Which colour is the room?", options=("red", "yellow")),
    )
    assert found.exact.tolist() == [True, False, True, False]
    assert found.of[0] == found.of[2] >= 0
    assert found.of[1] == -1


def test_a_minus_makes_another_question() -> None:
    assert not clusters(count(text="3 - 2"), count(text="3 + 2")).exact.any()


def test_a_question_of_two_types_is_one_cluster() -> None:
    rows = [pick(text="Which one is red?"), pick(text="Which one is red?", type="other"), pick(), pick()]
    assert clusters(*rows).of.tolist() == [0, 0, -1, -1]


def test_a_template_with_other_words_in_it_is_another_question() -> None:
    things = ["chair", "table", "lamp", "sofa", "rug", "door"]
    assert (clusters(*(count(text=TEMPLATE.format(thing)) for thing in things)).of == -1).all()


def test_an_edited_question_is_nearly_the_same() -> None:
    text = own_text(7) + " " + own_text(8) + " " + own_text(9)
    rows = [count(text=f"{text} today"), *(count() for _ in range(20)), count(text=text)]
    found = clusters(*rows)
    assert found.of.tolist() == [0, *[-1] * 20, 0]
    assert not found.exact.any()
    assert SIMILARITY <= found.similarity[0] < 1


def test_text_without_spaces_is_compared_by_its_characters() -> None:
    one = "在这个房间里从门口到窗户之间一共有多少把木制的椅子和桌子"
    others = ["图片中最靠近相机的物体是什么颜色", "视频里的人先拿起了哪一件东西", "哪个城市的人口最多"]
    rows = [count(text=text) for text in (one, f"{one}呢", *others)]
    assert clusters(*rows).of.tolist() == [0, 0, -1, -1, -1]


def test_what_cannot_be_encoded_is_compared_too() -> None:
    rows = [count(text="half of a pair \ud83d in here"), count(text="half of a pair \ud83d in here"), count()]
    assert clusters(*rows).of.tolist() == [0, 0, -1]


def test_a_question_without_words_is_no_duplicate_of_others() -> None:
    assert clusters(count(text=""), count(), count()).of.tolist() == [-1, -1, -1]


def test_clusters_are_numbered_by_their_first_questions() -> None:
    a, b = "a first question", "some second one"
    found = clusters(count(text=b), count(text=a), count(text=a), count(text=b))
    assert found.of.tolist() == [0, 1, 1, 0]
    assert found.similarity.tolist() == [1.0, 1.0]


def test_what_is_found_is_what_the_definition_says() -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(own_text(4 * place + part) for part in range(4)) for place in range(40)]
    for place in range(30):
        words = texts[place].split()
        for at in rng.integers(len(words), size=place % 5):
            words[at] = f"new{place}"
        texts.append(" ".join(words))
    found = clusters(*(count(text=text) for text in texts))
    cluster = dict(zip(texts, found.of.tolist(), strict=True))
    features = {text: {*text.split(), *map(" ".join, pairwise(text.split()))} for text in cluster}
    times = Counter(word for words in features.values() for word in words)
    weight = {word: float(np.log((1 + len(cluster)) / n)) for word, n in times.items()}
    near = 0
    for one, other in combinations(cluster, 2):
        together = cluster[one] == cluster[other] >= 0
        assert together == (similarity(features[one], features[other], weight) >= SIMILARITY)
        near += together
    assert 5 < near < 25


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(["red sofa", "blue sofa", "a lamp", "the door"]), min_size=1, max_size=12))
def test_equal_texts_are_together_and_exact(texts: list[str]) -> None:
    found = clusters(*(count(text=text) for text in texts))
    times = Counter(texts)
    assert found.exact.tolist() == [times[text] > 1 for text in texts]
    for text in times:
        of = {int(own) for own, other in zip(found.of, texts, strict=True) if other == text}
        assert len(of) == 1
        assert (of != {-1}) == (times[text] > 1)


@pytest.mark.parametrize("n", [1, 2])
def test_few_questions(n: int) -> None:
    assert clusters(*(count() for _ in range(n))).of.tolist() == [-1] * n
