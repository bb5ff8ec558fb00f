"""The bundled sample: about 600 generated questions in VSI-Bench's form, and their declaration."""

from tst_harness.benchmark.declarations import Benchmark, BundledSample, Choice, Columns, Number

_STANDING = r"standing by the (?P<here>.+?) and facing the (?P<facing>.+?), is the (?P<sought>.+?) to "


def benchmark() -> Benchmark:
    """The sample, declared as a benchmark of its own."""
    return Benchmark(
        name="sample",
        title="bundled sample",
        source=BundledSample(),
        columns=Columns(
            id="id",
            text="question",
            options="options",
            answer="ground_truth",
            type="question_type",
            group="scene_name",
        ),
        question_types=[
            Number("object_counting", r"How many (?P<object>.+?)\(s\) are in this room"),
            Number("object_size_estimation", r"or height\) of the (?P<object>.+?), measured in centimeters"),
            Number("room_size_estimation"),
            Number("object_abs_distance", r"between the (?P<one>.+?) and the (?P<other>.+?) \(in meters\)"),
            Choice("object_rel_direction_easy", _STANDING + "the left or the right"),
            Choice("object_rel_direction_medium", _STANDING + "my left, right, or back"),
            Choice("object_rel_direction_hard", _STANDING + "my front-left"),
            Choice(
                "object_rel_distance",
                r"which of these objects \((?P<candidates>.+?)\) is the closest to the (?P<anchor>.+?)\?",
            ),
            Choice("obj_appearance_order", r"following categories in the video: (?P<objects>.+?)\?"),
            Choice(
                "route_planning",
                r"beginning at the (?P<start>.+?) and facing the (?P<facing>.+?)\. "
                r"You want to navigate to the (?P<goal>.+?)\.",
            ),
        ],
        bundled_sample=True,
    )
