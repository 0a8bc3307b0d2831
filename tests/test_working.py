"""Who is at work in a folder: told from outside, and no longer once it was killed."""

import signal
import subprocess
import sys

from latently.working import FILE, at_work, working

CHILD = """
import pathlib, sys, time
from latently.working import working
with working(pathlib.Path(sys.argv[1])):
    print("here", flush=True)
    time.sleep(60)
"""


def test_two_at_work_do_not_wait_for_each_other(tmp_path):
    with working(tmp_path), working(tmp_path):
        assert at_work(tmp_path)
    assert at_work(tmp_path) is False and not list(tmp_path.iterdir())


def test_a_process_that_was_killed_is_at_work_no_more(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "here\n" and at_work(tmp_path)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert (tmp_path / FILE).exists() and at_work(tmp_path) is False


def test_a_folder_that_cannot_be_written_says_nothing(tmp_path):
    with working(tmp_path / "nowhere"):
        assert at_work(tmp_path / "nowhere") is False
