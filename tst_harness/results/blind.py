"""A blind run: a served model is asked every question without its picture, some at a time, and resumed."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Protocol

import numpy as np

from tst_harness.analysis.diagnostic import Questions
from tst_harness.analysis.ranges import Fraction
from tst_harness.analysis.scoring import LETTERS, option_letter
from tst_harness.benchmark.model import Model
from tst_harness.dataset.loading import Dataset
from tst_harness.diagnostics.llm.data.conversion import prompts_per_question, test_instances
from tst_harness.errors import DataError, EngineError
from tst_harness.results.served import ANSWER_TOKENS, QuestionRefusedError, Reply, ServerRefusedError

_CHARACTERS_PER_TOKEN = 4
_PROBABILITY_DIGITS = 6


class BlindAnswer(Model):
    """One line of a blind run.

    `run` tells the questions, the prompts and the model apart from others; `probabilities` are those of the
    options among what the server tells of the first token, null where it tells nothing. `tokens` are those of
    prompts and answers, as the server counts them.
    """

    run: str
    id: str
    prediction: str
    response: str
    probabilities: list[Fraction] | None
    tokens: int


class Asks(Protocol):
    """What is asked: a `Server`, or another that answers prompts."""

    model: str

    def ask(self, prompt: str) -> Reply:
        """Return the answer to a prompt."""
        ...


class _Question(NamedTuple):
    id: str
    format: str
    options: tuple[str, ...]
    prompts: list[str]


class BlindRun:
    """The questions of a dataset, asked without picture, and the file of the answers.

    Parameters
    ----------
    dataset
        The benchmark.
    model
        Whom it is asked.
    path
        Where the answers go, a line each; what is there already is not asked again.

    Raises
    ------
    DataError
        The file is of another run, or a question cannot be asked.
    """

    def __init__(self, dataset: Dataset, model: str, path: Path) -> None:
        self.path = path
        self._questions = _questions(dataset)
        prompts = "\n".join(prompt for question in self._questions for prompt in question.prompts)
        about = json.dumps([model, dataset.source.fingerprint.content, prompts])
        self._run = hashlib.sha256(about.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self.answered = self._resumed()

    @property
    def left(self) -> list[str]:
        """The ids of the questions that are not answered yet."""
        return [question.id for question in self._questions if question.id not in self.answered]

    @property
    def tokens(self) -> tuple[int, int]:
        """About how many tokens the prompts that are left have, and the most that answers may have."""
        prompts = [
            prompt
            for question in self._questions
            if question.id not in self.answered
            for prompt in question.prompts
        ]
        characters = sum(map(len, prompts))
        return -(-characters // _CHARACTERS_PER_TOKEN), ANSWER_TOKENS * len(prompts)

    def ask(self, server: Asks, at_a_time: int, progress: Callable[[], None] | None = None) -> list[str]:
        """Ask what is left, and return why questions were not answered, a sentence each.

        Parameters
        ----------
        server
            Whom.
        at_a_time
            How many questions.
        progress
            Is called after each answer.

        Raises
        ------
        EngineError
            The server refuses all questions, or as many in a row as are asked at a time; what it answered is
            kept.
        """
        left = iter([question for question in self._questions if question.id not in self.answered])
        failures: list[str] = []
        in_a_row = 0
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = Lock()
        with self.path.open("a", encoding="utf-8") as stream:

            def answer(question: _Question) -> None:
                line = self._answer(server, question).model_dump_json() + "\n"
                # Whole or, where the process is killed, cut: never mixed with another.
                with lock:
                    stream.write(line)
                    stream.flush()
                    self.answered.add(question.id)

            pool = ThreadPoolExecutor(at_a_time)
            try:
                pending: dict[Future[None], str] = {}
                while True:
                    for question in islice(left, at_a_time - len(pending)):
                        pending[pool.submit(answer, question)] = question.id
                    if not pending:
                        return failures
                    done, _ = wait(pending, return_when=FIRST_COMPLETED)
                    for future in done:
                        id_ = pending.pop(future)
                        try:
                            future.result()
                        except ServerRefusedError:
                            raise
                        except EngineError as error:
                            failures.append(f"{id_}: {error}")
                            # A server that refuses some questions and answers others is well.
                            if not (isinstance(error, QuestionRefusedError) and self.answered):
                                in_a_row += 1
                            if in_a_row > at_a_time:
                                raise EngineError(
                                    f"{error}, {in_a_row} questions in a row; {len(self.answered):,} of "
                                    f"{len(self._questions):,} are answered and kept, so the same command "
                                    "goes on from there"
                                ) from None
                            continue
                        in_a_row = 0
                        if progress is not None:
                            progress()
            finally:
                # What is being answered is waited for and kept: it is paid for.
                pool.shutdown(wait=True, cancel_futures=True)

    def _answer(self, server: Asks, question: _Question) -> BlindAnswer:
        replies = [server.ask(prompt) for prompt in question.prompts]
        prediction, probabilities = _read(question, replies)
        return BlindAnswer(
            run=self._run,
            id=question.id,
            prediction=prediction,
            response="\n".join(reply.text for reply in replies).encode("utf-8", "replace").decode(),
            probabilities=probabilities,
            tokens=sum(reply.tokens for reply in replies),
        )

    def _resumed(self) -> set[str]:
        """Return the ids in the file, after a line that was cut is taken away."""
        if not self.path.exists():
            return set()
        content = self.path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
            self.path.write_bytes(whole)
        known = {question.id for question in self._questions}
        ids = set()
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                answer = BlindAnswer.model_validate_json(line)
            except ValueError:
                raise DataError(
                    f"{self.path.name} line {number}: is no answer of a blind run; choose another file with "
                    "--output"
                ) from None
            if answer.run != self._run or answer.id not in known:
                raise DataError(
                    f"{self.path.name} line {number}: is of another model, other questions or other "
                    "prompts; choose another file with --output, or remove it"
                )
            ids.add(answer.id)
        return ids


def _questions(dataset: Dataset) -> list[_Question]:
    questions, rows = Questions.of(dataset), np.arange(len(dataset.frame))
    prompts = iter(instance.instruction for instance in test_instances(questions, rows))
    frame = dataset.frame
    return [
        _Question(id_, format_, tuple(options or ()), [next(prompts) for _ in range(count)])
        for id_, format_, options, count in zip(
            frame["id"], frame["format"], frame["options"], prompts_per_question(questions, rows), strict=True
        )
    ]


def _read(question: _Question, replies: Sequence[Reply]) -> tuple[str, list[float] | None]:
    """Return the prediction, and the probabilities of the options where the server tells them."""
    if question.format == "multi":
        judged = [_shares(reply, 2) for reply in replies]
        probabilities = [None if shares is None else shares[0] for shares in judged]
        right = [
            share > 0.5 if share is not None else reply.text.strip().casefold().startswith(("a", "yes"))
            for share, reply in zip(probabilities, replies, strict=True)
        ]
        known = [share for share in probabilities if share is not None]
        letters = ", ".join(option_letter(place) for place, chosen in enumerate(right) if chosen)
        return letters, known if len(known) == len(right) else None
    [reply] = replies
    shares = _shares(reply, len(question.options)) if question.format == "mc" else None
    if shares is None:
        return reply.text.strip().encode("utf-8", "replace").decode(), None
    return option_letter(int(np.argmax(shares))), shares


def _shares(reply: Reply, options: int) -> list[float] | None:
    """The probability of each option relative to all of them; None where the server tells of none."""
    if reply.letters is None:
        return None
    known = [reply.letters.get(letter, 0.0) for letter in LETTERS[:options]]
    total = sum(known)
    return None if total <= 0.0 else [round(value / total, _PROBABILITY_DIGITS) for value in known]


def answers_in(path: Path) -> Iterator[BlindAnswer]:
    """Yield the answers of a run that is done."""
    with path.open("rb") as lines:
        yield from map(BlindAnswer.model_validate_json, lines)
