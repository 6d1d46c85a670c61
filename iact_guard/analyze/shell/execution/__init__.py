"""Abstract execution of scripts: what a shell would do, where the text tells it."""
