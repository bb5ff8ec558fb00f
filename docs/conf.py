"""The documentation site: `tox -e docs`."""

from tst_harness import __version__

project = "tst-harness"
author = "the tst-harness developers"
copyright = author
release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "numpydoc"]
# Options are written with two hyphens.
smartquotes = False
html_theme = "furo"
html_title = f"tst-harness {release}"

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

# numpydoc lists what a docstring documents; the types are in the signature.
numpydoc_show_class_members = False
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True

nitpicky = True
# Signatures also name types of other libraries, whose sites are not asked, and types that are not public.
nitpick_ignore_regex = [(r"py:.*", r"(?!tst_harness\.((core|llm)\.)?\w+$).*")]

# Only `sphinx-build -b linkcheck` asks the network.
linkcheck_timeout = 20
linkcheck_retries = 2
