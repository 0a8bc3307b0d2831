"""A model saved in any format of the past is loaded by the present."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import latently

FIXTURES = Path(__file__).parent.parent / "fixtures"
SAVED = sorted(FIXTURES.glob("format-*.safetensors"))


def rows():
    spec = importlib.util.spec_from_file_location("make_fixtures", FIXTURES / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.rows()


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_its_codes_are_what_they_were(path):
    expected = np.array(json.loads(path.with_suffix(".json").read_text())["codes"])
    np.testing.assert_allclose(latently.load(path).transform(rows()[:5]), expected, rtol=1e-5, atol=1e-6)


def test_the_present_format_has_its_fixture():
    from latently.store import FORMAT

    assert f"format-{FORMAT}" in {path.stem for path in SAVED}
