"""The plugin lives beside others: no name of its is theirs, and all of them work together."""

import inspect
from collections import Counter

import pytest
from projects import REPORT, UNITS, progress, read_json, write_project

import tst_harness.integrations.pytest.fixtures

OTHERS = """
    from hypothesis import given, strategies


    @given(strategies.integers())
    def test_property(number):
        assert number * 0 == 0


    def test_timing(benchmark):
        assert benchmark(sum, [1, 2]) == 3
"""


def test_all_of_them_are_active_in_one_session(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    pytester.makepyfile(test_others=OTHERS)
    result = pytester.runpytest_subprocess("-n2", "--cov=test_others", "--benchmark-disable")
    result.assert_outcomes(passed=UNITS + 2)
    assert result.ret == pytest.ExitCode.OK
    assert len(progress(result)) == UNITS
    result.stdout.fnmatch_lines_random(["test_others.py *100%*", "report: reports/toy.json"])
    assert read_json(REPORT)["diagnostics"]["forest"]["complete"] is True


def test_a_benchmark_fixture_is_timed_beside_an_audit(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Set where this test is itself run by xdist; it keeps pytest-benchmark from timing anything.
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    write_project(pytester)
    pytester.makepyfile(test_others=OTHERS)
    result = pytester.runpytest_inprocess(
        "-p", "no:hypothesispytest", "--benchmark-max-time=0.01", "-k", "not property"
    )
    result.assert_outcomes(passed=UNITS + 1, deselected=1)
    result.stdout.fnmatch_lines_random(["*benchmark: 1 tests*", "report: reports/toy.json"])


def test_options_collide_with_no_other_plugin(pytestconfig: pytest.Config) -> None:
    parser = pytestconfig._parser
    groups = {group.name: group for group in [*parser._groups, parser._anonymous]}
    names = {name: {text for one in group.options for text in one.names()} for name, group in groups.items()}
    ours = names.pop("tst") | names.pop("tst-llm") | names.pop("tst-gates")
    assert "--tst-model" in ours
    assert all(name.startswith("--tst-") for name in ours)
    assert not [name for other in names.values() for name in other if name.startswith("--tst")]
    # --tst-html and --tst-no-html set the same one.
    keys = [key for group in groups.values() for key in {option.dest for option in group.options}]
    assert not [key for key, times in Counter(keys).items() if times > 1 and key.startswith("tst")]


def test_fixtures_collide_with_no_other_plugin(pytestconfig: pytest.Config) -> None:
    ours = {name for name, _ in inspect.getmembers(tst_harness.integrations.pytest.fixtures, _is_fixture)}
    assert ours
    plugins = filter(inspect.ismodule, pytestconfig.pluginmanager.get_plugins())
    providers = Counter(name for plugin in plugins for name, _ in inspect.getmembers(plugin, _is_fixture))
    assert {name: providers[name] for name in ours} == dict.fromkeys(ours, 1)
    assert providers["tmp_path"] == 1


def _is_fixture(value: object) -> bool:
    # As newer and older versions of pytest mark one.
    return type(value).__name__ == "FixtureFunctionDefinition" or hasattr(value, "_pytestfixturefunction")
