"""Memory: what says that it ran out, and what is tried then."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.diagnostics.llm.utils.memory import is_out_of_memory, says_out_of_memory, smaller_batch


@given(st.integers(1, 64), st.integers(1, 16))
def test_a_smaller_batch_divides_the_update_and_is_half_at_most(batch: int, accumulation: int) -> None:
    effective = batch * accumulation
    tried = [batch]
    while tried[-1] > 1:
        tried.append(smaller_batch(tried[-1], effective))
        assert effective % tried[-1] == 0
        assert tried[-1] <= tried[-2] // 2
    assert tried[-1] == 1


def test_powers_of_two_are_halved() -> None:
    assert [smaller_batch(size, 16) for size in (16, 8, 4, 2)] == [8, 4, 2, 1]


@pytest.mark.parametrize(
    "said",
    [
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
        "CUDA error: out of memory",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "[enforce fail at alloc_cpu.cpp:121] err == 0. DefaultCPUAllocator: can't allocate memory: you tried",
        "[enforce fail at CPUAllocator.cpp:64] . DefaultCPUAllocator: not enough memory: you tried",
    ],
)
def test_what_says_that_memory_ran_out(said: str) -> None:
    assert says_out_of_memory(said)
    assert is_out_of_memory(RuntimeError(said))
    assert not is_out_of_memory(ValueError(said)), "a user's text may say anything"


def test_what_does_not() -> None:
    assert not is_out_of_memory(RuntimeError("expected scalar type Float but found BFloat16"))
