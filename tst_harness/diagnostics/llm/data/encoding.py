"""From an instruction to tokens, the same for training and inference and for every engine.

Engines are handed token ids and never render a prompt themselves, so that none can render it otherwise.
"""

from dataclasses import dataclass
from functools import cached_property
from string import ascii_uppercase
from typing import Any, Literal

from tst_harness.diagnostics.llm.utils.models import ModelSource, find_model
from tst_harness.errors import DataError, EngineError

ANSWER_ROOM = 16
"""Tokens kept free for the answer."""
_MARK = " [...] "
_KEPT = 100_000
"""Prompts at most that are kept: all of a benchmark, which the folds share."""

TooLong = Literal["truncate", "error"]
TemplateMismatch = Literal["paper"]


@dataclass(frozen=True)
class Encoded:
    """A prompt's token ids, and whether its question was shortened to fit."""

    ids: tuple[int, ...]
    truncated: bool = False


class PromptEncoder:
    """The model's own chat template where it has one, and its tokens.

    Parameters
    ----------
    model
        Whose tokenizer it is.
    max_seq_length
        Tokens at most of prompt and answer together.
    too_long
        What happens to a longer prompt: the middle of its question is left out, which is counted, or it
        is an error. Options and what else the instruction says are never shortened.
    template_mismatch
        "paper" prompts with the bare instruction after training with the chat template, as the published
        TsT runs did (`apply_chat_template` off in inference); for reproduction alone.
    """

    def __init__(
        self,
        model: ModelSource,
        max_seq_length: int = 1024,
        too_long: TooLong = "truncate",
        template_mismatch: TemplateMismatch | None = None,
    ) -> None:
        self.model = model
        self.max_seq_length = max_seq_length
        self.too_long = too_long
        self.template_mismatch = template_mismatch
        self._kept: dict[tuple[str, str | None, bool], Encoded] = {}

    @property
    def settings(self) -> dict[str, Any]:
        """All that decides the tokens, in plain types."""
        return {
            "model": self.model.name,
            "revision": self.model.revision,
            "max_seq_length": self.max_seq_length,
            "too_long": self.too_long,
            "template_mismatch": self.template_mismatch,
        }

    @cached_property
    def tokenizer(self) -> Any:
        """The model's tokenizer (transformers)."""
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(str(self.model.folder()))

    def prompt(self, instruction: str, question: object = None, *, training: bool = False) -> Encoded:
        """Encode what comes before the answer; what was encoded before is not encoded again.

        Parameters
        ----------
        instruction
            The user's turn.
        question
            The part of it that may be shortened.
        training
            Whether to train on it.

        Raises
        ------
        DataError
            It is too long and may not, or cannot, be shortened.
        """
        chat = training or self.template_mismatch is None
        key = (instruction, question if isinstance(question, str) else None, chat)
        encoded = self._kept.get(key)
        if encoded is None:
            encoded = self._encode(*key)
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[key] = encoded
        return encoded

    def _encode(self, instruction: str, question: str | None, chat: bool) -> Encoded:
        render = self._chat if chat else self._bare
        room = self.max_seq_length - ANSWER_ROOM
        ids = render(instruction)
        if len(ids) <= room:
            return Encoded(tuple(ids))
        if self.too_long == "truncate" and question and question in instruction:
            before, _, after = instruction.partition(question)
            kept = _longest(question, lambda short: len(render(before + short + after)) <= room)
            if kept is not None:
                return Encoded(tuple(render(before + kept + after)), truncated=True)
        raise DataError(
            f"a prompt has {len(ids)} tokens where {room} fit ({instruction[:60]!r}...); raise "
            "max_seq_length (--tst-lora max_seq_length=...) or shorten the question and its options"
        )

    def answer(self, response: str) -> tuple[int, ...]:
        """Encode what the model is to learn to say: the response and the end of its turn."""
        lead, end = self._turn
        return tuple(self.tokenizer(lead + response + end, add_special_tokens=False)["input_ids"])

    def letters(self, n: int) -> list[tuple[int, ...]]:
        """Return the tokens that begin an answer with each of the first n letters.

        The first of each is the one that training teaches; a model that was not trained may say the letter
        with a space before it, which counts as well.

        Raises
        ------
        DataError
            There are more options than letters.
        EngineError
            The tokenizer has no token of its own for each letter.
        """
        if n > len(ascii_uppercase):
            raise DataError(
                f"a question has {n} options, and there are {len(ascii_uppercase)} letters for them"
            )
        return self._letters[:n]

    def first_tokens(self, responses: list[str]) -> list[int]:
        """Return the first token of each response."""
        return [self.answer(response)[0] for response in responses]

    def stop_tokens(self) -> tuple[int, ...]:
        """Return the tokens that end an answer: the end of a turn and of a text."""
        end = self.tokenizer(self._turn[1], add_special_tokens=False)["input_ids"][:1]
        return tuple(dict.fromkeys([*end, self.tokenizer.eos_token_id]))

    @cached_property
    def _letters(self) -> list[tuple[int, ...]]:
        first = self.first_tokens(list(ascii_uppercase))
        if len(set(first)) < len(first):
            raise EngineError(
                f"the tokenizer of {self.model.name} has no token of its own for each letter, so options "
                "cannot be told apart by the first token of the answer; use another model"
            )
        letters: list[tuple[int, ...]] = []
        for letter, token in zip(ascii_uppercase, first, strict=True):
            spaced = self.tokenizer(" " + letter, add_special_tokens=False)["input_ids"]
            letters.append((token, spaced[0]) if len(spaced) == 1 and spaced[0] != token else (token,))
        return letters

    @cached_property
    def _turn(self) -> tuple[str, str]:
        """What stands between the prompt and the response, and after it."""
        if not self._has_template:
            return " ", self.tokenizer.eos_token or ""
        messages = [{"role": "user", "content": "Q"}]
        opened = self._rendered(messages, True)
        closed = self._rendered([*messages, {"role": "assistant", "content": "R"}], False)
        # Some templates add to an assistant's turn what they do not add to its opening.
        end = closed[len(opened) + 1 :].strip() if closed.startswith(opened + "R") else ""
        return "", end or self.tokenizer.eos_token or ""

    @property
    def _has_template(self) -> bool:
        return bool(getattr(self.tokenizer, "chat_template", None))

    def _rendered(self, messages: list[dict[str, str]], open_answer: bool) -> str:
        text: str = self.tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=open_answer
        )
        return text

    def text(self, instruction: str) -> str:
        """Return the prompt as text, special tokens written out."""
        if not self._has_template:
            return instruction + "\nAnswer:"
        return self._rendered([{"role": "user", "content": instruction}], True)

    def _chat(self, instruction: str) -> list[int]:
        ids: list[int] = self.tokenizer(self.text(instruction), add_special_tokens=not self._has_template)[
            "input_ids"
        ]
        return ids

    def _bare(self, instruction: str) -> list[int]:
        ids: list[int] = self.tokenizer(instruction)["input_ids"]
        return ids


def encoder_for(
    what: str, model_name: str | None, max_seq_length: int, encoder: PromptEncoder | None
) -> PromptEncoder:
    """Return the encoder of an engine: the one it was given, or one for the model of its settings.

    Parameters
    ----------
    what
        The engine, for the message.
    model_name, max_seq_length
        Those of its settings; None leaves the model to the encoder, or to `find_model`.
    encoder
        The one it was given, if any.

    Raises
    ------
    DataError
        The encoder is of another model than the settings say.
    """
    if encoder is None:
        return PromptEncoder(find_model(model_name), max_seq_length)
    if model_name not in (None, encoder.model.name):
        raise DataError(
            f"{what} is set to {model_name}, and its encoder to {encoder.model.name}; name the same model "
            "twice, or leave it out of the settings"
        )
    return encoder


def _longest(question: str, fits: Any) -> str | None:
    """Return the question with as little as possible of its middle left out; None where nothing fits."""
    low, high = -1, len(question) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if fits(_shortened(question, middle)):
            low = middle
        else:
            high = middle - 1
    return None if low < 0 else _shortened(question, low)


def _shortened(question: str, kept: int) -> str:
    head = (kept + 1) // 2
    return question[:head] + _MARK + question[len(question) - (kept - head) :]
