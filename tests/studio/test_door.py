"""The door: what is refused before anything is loaded, and a port that is taken."""

import socket

import pytest

import latently
from latently.studio.server import listen


def test_what_cannot_be_served_is_said(tmp_path):
    with pytest.raises(latently.InputError, match="does not exist; give the folder"):
        latently.serve(tmp_path / "nothing")
    (tmp_path / "file").touch()
    with pytest.raises(latently.InputError, match="is a file"):
        latently.serve(tmp_path / "file")
    with pytest.raises(latently.ParameterError, match="port=70000 is not allowed"):
        latently.serve(tmp_path, port=70_000)


def test_a_port_in_use_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(latently.OutputError, match="is in use"):
            listen("127.0.0.1", taken.getsockname()[1])


def test_an_address_of_another_machine_is_said():
    with pytest.raises(latently.OutputError, match=r"cannot listen at 192\.0\.2\.1"):
        listen("192.0.2.1", 0)


def test_without_the_extra_the_command_is_said(tmp_path, monkeypatch):
    import sys

    monkeypatch.delitem(sys.modules, "latently.studio.server", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(latently.MissingPackageError, match=r"pip install \"latently\[studio\]\""):
        latently.serve(tmp_path)
