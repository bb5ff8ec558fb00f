"""Memory that reading takes: 100,000 questions as flat JSON Lines, and in three layouts of the same.

Usage: reading.py [ROWS]

The TSV with a picture of 20 KB in each row takes 2 GB of the temporary folder.
"""

import base64
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_THINGS = "kettle ladder violin tractor lantern parrot helmet canoe".split()  # noqa: SIM905
_PICTURE_BYTES = 15_000
"""20 KB as base64."""
_READ = """
import resource, sys, time
from tst_harness.engine.proposal import propose
start = time.perf_counter()
source = propose(sys.argv[1], "rows", {}).dataset.source
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(source.questions, source.groups, peak / 1024, time.perf_counter() - start)
"""


def question(number: int) -> dict[str, Any]:
    """A question of four options, with its video and skill."""
    rng = random.Random(number)
    return {
        "id": f"q{number}",
        "video": f"v{number // 10}",
        "skill": ("action", "speed", "order")[number // 3 % 3],
        "question": f"What is carried out of house {rng.randrange(10**6)} at {rng.randrange(24)} o'clock?",
        "options": rng.sample(_THINGS, 4),
        "answer": "ABCD"[rng.randrange(4)],
    }


def flat(folder: Path, rows: int) -> Path:
    """A question a line."""
    path = folder / "flat.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(question(number)) + "\n" for number in range(rows))
    return path


def nested(folder: Path, rows: int) -> Path:
    """The same under the keys of the video and of the skill, in one document."""
    path = folder / "nested.json"
    with path.open("w", encoding="utf-8") as stream:
        stream.write("{")
        for start in range(0, rows, 10):
            skills: dict[str, list[dict[str, Any]]] = {}
            for row in map(question, range(start, min(start + 10, rows))):
                skills.setdefault(row.pop("skill"), []).append(row)
            video = skills[next(iter(skills))][0]["video"]
            for inside in skills.values():
                for row in inside:
                    del row["video"]
            stream.write(f"{',' * (start > 0)}\n{json.dumps(video)}: {json.dumps(skills)}")
        stream.write("}\n")
    return path


def structs(folder: Path, rows: int) -> Path:
    """The same in Parquet, the question, its options and its letters in a struct."""
    import pyarrow as pa
    from pyarrow import parquet

    def records(start: int) -> Iterator[dict[str, Any]]:
        for row in map(question, range(start, min(start + 10_000, rows))):
            options = {"text": row.pop("options"), "label": list("ABCD")}
            yield row | {"question": {"stem": row["question"], "choices": options}}

    path = folder / "structs.parquet"
    first = pa.Table.from_pylist(list(records(0)))
    with parquet.ParquetWriter(path, first.schema) as writer:
        for start in range(0, rows, 10_000):
            writer.write_table(pa.Table.from_pylist(list(records(start)), schema=first.schema))
    return path


def pictures(folder: Path, rows: int) -> Path:
    """The same as TSV, a column an option, with a picture in each row."""
    path = folder / "pictures.tsv"
    names = ["index", "video", "category", "question", "A", "B", "C", "D", "answer", "image"]
    with path.open("w", encoding="utf-8") as stream:
        stream.write("\t".join(names) + "\n")
        for number in range(rows):
            row = question(number)
            picture = base64.b64encode(random.Random(number % 50).randbytes(_PICTURE_BYTES)).decode()
            cells = [row["id"], row["video"], row["skill"], row["question"], *row["options"], row["answer"]]
            stream.write("\t".join([*cells, f"{number:08d}{picture}"]) + "\n")
    return path


def main(rows: int) -> None:
    """Print what each layout takes."""
    layouts: list[Callable[[Path, int], Path]] = [flat, nested, structs, pictures]
    print("layout      file MB  questions  groups  peak MB  of flat  seconds")
    reference = 0.0
    for make in layouts:
        with tempfile.TemporaryDirectory() as folder:
            path = make(Path(folder), rows)
            size = path.stat().st_size / 1e6
            command = [sys.executable, "-c", _READ, str(path)]
            run = subprocess.run(command, check=True, capture_output=True, text=True)
        questions, groups, peak, seconds = map(float, run.stdout.split("\n")[-2].split())
        reference = reference or peak
        print(
            f"{make.__name__:10} {size:8,.0f} {questions:10,.0f} {groups:7,.0f} {peak:8.0f} "
            f"{peak / reference:8.2f} {seconds:8.1f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
