import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

import latently

Call = Callable[..., Result]


def test_info(call: Call, picture_run: Path, table_run: Path) -> None:
    page = call("info", picture_run).stdout
    assert "pictures, 8 x 8, 1 channel" in page
    assert "latent=2" in page
    assert "a table, 3 columns" in call("info", table_run / "model.safetensors").stdout
    assert json.loads(call("info", table_run, "--json").stdout)["model"] == "ae"


def test_models(call: Call) -> None:
    page = call("models").stdout
    assert all(f"{name}\n" in page for name in latently.MODELS)
    assert [m["model"] for m in json.loads(call("models", "--json").stdout)] == list(latently.MODELS)


def test_report_is_written_again(call: Call, picture_run: Path, pictures: Path) -> None:
    latently.Run(picture_run).report_file.unlink()
    assert call("report", picture_run).exit_code == 0
    assert latently.Run(picture_run).report_file.is_file()
    done = call("report", picture_run, pictures / "cat", "--json")
    assert Path(json.loads(done.stdout)["report"]).is_file()
