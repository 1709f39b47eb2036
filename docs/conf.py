"""Sphinx configuration."""

project = "UN Voting Blocs"
author = "UN Voting Blocs contributors"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
html_theme = "furo"
exclude_patterns = ["_site"]
autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
myst_enable_extensions = ["dollarmath"]
suppress_warnings = ["myst.xref_missing", "ref.python"]
napoleon_use_ivar = True
