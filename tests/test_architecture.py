"""Who may import whom: the layers of docs/internals.md, held with `ast`."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "src" / "latently"

# Each room may import only from rooms in an earlier line, or from its own.
LAYERS = [
    {"errors"},
    {"params", "spec", "progress", "randomness", "store", "classes", "working", "quick"},
    {"parts"},
    {"nets", "data"},
    {"autoencoder", "player"},
    {"compute"},
    {"train", "prior"},
    {"estimator"},
    {"models"},
    {"detector"},
    {"loading", "glimpses"},
    {"runs"},
    {"explore"},
    {"__init__"},
    {"cli", "studio"},
    {"__main__"},
]
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
OPTIONAL = {
    "openTSNE",
    "pacmap",
    "pandas",
    "pyarrow",
    "tokenizers",
    "umap",
    "zuko",
    "nicegui",
    "fastapi",
    "starlette",
    "uvicorn",
}  # a person's own libraries and extras, imported where they are needed

STUDIO = {"nicegui", "fastapi", "starlette", "uvicorn"}  # what stands behind its door, which imports the rest late


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path):
    """(target room or outside module, whether it runs at import) of every import in the file."""
    tree = ast.parse(path.read_text("utf-8"))
    late = {n for f in ast.walk(tree) if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef) for n in ast.walk(f)}
    package = ("latently", *path.relative_to(ROOT).parent.parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1]] if node.level else []
            base += (node.module or "").split(".") if node.module else []
            names = [[*base, alias.name] for alias in node.names]
        else:
            continue
        for name in names:
            if name[0] == "latently":
                yield "inside", name[1] if len(name) > 1 and name[1] in LEVEL else "__init__", node not in late
            else:
                yield "outside", name[0], node not in late


FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_imports_only_from_rooms_before_it(path):
    here = room(path)
    for where, target, _ in imports(path):
        if where == "inside" and here not in ("__init__", target):
            assert LEVEL[target] < LEVEL[here], f"{here} may not import {target}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_imports_an_optional_library_or_pickle(path):
    outside = {(target, early) for where, target, early in imports(path) if where == "outside"}
    door = path.parent == ROOT / "studio" and path.name in ("__init__.py", "door.py")
    allowed = STUDIO if room(path) == "studio" and not door else set()
    assert not {target for target, early in outside if early} & (OPTIONAL - allowed)
    assert not {target for target, _ in outside} & {"pickle", "joblib", "marshal", "shelve", "dill"}


@pytest.mark.parametrize("skin", ["cli", "studio"])
def test_command_line_and_studio_know_the_public_face_alone(skin):
    for path in (ROOT / skin).rglob("*.py"):
        inside = {target for where, target, _ in imports(path) if where == "inside"}
        assert inside <= {"__init__", skin}, path


def test_the_routes_of_the_studio_know_nothing_of_its_pages():
    for path in (ROOT / "studio" / "routes").glob("*.py"):
        assert not [target for _, target, _ in imports(path) if target == "nicegui"], path
        assert "pages" not in path.read_text("utf-8").split('"""', 2)[2], path


def test_every_room_has_a_place_in_the_order():
    assert {room(path) for path in FILES} <= set(LEVEL)


def test_importing_latently_loads_nothing_heavy():
    heavy = ("torch", "sklearn", "polars", "matplotlib", "numpy")
    code = f"import sys, latently; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_everything_public_is_there_and_documented():
    import latently

    for name in latently.__all__:
        found = getattr(latently, name)
        assert name == "__version__" or name == "MODELS" or found.__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = latently.Nothing
