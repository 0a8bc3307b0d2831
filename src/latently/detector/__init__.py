"""Detectors of odd items, put together from a model's codes, a forest and neighbours."""

from .detector import AnomalyDetector as AnomalyDetector

DETECTORS: dict[str, type[AnomalyDetector]] = {AnomalyDetector.name: AnomalyDetector}
