"""NExT-QA (Xiao et al., arXiv 2105.08276): causal and temporal questions about videos."""

from tst_harness import Benchmark, Choice, Columns, LocalFile, StressTest


class TestNExTQA(StressTest):
    """NExT-QA: the 4,996 multiple-choice questions of its validation set, on 570 videos, in eight types."""

    benchmark = Benchmark(
        name="next_qa",
        title="NExT-QA",
        source=LocalFile("next_qa/val.jsonl", row_order="d0977d76fe6d8e1691d42c19958f3e5898185478"),
        columns=Columns(
            text="question",
            options=("a0", "a1", "a2", "a3", "a4"),
            answer="answer",
            type="type",
            group="video",
        ),
        question_types=[
            Choice("CH", answers="index"),
            Choice("CW", answers="index"),
            Choice("DC", answers="index"),
            Choice("DL", answers="index"),
            Choice("DO", answers="index"),
            Choice("TC", answers="index"),
            Choice("TN", answers="index"),
            Choice("TP", answers="index"),
        ],
    )
