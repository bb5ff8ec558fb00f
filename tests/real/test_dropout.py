"""The dropout of training on a CPU drops what torch's own does."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'tst-harness[llm]'")


def test_it_drops_independently_at_its_rate_and_keeps_the_mean() -> None:
    from tst_harness.diagnostics.llm.utils.dropout import use_fast_dropout

    network = torch.nn.Module()
    network.lora_dropout = torch.nn.ModuleDict({"default": torch.nn.Dropout(0.1)})
    use_fast_dropout(network)
    dropout = network.lora_dropout["default"]
    assert not isinstance(dropout, torch.nn.Dropout)
    values = torch.ones(1_001, 999, requires_grad=True)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        dropped = dropout(values)
        torch.manual_seed(0)
        assert torch.equal(dropout(values), dropped)
    dropped.sum().backward()
    gone = dropped == 0
    # A million draws: a rate within 0.1 of a point, neighbours and the four of one number uncorrelated.
    assert float(gone.float().mean()) == pytest.approx(0.1, abs=1e-3)
    assert float(dropped.mean()) == pytest.approx(1.0, abs=2e-3)
    assert torch.equal(values.grad == 0, gone)
    flat = gone.flatten().float()
    for step in (1, 2, 3, 4):
        assert abs(float(torch.corrcoef(torch.stack([flat[:-step], flat[step:]]))[0, 1])) < 5e-3
    assert torch.equal(dropout.eval()(values), values)
