"""A plug-in that cannot even be imported."""

raise RuntimeError("a plug-in that fails while it is imported")
