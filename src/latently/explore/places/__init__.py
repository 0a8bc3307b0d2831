"""Where the codes lie: neighbours, maps, paths, axes, classes and words."""
