"""A package as `wordllama` is, with a table of a few words, that must not be imported."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

UNKNOWN = "[UNK]"


def write_table(site: Path, vectors: Mapping[str, Sequence[float]]) -> Path:
    """Write the package into a folder of the search path, and return where its table lies."""
    # Not at the top: where it is not installed, tests that need it are skipped.
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    place = site / "wordllama"
    for folder in (place / "weights", place / "tokenizers", site / "wordllama-9.9.dist-info"):
        folder.mkdir(parents=True)
    (place / "__init__.py").write_text("raise AssertionError('imported')\n", "utf-8")
    (site / "wordllama-9.9.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: wordllama\nVersion: 9.9\n", "utf-8"
    )
    width = len(next(iter(vectors.values())))
    values = np.array([[0.0] * width, *vectors.values()], dtype=np.float16)
    tensor = {"dtype": "F16", "shape": list(values.shape), "data_offsets": [0, values.nbytes]}
    header = json.dumps({"embedding.weight": tensor}).encode()
    data = len(header).to_bytes(8, "little") + header + values.tobytes()
    (place / "weights" / "l2_supercat_256.safetensors").write_bytes(data)
    tokenizer = Tokenizer(
        WordLevel({word: place for place, word in enumerate([UNKNOWN, *vectors])}, unk_token=UNKNOWN)
    )
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(place / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    return place


def write_words(site: Path, kinds: int = 4, words: int = 2_000, width: int = 16) -> list[list[str]]:
    """Write a table of words of some kinds, those of a kind alike, and return the words of each kind."""
    rng = np.random.default_rng(0)
    names = [[f"{chr(97 + kind)}{place:04}" for place in range(words)] for kind in range(kinds)]
    centres = rng.standard_normal((kinds, width))
    vectors = {
        word: (centre + 0.3 * rng.standard_normal(width)).tolist()
        for own, centre in zip(names, centres, strict=True)
        for word in own
    }
    # Names say nothing of the kind.
    hidden = [f"w{number}" for number in rng.permutation(kinds * words)]
    renamed = dict(zip(vectors, hidden, strict=True))
    write_table(site, {renamed[word]: vector for word, vector in vectors.items()})
    return [[renamed[word] for word in own] for own in names]
