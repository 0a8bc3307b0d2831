"""The libraries we are measured against, each in an environment of its own under .peers, at a pinned version.

python -m bench.peers [NAME ...]

One that is there is used again. LATENTLY_PEERS may name a folder with ready ones, called as here; they are taken as
they are.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
PEERS: dict[str, tuple[str, ...]] = {
    "keras-tensorflow": ("keras==3.15.1", "tensorflow==2.21.0"),
    "keras-torch": ("keras==3.15.1", "torch==2.13.0"),
    "pythae": ("pythae==0.1.2", "torch==2.13.0"),
    "denoisers": ("bm3d==4.0.3", "scikit-image==0.26.0", "PyWavelets==1.9.0"),
    "embedding-atlas": ("embedding-atlas==0.26.0",),
    "pyod": ("pyod==3.6.7", "torch==2.13.0", "tqdm==4.70.1"),  # brings scikit-learn, and needs tqdm without saying so
}
ASKS = (
    "import json, sys; from importlib.metadata import version; print(json.dumps({n: version(n) for n in sys.argv[1:]}))"
)


def _folder() -> tuple[Path, bool]:
    """Where the environments are, and whether somebody else made them."""
    given = os.environ.get("LATENTLY_PEERS")
    return (Path(given), True) if given else (ROOT / ".peers", False)


def python(name: str) -> Path | None:
    """The interpreter of a peer's environment; None where it is not installed, half-way, or at other versions."""
    folder, ready = _folder()
    found = folder / name / "bin" / "python"
    mark = folder / name / ".ready"
    whole = ready or (mark.exists() and mark.read_text().split() == list(PEERS[name]))
    return found if whole and found.exists() else None


def versions(name: str) -> dict[str, str]:
    """The versions in a peer's environment of what was asked for."""
    packages = [pin.partition("==")[0] for pin in PEERS[name]]
    done = subprocess.run([str(python(name)), "-c", ASKS, *packages], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def install(name: str) -> Path:
    """Makes the environment, unless it is there; gives its interpreter."""
    if found := python(name):
        return found
    folder, ready = _folder()
    if ready:
        raise SystemExit(f"{folder / name} holds no environment; unset LATENTLY_PEERS to have one made in .peers.")
    print(f"{name}: installing {', '.join(PEERS[name])} into {folder.name}/{name}", flush=True)
    venv.create(folder / name, clear=True, with_pip=True)
    made = folder / name / "bin" / "python"
    pip = [str(made), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *PEERS[name]], check=True)
    (folder / name / ".ready").write_text("\n".join(PEERS[name]) + "\n")
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PEERS)}; all where none is named")
    given = parser.parse_args()
    if unknown := set(given.names) - set(PEERS):
        parser.error(f"{', '.join(sorted(unknown))}: a peer is one of {', '.join(PEERS)}")
    failed = False
    for name in given.names or PEERS:
        try:
            install(name)
        except subprocess.CalledProcessError:
            failed = True
            print(f"{name}: could not be installed; its rows will be left out", file=sys.stderr, flush=True)
        else:
            print(f"{name}: {', '.join(f'{n} {v}' for n, v in versions(name).items())}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
