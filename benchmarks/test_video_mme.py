"""Video-MME (Fu et al., arXiv 2405.21075): questions on videos of all lengths."""

from tst_harness import Benchmark, Choice, Columns, HubDataset, StressTest


class TestVideoMME(StressTest):
    """Video-MME: 2,700 questions on 900 videos, in twelve types; its terms forbid passing on its texts."""

    benchmark = Benchmark(
        name="video_mme",
        title="Video-MME",
        source=HubDataset(
            "lmms-lab/Video-MME",
            revision="ead1408f75b618502df9a1d8e0950166bf0a2a0b",
            file="test*.parquet",
            folder="video_mme",
        ),
        columns=Columns(
            id="question_id",
            text="question",
            options="options",
            answer="answer",
            type="task_type",
            group="videoID",
        ),
        question_types=[
            Choice("Action Reasoning", answers="letter"),
            Choice("Action Recognition", answers="letter"),
            Choice("Attribute Perception", answers="letter"),
            Choice("Counting Problem", answers="letter"),
            Choice("Information Synopsis", answers="letter"),
            Choice("OCR Problems", answers="letter"),
            Choice("Object Reasoning", answers="letter"),
            Choice("Object Recognition", answers="letter"),
            Choice("Spatial Perception", answers="letter"),
            Choice("Spatial Reasoning", answers="letter"),
            Choice("Temporal Perception", answers="letter"),
            Choice("Temporal Reasoning", answers="letter"),
        ],
        redistributable=False,
    )
