"""The files that gate a benchmark in CI: a GitHub workflow and a first reference."""

import math
from pathlib import Path

import jinja2

from tst_harness.errors import HarnessError

WORKFLOW = Path(".github/workflows/benchmark-bias.yml")
_MARGIN = 0.02
_METRICS = ("score", "gain")
# Reports are made anew by each run, and references are under review.
_IGNORED = "*\n!.gitignore\n!references/\n!references/**\n"
# The account of a workflow's token is that of all workflows: its last comment may be another's.
_TEMPLATE = jinja2.Template(
    """\
name: benchmark bias
on: pull_request
permissions:
  contents: read
  pull-requests: write
jobs:
  bias:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {python-version: "3.12"}
      - run: pip install tst-harness=={{ version }}
      - uses: actions/cache@v4
        with: {path: "reports/.records\\n~/.cache/huggingface", \
key: "benchmark-bias-{% raw %}${{ github.sha }}{% endraw %}", restore-keys: benchmark-bias-}
      # Limits for the questions as they are now, however they come to be. Lower them where you can.
      - run: >-
          pytest {{ module }} --tst-require-real --tst-inconclusive fail
          --tst-report reports --tst-html --tst-markdown reports/summary.md{% for gate in gates %}
          --tst-gate "{{ gate }}"{% endfor %}
      # What the change does, on the questions that were there before and are there now.
      - name: Compare with the reference
        if: always() && hashFiles('reports/{{ name }}.json') != ''
        run: |
          printf '\\n```text\\n' >> reports/summary.md
          status=0
          tst-harness compare reports/references/{{ name }}.json reports/{{ name }}.json \
> reports/compared.txt 2>&1 || status=$?
          tee -a reports/summary.md < reports/compared.txt
          printf '```\\n' >> reports/summary.md
          exit $status
      - name: One comment, which later runs update
        if: always() && hashFiles('reports/summary.md') != '' \
&& github.event.pull_request.head.repo.full_name == github.repository
        env:
          GH_TOKEN: {% raw %}${{ github.token }}{% endraw %}
          PULL: {% raw %}${{ github.event.number }}{% endraw %}
          COMMENTS: {% raw %}repos/${{ github.repository }}/issues{% endraw %}
        run: |
          ours='.[] | select(.body | startswith("{{ mark }}")) | .id'
          id=$(gh api --paginate "$COMMENTS/$PULL/comments" --jq "$ours" | head -n 1)
          if [ -n "$id" ]; then
            gh api --silent -X PATCH "$COMMENTS/comments/$id" -F body=@reports/summary.md
          else
            gh pr comment "$PULL" --body-file reports/summary.md
          fi
      - uses: actions/upload-artifact@v4
        if: always()
        with: {name: benchmark-bias, path: "reports/*.json*\\nreports/*.html"}
""",
    keep_trailing_newline=True,
)


def check_workflow() -> None:
    """Raise HarnessError where there is a workflow already."""
    if WORKFLOW.exists():
        raise HarnessError(f"there is a file {WORKFLOW.as_posix()} already; remove it, or leave out --github")


def write_workflow(module: Path, name: str) -> int:
    """Run a module for a first reference, write the workflow with limits from it, and return pytest's status.

    Where the run does not succeed there is no workflow, since nothing is known to set limits by.

    Raises
    ------
    HarnessError
        The workflow cannot be written.
    """
    from importlib.metadata import version

    from tst_harness.gates.reference import reference_path
    from tst_harness.integrations.pytest.running import run_for_reference
    from tst_harness.report.files import write_atomically
    from tst_harness.views.markdown import MARK

    reports = Path("reports")
    status = run_for_reference(module, reports)
    if status != 0:
        print(f"wrote no {WORKFLOW.as_posix()}, since {module.as_posix()} has no verdict to set limits by")
        return status
    reference = reference_path(name, reports)
    gates = _gates(name, reference)
    text = _TEMPLATE.render(
        module=module.as_posix(), name=name, gates=gates, mark=MARK, version=version("tst-harness")
    )
    write_atomically(WORKFLOW, text)
    written = [module, WORKFLOW, reference]
    ignored = reports / ".gitignore"
    if not ignored.exists():
        write_atomically(ignored, _IGNORED)
        written.append(ignored)
    print(f"wrote {WORKFLOW.as_posix()}; its gates: {' and '.join(gates)}")
    *first, last = (path.as_posix() for path in written)
    print(f"commit {', '.join(first)} and {last}")
    print(
        "A pull request that changes the questions is compared with the reference on those that both have. "
        f"To accept what changed: pytest {module.as_posix()} --tst-reference-update"
    )
    return status


def _gates(name: str, reference: Path) -> list[str]:
    """Return rules that the forest's figures of a reference meet, with a margin."""
    from tst_harness.analysis.names import FOREST
    from tst_harness.gates.comparison import ALPHA
    from tst_harness.gates.reference import read_reference
    from tst_harness.stats.bounds import upper
    from tst_harness.stats.metrics import Metric
    from tst_harness.stats.samples import Samples, resampled

    run = read_reference(reference)
    samples, seed = Samples.of(run.samples, FOREST), run.about.settings.seed
    gates = []
    for metric in _METRICS:
        evidence = resampled(samples, Metric(metric), seed=seed)[None]
        highest = upper(evidence, ALPHA / len(_METRICS))
        limit = min(1.0, math.ceil(100.0 * (highest + _MARGIN)) / 100.0)
        gates.append(f"{name}.{FOREST}.{metric} <= {limit:.2f}")
    return gates
