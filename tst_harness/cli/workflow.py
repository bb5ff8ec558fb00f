"""The files that gate a benchmark in CI: a GitHub workflow and a first reference."""

from pathlib import Path

import jinja2

from tst_harness.errors import HarnessError

WORKFLOW = Path(".github/workflows/benchmark-bias.yml")
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
      - run: pip install tst-harness
      - uses: actions/cache@v4
        with: {path: reports/.records, key: "benchmark-bias-{% raw %}${{ github.sha }}{% endraw %}", \
restore-keys: benchmark-bias-}
      - run: >-
          pytest {{ module }} --tst-require-real --tst-html --tst-markdown reports/summary.md
          --tst-gate "{{ name }}.forest.score <= reference + 0.02"
      - name: One comment, which later runs update
        if: always() && github.event.pull_request.head.repo.full_name == github.repository
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
    """Write the workflow for a module, run it for a first reference, and return pytest's exit status.

    Raises
    ------
    HarnessError
        The workflow cannot be written.
    """
    from tst_harness.integrations.pytest.running import run_for_reference
    from tst_harness.report.files import write_atomically
    from tst_harness.views.markdown import MARK

    write_atomically(WORKFLOW, _TEMPLATE.render(module=module.as_posix(), name=name, mark=MARK))
    print(f"wrote {WORKFLOW.as_posix()}; its gate: {name}.forest.score <= reference + 0.02")
    status = run_for_reference(module)
    if status == 0:
        print(f"commit {module.as_posix()}, {WORKFLOW.as_posix()} and reports/references/{name}.json")
    return status
