"""The studio: a local web page over a folder of runs; all behind its door, `serve`, needs the extra `studio`."""

from .door import serve as serve

__all__ = ["serve"]
