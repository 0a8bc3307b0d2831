"""Our speed beside a peer's, each side in a process of its own: pairs alternate, the median of their ratios counts."""
