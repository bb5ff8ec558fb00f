"""MMMU (Yue et al., arXiv 2311.16502): college-level questions with images, validation split."""

from tst_harness import Benchmark, Choice, Columns, HubDataset, NotScored, StressTest


class TestMMMU(StressTest):
    """MMMU: 847 multiple-choice questions of 30 subjects; the 53 open ones are not scored.

    Two of the 847 list the answer twice among the options, so they are left out and named in the report.
    """

    benchmark = Benchmark(
        name="mmmu",
        title="MMMU",
        source=HubDataset(
            "lmms-lab/MMMU",
            revision="364f2e2eb107b36e07ff4c5a15f5947a759cef47",
            file="validation*.parquet",
            folder="mmmu",
            row_order="2f89fd1e941ac409e0e6fc83dee018709e8d40e5",
        ),
        columns=Columns(
            id="id",
            text="question",
            options="options",
            answer="answer",
            type="question_type",
            blank_text=True,
        ),
        question_types=[Choice("multiple-choice", answers="letter"), NotScored("open")],
        faults="report",
    )
