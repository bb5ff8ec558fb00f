"""MMStar (Chen et al., arXiv 2403.20330): questions on images that were chosen to need them."""

from tst_harness import Benchmark, Choice, Columns, HubDataset, InText, StressTest


class TestMMStar(StressTest):
    """MMStar: 1,500 questions on images, in six categories, with the options inside the question."""

    benchmark = Benchmark(
        name="mmstar",
        title="MMStar",
        source=HubDataset(
            "Lin-Chen/MMStar",
            revision="bc98d668301da7b14f648724866e57302778ab27",
            file="mmstar.parquet",
            folder="mmstar",
            row_order="bbe1ef42741235daf7c6ab7f7ef8224f1867f635",
        ),
        columns=Columns(id="index", text="question", options=InText(), answer="answer", type="category"),
        question_types=[
            Choice("coarse perception", answers="letter"),
            Choice("fine-grained perception", answers="letter"),
            Choice("instance reasoning", answers="letter"),
            Choice("logical reasoning", answers="letter"),
            Choice("math", answers="letter"),
            Choice("science & technology", answers="letter"),
        ],
    )
