"""The function of RunPython: which rows it writes, how many at once, in which transaction."""
