"""Items of a file: every row exactly once, in an order that the generator alone decides, whatever is left out."""

import errno
import threading

import numpy as np
import pytest
import torch

import latently
from latently import InputError, OutputError
from latently.data import cache, fit_codec, memory, on_disk
from latently.data.blocks import block, blocks, place
from latently.data.loader import Loader
from latently.data.on_disk import OnDisk
from latently.data.packed import InMemory
from latently.data.spill import spill

WIDTH = 8


@pytest.fixture
def small(monkeypatch):
    """Stretches of 10 items, pools of 40."""
    monkeypatch.setattr(on_disk, "STRETCH", 4 * WIDTH * 10)
    monkeypatch.setattr(on_disk, "STRETCHES", 4)
    monkeypatch.setattr(on_disk, "GAP", 4 * WIDTH * 3)


def filed(path, values):
    path.write_bytes(values.tobytes())
    return OnDisk(path, len(values), values.shape[1:], str(values.dtype))


@pytest.fixture
def values():
    return np.random.default_rng(0).normal(size=(1003, WIDTH)).astype(np.float32)


def threads():
    return [t for t in threading.enumerate() if t.name == "latently reads ahead"]


@pytest.mark.parametrize("size", [1, 7, 40, 64, 2000])
@pytest.mark.parametrize("share", [1.0, 0.9, 0.1, 0.01])
def test_every_row_is_served_once_and_is_exact(tmp_path, values, small, size, share):
    items = filed(tmp_path / "items", values)
    rows = torch.from_numpy(np.flatnonzero(np.random.default_rng(1).random(len(values)) < share))
    served = list(items.serve(items.shuffled(rows, size, torch.Generator().manual_seed(3))))
    found = torch.cat([chosen for chosen, _ in served])
    assert sorted(found.tolist()) == rows.tolist()
    assert torch.equal(torch.cat([x for _, x in served]), torch.from_numpy(values)[found])
    sizes = [len(chosen) for chosen, _ in served]
    usual = InMemory(torch.from_numpy(values)).shuffled(rows, size, torch.Generator())
    assert sizes == [len(chosen) for chosen in usual]
    assert not threads()


def test_the_order_is_the_generators_and_mixes(tmp_path, values, small):
    loader = Loader(filed(tmp_path / "items", values), batch_size=20)
    one, same, other = ([b.x for b in loader.shuffled(0, epoch)] for epoch in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(one, same, strict=True))
    assert not torch.equal(one[0], other[0])
    order = [
        r for rows in loader.items.shuffled(loader.rows, 20, torch.Generator().manual_seed(0)) for r in rows.tolist()
    ]
    stretches = {row // 10 for row in order[:40]}
    assert len(stretches) in (4, 5)  # a pool of four stretches, the last of which may be the short one
    assert sorted(order[:40]) != order[:40]


def test_in_order_it_is_what_lies_there(tmp_path, values, small):
    for rows in (None, torch.arange(5, 1003, 3)):
        loader = Loader(filed(tmp_path / "items", values), rows=rows)
        there = torch.from_numpy(values) if rows is None else torch.from_numpy(values)[rows]
        assert torch.equal(torch.cat([b.x for b in loader.ordered()]), there)


def test_bytes_are_read_as_shares_of_255(tmp_path):
    pictures = np.random.default_rng(0).integers(0, 256, (50, 1, 3, 3), np.uint8)
    items = filed(tmp_path / "items", pictures)
    rows = torch.tensor([49, 0, 7, 7])
    assert torch.equal(items.take(rows), InMemory(torch.from_numpy(pictures)).take(rows))


def test_what_is_not_asked_for_is_not_read(tmp_path, values, small, monkeypatch):
    items, read = filed(tmp_path / "items", values), []
    whole = on_disk.fill
    monkeypatch.setattr(on_disk, "fill", lambda f, p, o, into: (read.append(into.nbytes), whole(f, p, o, into))[1])
    rows = torch.arange(0, 1003, 100)
    list(items.serve([rows]))
    assert sum(read) == len(rows) * items.each  # too far apart to read over what is between
    read.clear()
    list(items.serve([torch.arange(0, 1003, 2)]))
    assert len(read) < 120 and sum(read) <= values.nbytes  # so near that fewer reads are better


def test_the_thread_ends_with_the_iterator(tmp_path, values, small):
    items = filed(tmp_path / "items", values)
    served = items.serve(items.shuffled(torch.arange(1003), 10, torch.Generator()))
    next(served)
    assert len(threads()) == 1
    served.close()
    assert not threads()


def test_a_file_cut_short_while_it_is_read_is_a_sentence(tmp_path, values, small):
    items = filed(tmp_path / "items", values)
    served = items.serve(items.ordered(torch.arange(1003)))
    with (tmp_path / "items").open("r+b") as file:
        file.truncate(4 * WIDTH * 100)
    with pytest.raises(InputError, match="items was cut short while it was being read; make it again"):
        list(served)
    assert not threads()
    with pytest.raises(InputError, match="shorter than its 1003 items"):
        OnDisk(tmp_path / "items", 1003, (WIDTH,), "float32")
    with pytest.raises(InputError, match="cannot be read"):
        OnDisk(tmp_path / "nothing", 1003, (WIDTH,), "float32")


def test_a_disk_that_fails_is_a_sentence(tmp_path, values, small):
    items = filed(tmp_path / "items", values)

    class Broken:
        def seek(self, _):
            raise OSError(errno.EIO, "Input/output error")

    items._file.file = Broken()
    with pytest.raises(InputError, match=r"items cannot be read \(.*Input/output error\); check the disk"):
        next(items.serve([torch.arange(5)]))
    assert not threads()


def test_at_most_two_pools_are_held(tmp_path, values, small, monkeypatch):
    items, alive, most = filed(tmp_path / "items", values), set(), []
    real = OnDisk._read

    def watched(self, rows):
        import weakref

        found = real(self, rows)
        alive.add(id(found[1]))
        weakref.finalize(found[1], alive.discard, id(found[1]))
        most.append(len(alive))
        return found

    monkeypatch.setattr(OnDisk, "_read", watched)
    for _ in items.serve(items.shuffled(torch.arange(1003), 10, torch.Generator())):
        pass
    assert len(most) == 25 and max(most) <= 2


@pytest.mark.parametrize(
    "data",
    [
        np.random.default_rng(0).normal(size=(500, 6)),
        np.random.default_rng(0).integers(0, 256, (500, 5, 4, 3), np.uint8),
        np.random.default_rng(0).normal(size=(500, 5, 4)),
    ],
    ids=["table", "colour", "float"],
)
def test_a_source_packed_to_disk_is_the_one_packed_in_memory(data, tmp_path, monkeypatch):
    monkeypatch.setenv("LATENTLY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("latently.data.spill.PART", 1000)  # many parts
    source = latently.open(data)
    codec = fit_codec(source)
    items = spill(codec, source)
    there = InMemory(codec.pack(source))
    assert torch.equal(items.take(torch.arange(500)), there.take(torch.arange(500)))
    written = items.path.stat().st_mtime_ns, items.path.stat().st_ino
    again = spill(codec, latently.open(data.copy()))
    assert again.path.stat().st_ino == written[1]  # found, not made again
    assert spill(codec, source[:400]).path != items.path


def test_pictures_that_lie_packed_in_a_file_are_not_written_again(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENTLY_CACHE", str(tmp_path / "cache"))
    pictures = np.random.default_rng(0).integers(0, 256, (50, 5, 4), np.uint8)
    np.save(tmp_path / "a.npy", pictures)
    latently.write(tmp_path / "folder", pictures[..., None].repeat(3, -1))
    for path in ("a.npy", "folder"):
        source = latently.open(tmp_path / path)[10:]
        codec = fit_codec(source)
        assert torch.equal(
            spill(codec, source).take(torch.arange(40)), InMemory(codec.pack(source)).take(torch.arange(40))
        )
    assert spill(codec, source).path.parent == cache.folder()
    assert len(list(cache.folder().glob("*.raw"))) == 1  # the folder's own


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENTLY_CACHE", str(tmp_path / "cache"))
    source = latently.open(np.random.default_rng(0).normal(size=(50, 6)))
    codec = fit_codec(source)
    with monkeypatch.context() as patch:
        patch.setattr(memory, "room", lambda _: 100)
        with pytest.raises(OutputError, match=r"GB are needed in .*cache.*LATENTLY_CACHE"):
            spill(codec, source)

    class Full:
        def __init__(self, values):
            self.values = values

        def __array__(self, *_, **__):
            raise OSError(errno.ENOSPC, "No space left on device")

        def __len__(self):
            return len(self.values)

    pack = type(codec).pack
    monkeypatch.setattr(type(codec), "pack", lambda self, part: torch_like(Full(pack(self, part))))
    with pytest.raises(OutputError, match=r"the disk is full.*LATENTLY_CACHE names another folder"):
        spill(codec, source)
    assert not list(cache.folder().iterdir())


def torch_like(values):
    class Packed:
        def numpy(self):
            return values

    return Packed()


def test_a_cache_that_cannot_be_written_is_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("LATENTLY_CACHE", str(tmp_path / "file"))
    source = latently.open(np.random.default_rng(0).normal(size=(50, 6)))
    with pytest.raises(OutputError, match=r"is a file, not a folder.*LATENTLY_CACHE names another folder"):
        spill(fit_codec(source), source)


def test_blocks_of_a_file_are_read_not_mapped(tmp_path):
    values = np.arange(24, dtype=np.int16).reshape(6, 2, 2)
    np.save(tmp_path / "a.npy", values)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    assert place(mapped)[0] == tmp_path / "a.npy" and place(values) is None
    assert place(np.load(tmp_path / "a.npy", mmap_mode="c")) is None  # changes that stay in memory
    for array in (mapped, mapped[1:], mapped.transpose(0, 2, 1), mapped[::2], mapped[..., :1]):
        found = np.concatenate([part for _, part in blocks(array, 9)])
        assert np.array_equal(found, array)
    assert not isinstance(block(mapped, slice(0, 2)), np.memmap)


def test_free_memory_is_what_the_container_leaves(tmp_path, monkeypatch):
    whole = memory.free()
    assert whole > 0
    monkeypatch.setattr(memory, "GROUPS", tmp_path)
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 300\n")
    for limit, free in (("1000", 1000 - 700 + 300), ("500", 100), ("max", memory._of_machine())):
        (tmp_path / "memory.max").write_text(f"{limit}\n")
        (tmp_path / "memory.current").write_text("700\n")
        assert memory.free() == pytest.approx(free, rel=0.2)
    monkeypatch.setattr(memory, "MEMORY", tmp_path / "nothing")
    assert memory.free() > 0
