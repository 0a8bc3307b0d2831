"""Pages that open anywhere: the report, maps, comparisons."""
