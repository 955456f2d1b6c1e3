"""One file per kind of figure; each function takes values and gives a matplotlib Figure that nothing else knows of."""
