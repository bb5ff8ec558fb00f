"""The modules in `benchmarks/`, on made-up rows in the form that their files have on the Hub."""

import importlib.util
from pathlib import Path

import pytest
from data_rows import Row, write_rows

from tst_harness.benchmark.declarations import Benchmark, HubDataset, LocalFile
from tst_harness.dataset.loading import Dataset, load
from tst_harness.errors import DataError, SourceUnavailable
from tst_harness.integrations.pytest.stress_test import StressTest

FOLDER = Path(__file__).parents[3] / "benchmarks"
MODULES = {
    "cvb": "test_cvb.py",
    "mmmu": "test_mmmu.py",
    "mmstar": "test_mmstar.py",
    "multi_sample": "test_multi_sample.py",
    "next_qa": "test_next_qa.py",
    "open_sample": "test_open_sample.py",
    "video_mme": "test_video_mme.py",
    "vsi": "test_vsi.py",
}
CATEGORIES = [
    "coarse perception",
    "fine-grained perception",
    "instance reasoning",
    "logical reasoning",
    "math",
    "science & technology",
]


def declared(name: str) -> Benchmark:
    spec = importlib.util.spec_from_file_location(f"declared_{name}", FOLDER / MODULES[name])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    [found] = [
        one.benchmark
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, StressTest) and one is not StressTest
    ]
    return found


def hub(benchmark: Benchmark) -> HubDataset:
    assert isinstance(benchmark.source, HubDataset)
    return benchmark.source


def loaded(benchmark: Benchmark, root: Path, file: str, rows: list[Row]) -> Dataset:
    (root / hub(benchmark).folder).mkdir()
    write_rows(root / hub(benchmark).folder / file, rows)
    return load(benchmark, root, require_real=True)


def test_these_are_all() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.py")) == sorted(MODULES.values())
    assert {declared(name).name for name in MODULES} == set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_a_page_of_data(name: str) -> None:
    text = (FOLDER / MODULES[name]).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    assert "def " not in text


@pytest.mark.parametrize("name", ["cvb", "mmmu", "mmstar", "vsi"])
def test_row_order_is_pinned_wherever_it_is_known(name: str) -> None:
    assert hub(declared(name)).row_order is not None


def test_next_qa(tmp_path: Path) -> None:
    benchmark = declared("next_qa")
    with pytest.raises(SourceUnavailable, match=r"there is no file 'next_qa/val\.jsonl'; get it, and pass"):
        load(benchmark, tmp_path)
    rows = [
        {"video": str(number // 2), "question": f"why {number}", "answer": str(number % 5), "type": "CW"}
        | {f"a{place}": f"since {place}" for place in range(5)}
        for number in range(10)
    ]
    (tmp_path / "next_qa").mkdir()
    write_rows(tmp_path / "next_qa/val.jsonl", rows)
    with pytest.raises(DataError, match="its row_order fingerprint is"):
        load(benchmark, tmp_path)
    unpinned = benchmark.model_copy(update={"source": LocalFile("next_qa/val.jsonl", content=None)})
    dataset = load(unpinned, tmp_path)
    assert (dataset.source.questions, dataset.source.groups) == (10, 5)
    assert sorted(dataset.frame["answer"]) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


@pytest.mark.parametrize(
    ("name", "questions", "formats"), [("open_sample", 360, {"open"}), ("multi_sample", 240, {"multi"})]
)
def test_made_up_samples(name: str, questions: int, formats: set[str]) -> None:
    dataset = load(declared(name))
    assert (dataset.source.questions, dataset.source.groups) == (questions, 120)
    assert set(dataset.frame["format"]) == formats


STEMS = (
    "Which describes image {}?",
    "See (a) and (b) of image {}; (a) has a hole. Which is it?",
    "In image {}, A: 1, B: 2, C: 3. What is D?",
    "<image 1> Which letter is at the lamp of {}?",
    "Is it (A) or (B) in {}?",
    "A. Smith took image {}. What is it?",
)
OPTIONS = (
    ("The case is on the book.", "It is, say, at B: beneath it.", "It is beside it.", "None of them."),
    ("C", "A", "B", "D"),
    ("1,000", "3:2", "10:30 AM", "5 A"),
    ("p(a)>1, (a);p(b)>2,(b)", "p(a)>2, (a)", "(a) and (b)", "Vitamin C, and vitamin D"),
    (
        "for x in range(6):\n  print(x)",
        "y = 2.8",
        "x = 1\ny = {2: 3}\nprint(type(x))",
        "z = 1j\nprint(type(z))",
    ),
    ("yes", "for x in y:\n  print(x)"),
    ("$\\frac{a}{b}$", "U.S.A.", "$(-\\infty, 0)$"),
)


def star(index: int) -> Row:
    lettered = list(zip("ABCD", OPTIONS[index % len(OPTIONS)], strict=False))
    stem = STEMS[index % len(STEMS)].format(index)
    texts = [
        f"{stem}\nOptions: " + ", ".join(f"{a}: {text}" for a, text in lettered),
        f"{stem}\n" + "\n".join(f"{a}. {text}" for a, text in lettered),
        f"Hint: answer with the letter, e.g., A, B, C, D, at the end.\nQuestion: {stem}\n"
        "Choices:\n" + "\n".join(f"({a}) {text}" for a, text in lettered),
        f"{stem}\nOptions:\n" + "\n".join(f"{a}: {text}" for a, text in lettered),
    ]
    return {
        "index": index,
        "question": texts[index % len(texts)],
        "image": b"\x89PNG",
        "answer": "ABCD"[index % len(lettered)],
        "category": CATEGORIES[index // 250],
        "l2_category": "any of 18",
        "meta_info": {"source": "MMBench", "split": "val", "image_path": f"images/{index}.jpg"},
    }


def test_mmstar(tmp_path: Path) -> None:
    dataset = loaded(declared("mmstar"), tmp_path, "mmstar.parquet", [star(index) for index in range(1500)])
    frame = dataset.frame
    assert dataset.source.questions == dataset.source.groups == 1500
    assert dataset.source.left_out == []
    assert frame["id"].tolist() == [str(index) for index in range(1500)]
    assert frame["options"].tolist() == [OPTIONS[index % len(OPTIONS)] for index in range(1500)]
    assert frame["answer"].tolist() == [index % len(OPTIONS[index % len(OPTIONS)]) for index in range(1500)]
    assert [text.splitlines()[-1].removeprefix("Question: ") for text in frame["text"]] == [
        STEMS[index % len(STEMS)].format(index) for index in range(1500)
    ]
    assert frame["type"].value_counts().to_dict() == dict.fromkeys(CATEGORIES, 250)


def test_mmstar_in_another_order_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"mmstar\.parquet: its row_order fingerprint is"):
        loaded(declared("mmstar"), tmp_path, "mmstar.parquet", [star(index) for index in (1, 0)])


def video(number: int, task_type: str) -> Row:
    return {
        "video_id": f"{number // 3 + 1:03}",
        "duration": ["short", "medium", "long"][number % 3],
        "domain": "Knowledge",
        "sub_category": "Astronomy",
        "url": "https://www.youtube.com/watch?v=xxxxxxxxxxx",
        "videoID": f"x{number // 3}",
        "question_id": f"{number // 3 + 1:03}-{number % 3 + 1}",
        "task_type": task_type,
        "question": "What is shown, according to the video?",
        "options": ["A. Three.", "B. The 2nd one, at B.", "C. (A) and (B).", "D. None."],
        "answer": "ABCD"[number % 4],
    }


def test_video_mme(tmp_path: Path) -> None:
    benchmark = declared("video_mme")
    types = [one.name for one in benchmark.question_types]
    assert len(types) == 12
    rows = [video(number, types[number % 12]) for number in range(36)]
    dataset = loaded(benchmark, tmp_path, "test-00000-of-00001.parquet", rows)
    frame = dataset.frame
    assert frame["id"].tolist()[:4] == ["001-1", "001-2", "001-3", "002-1"]
    assert frame["group"].tolist()[:4] == ["x0", "x0", "x0", "x1"]
    assert set(frame["options"]) == {("Three.", "The 2nd one, at B.", "(A) and (B).", "None.")}
    assert frame["answer"].tolist()[:4] == [0, 1, 2, 3]
    assert dataset.source.groups == 12
    assert not benchmark.redistributable
    assert all(declared(name).redistributable for name in MODULES if name != "video_mme")


def multi(number: int, options: list[str], answer: str, kind: str = "multiple-choice") -> Row:
    return {
        "id": f"validation_Art_{number}",
        "question": f"<image 1> What is {number}?",
        "options": repr(options),
        "explanation": "",
        "image_1": {"bytes": b"\x89PNG", "path": "1.png"},
        "img_type": "['Photographs']",
        "answer": answer,
        "topic_difficulty": "Easy",
        "question_type": kind,
        "subfield": "Drawing",
    }


def test_mmmu(tmp_path: Path) -> None:
    rows = [
        multi(1, ["$6", r"$\frac{a}{b}$"], "B"),
        multi(2, [f"<image {n}>" for n in range(1, 5)], "D"),
        multi(3, [f"{n}.5" for n in range(9)], "I"),
        multi(4, ["(A)", "(B)", "(C)"], "C"),
        multi(5, ["A", "B", "C", "D", "E"], "E"),
        multi(6, ["same", "same", 'it\'s "other"'], "C") | {"question": None},
        multi(7, [], "1/64", "open"),
        multi(8, [], "['8.4', 'about 8']", "open") | {"question": None},
    ]
    benchmark = declared("mmmu")
    unpinned = benchmark.model_copy(update={"source": hub(benchmark).model_copy(update={"row_order": None})})
    dataset = loaded(unpinned, tmp_path, "validation-00000-of-00001.parquet", rows)
    frame = dataset.frame
    assert frame["options"].map(len).tolist() == [2, 4, 9, 3, 5, 3]
    assert frame["options"][0] == ("$6", r"$\frac{a}{b}$")
    assert frame["options"][3] == ("(A)", "(B)", "(C)")
    assert frame["answer"].tolist() == [1, 3, 8, 2, 4, 2]
    assert frame["text"][5] == ""
    assert dataset.source.not_scored == {"open": 2}
    assert dataset.source.left_out == []
