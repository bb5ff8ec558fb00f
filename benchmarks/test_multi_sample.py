"""Made-up questions with several right options: how to declare such a benchmark."""

from tst_harness import Benchmark, BundledSample, Columns, Multi, StressTest


class TestMultiSample(StressTest):
    """The bundled multi sample: 240 questions on 120 scenes, whose answers are planted at strength 0.8."""

    benchmark = Benchmark(
        name="multi_sample",
        title="bundled multi sample",
        source=BundledSample("multi"),
        columns=Columns(
            id="id", text="question", options="options", answer="answer", type="type", group="scene"
        ),
        question_types=[
            Multi("side"),
            Multi("order", r"show before the (?P<anchor>.+?)\?"),
        ],
    )
