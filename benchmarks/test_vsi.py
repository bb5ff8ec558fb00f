"""VSI-Bench (Yang et al., arXiv 2412.14171): spatial reasoning in indoor videos."""

from tst_harness import Benchmark, Choice, Columns, HubDataset, Number, StressTest

DIRECTION = r"standing by the (?P<position>.+?) and facing the (?P<facing>.+?), is the (?P<object>.+?) to"


class TestVSI(StressTest):
    """VSI-Bench: 5,130 questions on 288 indoor scenes, in ten types."""

    benchmark = Benchmark(
        name="vsi",
        title="VSI-Bench",
        source=HubDataset(
            "nyu-visionx/VSI-Bench",
            revision="bc96b17cb6be84878a6c1f2e64c24346356e0d04",
            file="test*.parquet",
            folder="vsi_bench",
            row_order="8c48d42738671ef11a1ccb6300c81ed5d893f10f",
        ),
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
            Number("object_size_estimation", r"height\) of the (?P<object>.+?), measured in centimeters"),
            Number("room_size_estimation", r"What is the size of this room \(in square meters\)"),
            Number("object_abs_distance", r"distance between the (?P<first>.+?) and the (?P<second>.+?) \("),
            Choice("object_rel_direction_easy", DIRECTION),
            Choice("object_rel_direction_medium", DIRECTION),
            Choice("object_rel_direction_hard", DIRECTION),
            Choice(
                "object_rel_distance",
                r"which of these objects \((?P<candidates>.+?)\) is the closest to the (?P<anchor>.+?)\?",
            ),
            Choice(
                "obj_appearance_order",
                r"appearance order of the following categories in the video: (?P<categories>.+?)\?",
            ),
            Choice(
                "route_planning",
                r"beginning at (?:the )?(?P<start>.+?),? (?:and )?facing (?:toward )?(?:the )?"
                r"(?P<facing>.+?)\. "
                r"You want to navigate to (?:the )?(?P<goal>.+?)\. .+?: (?P<steps>1\. .+)",
            ),
        ],
        bundled_sample=True,
    )
