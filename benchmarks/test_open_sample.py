"""Made-up questions with open answers, scored by three metrics: how to declare such a benchmark."""

from tst_harness import Benchmark, BundledSample, Columns, Open, StressTest


class TestOpenSample(StressTest):
    """The bundled open sample: 360 questions on 120 scenes, whose answers are planted at strength 0.8."""

    benchmark = Benchmark(
        name="open_sample",
        title="bundled open sample",
        source=BundledSample("open"),
        columns=Columns(id="id", text="question", answer="answer", type="type", group="scene"),
        question_types=[
            Open("material", r"What is the (?P<object>.+?) in this room made of"),
            Open("color", r"What color is the (?P<object>.+?)\?", metric="vqa"),
            Open("label", r"label on the (?P<object>.+?) say", metric="anls"),
        ],
    )
