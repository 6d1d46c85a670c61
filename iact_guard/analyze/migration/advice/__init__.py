"""How to do it instead: Django code for the case at hand."""
