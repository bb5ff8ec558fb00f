"""CV-Bench (Tong et al., arXiv 2406.16860): 2D and 3D understanding of images."""

from tst_harness import Benchmark, Choice, Columns, HubDataset, StressTest


class TestCVB(StressTest):
    """CV-Bench: 2,638 questions on images, in four types."""

    benchmark = Benchmark(
        name="cvb",
        title="CV-Bench",
        source=HubDataset(
            "nyu-visionx/CV-Bench",
            revision="bc284db50d036958861cb60cdd7b77612052ce0d",
            file="test*.parquet",
            folder="cv_bench",
            row_order="02535f1c609db8bba7c6bd64d9a78b9aa3d0fa3a",
        ),
        columns=Columns(
            id="idx",
            text="question",
            options="choices",
            answer="answer",
            type="task",
            group=("filename", "image"),
        ),
        question_types=[
            Choice("Count", r"How many (?P<object>.+?) are in the image"),
            Choice(
                "Relation",
                r"relative positions of the (?P<first>.+?)(?: \(annotated by the red box\))? "
                r"and the (?P<second>.+?) in the image",
            ),
            Choice(
                "Depth",
                r"taking this photo, the (?P<red>.+?) \(highlighted by a red box\) or the (?P<blue>.+?) \(",
            ),
            Choice(
                "Distance",
                r"closer to the (?P<anchor>.+?) \(highlighted by a red box\), the (?P<blue>.+?) "
                r"\(highlighted by a blue box\) or the (?P<green>.+?) \(highlighted by a green box\)",
            ),
        ],
    )
