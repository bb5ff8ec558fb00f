"""What a run is asked for: which data, which analyses, which folds."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from tst_harness.analysis.names import FOREST, LLM
from tst_harness.analysis.units import (
    BOTH,
    GROUPED,
    HALVES,
    POPULATION,
    RANDOM,
    TEST_SET,
    Intervals,
    Plan,
    Split,
    describe_folds,
)
from tst_harness.benchmark.declarations import Benchmark, FaultPolicy
from tst_harness.benchmark.model import Model
from tst_harness.diagnostics.llm.config import LLMConfig
from tst_harness.errors import HarnessError


class Settings(Model):
    """What a run is asked for.

    Attributes
    ----------
    diagnostics
        The diagnostics that run, by name.
    limit
        Diagnose a stratified, seeded subset of that many questions.
    llm
        The model, its training and its engines.
    data_dir
        Where `<folder>/<file>` of a Hub dataset is looked for first.
    require_real
        Refuse the bundled sample as a stand-in.
    faults
        Whether rows that cannot be scored are left out and told ("report") or stop the run ("stop"); None
        leaves it to the benchmark.
    folds, seed, repeats
        How many folds there are, the seed of their assignment, and how many assignments.
    split
        How folds are made: "random", "grouped", which keeps groups whole, or "both".
    interval
        What intervals are of: "test-set", or "population", which adds the forest's intervals for other
        questions of the kind.
    null_control
        Permute the answers before everything else.
    allow_leak
        Let hand-written feature models read the held-out answers.
    vectors
        The package with a table of word vectors that the forest reads with, too.
    ray
        The address of a Ray cluster that folds are sent to.
    report_dir
        Where reports and, below it, records go.
    fresh
        Compute every fold again, whatever the record store has.
    folds_together
        How many folds of a benchmark a language model is trained on in one pass, at most; see `group_size`.
    share_gpu
        Let xdist workers share a CUDA device where there are more workers than devices.
    verbose
        Show all shortcuts, folds and faulty rows.
    texts
        Whether reports and records quote questions; None leaves it to each benchmark.
    gates, ini_gates
        Rules from the command line and the ini file; each names its benchmark.
    inconclusive
        What an inconclusive gate does to the session.
    unjudged
        What a gate that cannot be judged, or an analysis that cannot run, does to the session.
    reference_update
        Write references instead of judging by them.
    markdown
        Where a summary for a CI page goes.
    html
        Write a page beside each report.
    """

    diagnostics: tuple[str, ...] = (FOREST,)
    limit: Annotated[int, Field(ge=1)] | None = None
    llm: LLMConfig = Field(default_factory=LLMConfig)
    data_dir: Path | None = None
    require_real: bool = False
    faults: FaultPolicy | None = None
    folds: Annotated[int, Field(ge=2, le=1000)] = 5
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 42
    repeats: Annotated[int, Field(ge=1, le=1000)] = 1
    split: Split | Literal["both"] = RANDOM
    interval: Intervals = TEST_SET
    null_control: bool = False
    allow_leak: bool = False
    vectors: Literal["wordllama"] | None = None
    ray: str | None = None
    report_dir: Path = Path("reports")
    fresh: bool = False
    folds_together: Annotated[int, Field(ge=1)] | Literal["auto"] = "auto"
    share_gpu: bool = False
    verbose: bool = False
    texts: Literal["keep", "omit"] | None = None
    gates: tuple[str, ...] = ()
    ini_gates: tuple[str, ...] = ()
    inconclusive: Literal["fail", "warn", "pass"] = "warn"
    unjudged: Literal["fail", "warn"] = "fail"
    reference_update: bool = False
    markdown: Path | None = None
    html: bool = False

    def splits_of(self, benchmark: Benchmark) -> tuple[Split, ...]:
        """How the folds of a benchmark are made: without groups, both splits are one."""
        if self.split != BOTH:
            return (self.split,)
        return (RANDOM,) if benchmark.columns.group is None else (RANDOM, GROUPED)

    def split_of(self, benchmark: Benchmark) -> Split | Literal["both"]:
        """What a report says of `splits_of`."""
        splits = self.splits_of(benchmark)
        return BOTH if len(splits) > 1 else splits[0]

    def plan(self, benchmark: Benchmark, models: bool = False) -> Plan:
        """What the units of a benchmark follow from; `models` is whether it has feature models."""
        splits = self.splits_of(benchmark)
        return Plan(self.diagnostics, splits, self.repeats, self.folds, models, self.interval)

    def describe(self) -> str:
        """One line on what was asked for."""
        where = "the Hub" if self.data_dir is None else f"{self.data_dir}, else the Hub"
        parts = [
            f"data from {where}{'' if self.require_real else ', else a bundled sample'}",
            describe_folds(self.folds, self.split),
            f"seed {self.seed}",
        ]
        if self.limit is not None:
            parts.append(f"at most {self.limit:,} questions")
        if self.diagnostics != (FOREST,):
            parts.insert(0, f"diagnostic {' and '.join(self.diagnostics)}")
        if LLM in self.diagnostics:
            rank, epochs, rate = self.llm.lora_rank, self.llm.num_epochs, self.llm.learning_rate
            parts.append(f"LoRA rank {rank}, {epochs} epoch{'s' * (epochs > 1)}, learning rate {rate:g}")
        if self.vectors is not None:
            parts.append(f"word vectors of {self.vectors}")
        if self.repeats > 1:
            parts.append(f"{self.repeats} repeats")
        if self.ray is not None:
            parts.append(f"folds on the Ray cluster {self.ray}")
        if self.null_control:
            parts.append("NULL CONTROL: answers permuted")
        return "; ".join(parts)

    def more_runs(self) -> str | None:
        """A sentence on the runs that intervals for other questions take; None where there are none."""
        if self.interval != POPULATION or FOREST not in self.diagnostics:
            return None
        runs = f"{HALVES} runs of the forest on halves of the questions, as long as 10 to 15 on all of them"
        return f"intervals for other questions take {runs}"

    def expectation(self) -> str | None:
        """A sentence on what will not be found, before hours are spent; None where there is none."""
        if LLM not in self.diagnostics:
            return None
        from tst_harness.diagnostics.llm.expectation import expectation

        try:
            return expectation(self.llm.model_name)
        except HarnessError:  # Of a model that there is not, what loads it says so.
            return None
