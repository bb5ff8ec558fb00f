"""The encoder with a real, tiny tokenizer: a token a byte, and one for a letter after a space."""

from pathlib import Path
from string import ascii_uppercase
from typing import Any, Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tst_harness.diagnostics.llm.data.conversion import instruction_of, letter_options
from tst_harness.diagnostics.llm.data.encoding import ANSWER_ROOM, PromptEncoder
from tst_harness.diagnostics.llm.data.numbers import format_number
from tst_harness.diagnostics.llm.utils.models import ModelSource
from tst_harness.errors import DataError, EngineError

LLM = "needs pip install 'tst-harness[llm]'"
transformers = pytest.importorskip("transformers", reason=LLM)
tokenizers = pytest.importorskip("tokenizers", reason=LLM)

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# As some reasoning models' templates: an answer that is not the last turn's opening and the response.
THINKING = CHATML.replace(
    "{{ m['content'] }}", "{% if m['role'] == 'assistant' %}<think>{% endif %}Q: {{ m['content'] }}"
)
OPTIONS = ("the red chair", "the stove", "a door")
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ROOM = 40
"""Tokens that the questions of the tests of truncation may have."""


class Folder(ModelSource):
    """A model's folder with a tokenizer alone."""

    name = "tiny"
    revision = "0"

    def __init__(self, path: Path) -> None:
        self.path = path

    def folder(self) -> Path:
        return self.path


def byte_level() -> Any:
    spaced = ["Ġ" + letter for letter in ascii_uppercase]
    pieces = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet()) + spaced
    model = tokenizers.models.BPE(
        vocab={piece: number for number, piece in enumerate(pieces)},
        merges=[("Ġ", letter) for letter in ascii_uppercase],
    )
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    return tokenizer


def save(folder: Path, tokenizer: Any, chat_template: str | None = None) -> Folder:
    """Save a tokenizer that begins texts with <s>, and ends them with </s>."""
    tokenizer.add_special_tokens(["<s>", "</s>", "<|im_start|>", "<|im_end|>"])
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", chat_template=chat_template
    ).save_pretrained(folder)
    return Folder(folder)


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> PromptEncoder:
    return PromptEncoder(save(tmp_path_factory.mktemp("chat"), byte_level(), CHATML))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> PromptEncoder:
    return PromptEncoder(save(tmp_path_factory.mktemp("bare"), byte_level()))


@pytest.fixture(scope="module")
def narrow(chat: PromptEncoder) -> PromptEncoder:
    """With room for the options and `ROOM` tokens of the question."""
    rest = len(chat.prompt(instruction_of("", OPTIONS)).ids)
    return PromptEncoder(chat.model, max_seq_length=rest + ROOM + ANSWER_ROOM)


def decoded(encoder: PromptEncoder, ids: tuple[int, ...]) -> str:
    text: str = encoder.tokenizer.decode(list(ids), skip_special_tokens=False)
    return text


@settings(deadline=None)
@given(TEXT)
def test_training_and_inference_see_the_tokens_of_the_models_own_template(
    chat: PromptEncoder, question: str
) -> None:
    instruction = instruction_of(question, OPTIONS)
    asked = chat.prompt(instruction, question)
    assert chat.prompt(instruction, question, training=True) == asked
    assert not asked.truncated
    messages = [{"role": "user", "content": instruction}]
    own = chat.tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
    assert list(asked.ids) == own


@settings(deadline=None)
@given(TEXT, st.sampled_from("ABC") | st.floats(-1e6, 1e6).map(format_number))
def test_what_is_trained_on_is_the_conversation_that_the_template_writes(
    chat: PromptEncoder, question: str, response: str
) -> None:
    instruction = instruction_of(question, None)
    ids = chat.prompt(instruction, training=True).ids + chat.answer(response)
    messages = [{"role": "user", "content": instruction}, {"role": "assistant", "content": response}]
    whole = chat.tokenizer.apply_chat_template(messages, tokenize=False)
    assert decoded(chat, ids) + "\n" == whole
    [end] = chat.tokenizer("<|im_end|>", add_special_tokens=False)["input_ids"]
    assert ids[-1] == end
    assert end in chat.stop_tokens()
    assert chat.tokenizer.eos_token_id in chat.stop_tokens()


def test_the_papers_mismatch_is_in_inference_alone(chat: PromptEncoder) -> None:
    paper = PromptEncoder(chat.model, template_mismatch="paper")
    instruction = instruction_of("Which?", OPTIONS)
    assert paper.prompt(instruction, training=True) == chat.prompt(instruction)
    assert decoded(paper, paper.prompt(instruction).ids) == "<s>" + instruction
    assert paper.settings != chat.settings


def test_a_model_without_a_chat_template(bare: PromptEncoder) -> None:
    instruction = instruction_of("Which?", OPTIONS)
    asked = bare.prompt(instruction)
    assert asked == bare.prompt(instruction, training=True)
    assert decoded(bare, asked.ids + bare.answer("B")) == f"<s>{instruction}\nAnswer: B</s>"
    assert bare.answer("B")[-1] == bare.tokenizer.eos_token_id
    assert bare.letters(3) == [(bare.answer(letter)[0],) for letter in "ABC"]


@pytest.mark.parametrize("kind", ["chat", "bare"])
def test_letters_are_told_apart_and_are_what_training_teaches(
    kind: Literal["chat", "bare"], request: pytest.FixtureRequest
) -> None:
    encoder: PromptEncoder = request.getfixturevalue(kind)
    letters = encoder.letters(26)
    every = [token for tokens in letters for token in tokens]
    assert len(set(every)) == len(every)
    for letter, tokens in zip(ascii_uppercase, letters, strict=True):
        assert tokens[0] == encoder.answer(letter)[0]
        assert {decoded(encoder, (token,)).strip() for token in tokens} == {letter}
    assert encoder.letters(4) == letters[:4]
    with pytest.raises(DataError, match="a question has 27 options, and there are 26 letters"):
        encoder.letters(27)


def test_a_letter_said_with_a_space_before_it_counts_as_well(chat: PromptEncoder) -> None:
    assert [decoded(chat, (token,)) for token in chat.letters(2)[1]] == ["B", " B"]


def test_a_tokenizer_without_a_token_for_each_letter_is_refused(tmp_path: Path) -> None:
    words = tokenizers.models.WordLevel({"<unk>": 0, "A": 1}, unk_token="<unk>")
    encoder = PromptEncoder(save(tmp_path, tokenizers.Tokenizer(words)))
    with pytest.raises(EngineError, match="the tokenizer of tiny has no token of its own for each letter"):
        encoder.letters(2)


def test_a_template_that_adds_to_an_answer_still_ends_it(tmp_path: Path) -> None:
    encoder = PromptEncoder(save(tmp_path, byte_level(), THINKING))
    assert decoded(encoder, encoder.answer("B")) == "B</s>"


@settings(deadline=None)
@given(TEXT)
@example("x" * (ROOM + 1))
@example("é" * 100)
@example("Which of these is nearest to the window, seen from the door? " * 50)
def test_too_long_a_question_loses_its_middle_alone(narrow: PromptEncoder, question: str) -> None:
    encoded = narrow.prompt(instruction_of(question, OPTIONS), question)
    text = decoded(narrow, encoded.ids)
    head, _, tail = text.partition(f"\n{letter_options(OPTIONS)}\n")
    assert tail == instruction_of("", OPTIONS).split("\n")[-1] + "<|im_end|>\n<|im_start|>assistant\n"
    shown = head.removeprefix("<|im_start|>user\n")
    fits = len(narrow.tokenizer(question, add_special_tokens=False)["input_ids"]) <= ROOM
    assert encoded.truncated == (not fits)
    if fits:
        assert shown == question
        return
    before, mark, after = shown.partition(" [...] ")
    assert mark
    assert question.startswith(before)
    assert question.endswith(after)
    assert abs(len(before) - len(after)) <= 1
    # No more is left out than must be: one character has four bytes at most.
    assert len(encoded.ids) <= narrow.max_seq_length - ANSWER_ROOM < len(encoded.ids) + 4


def test_training_and_inference_shorten_alike(narrow: PromptEncoder) -> None:
    instruction = instruction_of("x" * 100, OPTIONS)
    encoded = narrow.prompt(instruction, "x" * 100)
    assert encoded.truncated
    assert narrow.prompt(instruction, "x" * 100, training=True) == encoded


def test_what_may_not_be_shortened_is_an_error(narrow: PromptEncoder) -> None:
    question = "x" * 100
    message = r"a prompt has \d+ tokens where \d+ fit .*; raise max_seq_length"
    strict = PromptEncoder(narrow.model, max_seq_length=narrow.max_seq_length, too_long="error")
    assert not strict.prompt(instruction_of("Which?", OPTIONS), "Which?").truncated
    with pytest.raises(DataError, match=message):
        strict.prompt(instruction_of(question, OPTIONS), question)
    with pytest.raises(DataError, match=message):
        narrow.prompt(instruction_of(question, OPTIONS))
    with pytest.raises(DataError, match=message):
        narrow.prompt(instruction_of("Which?", ("a" * 300, "b")), "Which?")
