"""Folders and zips of pictures: what is read, what is left out and said, and the cache."""

import os
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

import latently
from latently import InputError, LatentlyWarning
from latently.data import cache


@pytest.fixture
def folder(tmp_path):
    """Two classes of three grey pictures of 6 x 5."""
    rng = np.random.default_rng(0)
    for i in range(6):
        place = tmp_path / "in" / ("cat", "dog")[i % 2]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (6, 5), np.uint8)).save(place / f"{i}.png")
    return tmp_path / "in"


def test_folders_are_labels_and_pixels_are_exact(folder):
    source = latently.open(folder)
    assert source.names == ["cat/0.png", "cat/2.png", "cat/4.png", "dog/1.png", "dog/3.png", "dog/5.png"]
    assert source.labels.tolist() == ["cat"] * 3 + ["dog"] * 3
    assert source.origin == str(folder)
    for name, pixels in zip(source.names, source.data, strict=True):
        assert np.array_equal(pixels[..., 0], np.asarray(Image.open(folder / name)))
    assert latently.open(str(folder)).fingerprint() == source.fingerprint()


def test_a_zip_is_like_its_folder(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in sorted(folder.rglob("*.png")):
            archive.write(path, f"top/{path.relative_to(folder)}")
        archive.writestr("__MACOSX/top/._0.png", b"x")
    source = latently.open(tmp_path / "all.zip")
    assert source.fingerprint() == latently.open(folder).fingerprint()
    assert source.labels.tolist() == ["cat"] * 3 + ["dog"] * 3
    assert source.names[0] == "top/cat/0.png"
    (tmp_path / "bad.zip").write_bytes((tmp_path / "all.zip").read_bytes()[:200])
    with pytest.raises(InputError, match="cannot be read as a zip file"):
        latently.open(tmp_path / "bad.zip")


def test_a_zip_whose_paths_lead_outside_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "slip.zip", "w") as archive:
        archive.writestr("../../x.png", b"1")
    with pytest.raises(InputError, match="paths lead outside"):
        latently.open(tmp_path / "slip.zip")


def test_bad_files_among_good_ones_are_left_out_and_counted(folder):
    whole = (folder / "cat" / "0.png").read_bytes()
    (folder / "cat" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "cat" / "text.png").write_text("not a picture")
    (folder / "dog" / "notes.txt").write_text("not a picture")
    (folder / ".hidden.png").write_text("nobody asked")
    (folder / "cat" / "empty.png").touch()
    with pytest.warns(LatentlyWarning) as warned:
        source = latently.open(folder)
    assert [str(w.message) for w in warned] == source.notes
    assert len(source) == 6
    (note,) = source.notes
    assert note.startswith("4 of 10 files were left out: cat/empty.png (not a picture), cat/text.png (not a picture), ")
    assert note.endswith(" and 1 more.")
    with pytest.warns(LatentlyWarning, match="4 of 10 files"):
        assert np.array_equal(latently.open(folder).data, source.data)  # from the cache, and said again


def test_a_truncated_picture_is_named(folder):
    whole = (folder / "cat" / "0.png").read_bytes()
    (folder / "cat" / "cut.png").write_bytes(whole[: len(whole) - 30])
    with pytest.warns(LatentlyWarning, match=r"1 of 7 files was left out: cat/cut\.png \(cut short or damaged\)"):
        assert len(latently.open(folder)) == 6


def black_png(side):
    """A sound PNG of one bit a pixel; Pillow would need a byte for each to write it."""
    packer = zlib.compressobj(1)
    data = b"".join(packer.compress(bytes(1 + side // 8)) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", data), (b"IEND", b"")]
    packed = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def test_a_giant_picture_costs_no_memory(tmp_path):
    (tmp_path / "giant.png").write_bytes(black_png(30_000))
    for i in range(2):
        Image.new("L", (4, 4), i).save(tmp_path / f"{i}.png")
    with pytest.warns(LatentlyWarning, match=r"1 of 3 files was left out: giant\.png \(over 100 million pixels\)"):
        assert latently.open(tmp_path).pixels.nbytes == 32
    (tmp_path / "10.png").write_bytes(black_png(64))
    with pytest.warns(LatentlyWarning):
        assert latently.open(tmp_path, size=(64, 64)).names == ["0.png", "1.png", "10.png"]  # such a file is sound


def test_nothing_to_read(tmp_path):
    with pytest.raises(InputError, match="holds no file"):
        latently.open(tmp_path)
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "fake.png").write_text("hello")
    with pytest.raises(InputError, match=r"no picture that can be read among its 2 file.*fake\.png \(not a picture\)"):
        latently.open(tmp_path)


def test_mixed_sizes_are_resized_with_a_word(tmp_path):
    for i, size in enumerate([(8, 6), (8, 6), (20, 10)]):  # width, height
        Image.new("RGB", size, (200, 0, 0)).save(tmp_path / f"{i}.png")
    with pytest.warns(LatentlyWarning, match="1 of 3 pictures were resized to 6 x 8"):
        source = latently.open(tmp_path)
    assert source.pixels.shape == (3, 6, 8, 3)
    assert source.sizes.tolist() == [[6, 8], [6, 8], [10, 20]]
    codec = latently.data.fit_codec(source)
    back = codec.restore(codec.pack(source).numpy(), source)
    assert [b.shape for b in back] == [(6, 8, 3), (6, 8, 3), (10, 20, 3)]
    assert all((b == (200, 0, 0)).all() for b in back)
    assert source[:2].sizes.tolist() == [[6, 8], [6, 8]]
    assert latently.open(tmp_path, size=(5, 5)).notes == []


def test_large_pictures_are_brought_down(tmp_path):
    Image.new("L", (600, 300), 9).save(tmp_path / "a.png")
    with pytest.warns(LatentlyWarning, match="resized to 128 x 256"):
        source = latently.open(tmp_path)
    codec = latently.data.fit_codec(source)
    assert codec.spec.shape == (1, 128, 256)
    assert codec.restore(codec.pack(source).numpy(), source).shape == (1, 300, 600, 1)
    assert codec.restore(codec.pack(source).numpy()).shape == (1, 300, 600, 1)


@pytest.mark.parametrize(
    ("modes", "channels", "dtype"),
    [
        (("L", "L"), 1, "uint8"),
        (("1", "L"), 1, "uint8"),
        (("L", "RGB"), 3, "uint8"),
        (("P", "L"), 3, "uint8"),
        (("RGB", "RGBA"), 4, "uint8"),
        (("LA", "L"), 4, "uint8"),
        (("I;16", "I;16"), 1, "uint16"),
        (("I;16", "L"), 1, "uint8"),
        (("I;16", "RGB"), 3, "uint8"),
    ],
)
def test_the_widest_form_wins(tmp_path, modes, channels, dtype):
    for i, mode in enumerate(modes):
        grey = Image.new("L", (4, 3), 128)
        picture = Image.fromarray(np.full((3, 4), 128 * 257, np.uint16)) if mode == "I;16" else grey.convert(mode)
        picture.save(tmp_path / f"{i}.png")
    source = latently.open(tmp_path)
    assert (source.pixels.shape, source.dtype) == ((2, 3, 4, channels), dtype)
    expected = {"uint8": 128, "uint16": 128 * 257}[dtype]
    assert (source.pixels[-1, ..., 0] == expected).all()


def test_pictures_stand_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned by a quarter
    Image.fromarray(np.tile(np.arange(0, 240, 30, dtype=np.uint8), (4, 1))).save(tmp_path / "a.png", exif=exif)
    source = latently.open(tmp_path)
    assert source.pixels.shape == (1, 8, 4, 1)
    assert source.pixels[0, :, 0, 0].tolist() == list(range(0, 240, 30))


def test_large_photographs_are_decoded_no_finer_than_needed(tmp_path):
    ramp = np.tile(np.linspace(0, 255, 1200).astype(np.uint8)[:, None, None], (1, 900, 3))
    Image.fromarray(ramp).save(tmp_path / "a.jpg", quality=95)
    source = latently.open(tmp_path, size=(40, 30))
    assert source.sizes.tolist() == [[1200, 900]]
    assert np.abs(source.pixels[0, :, 15, 0] - np.linspace(3, 252, 40)).max() < 3


def test_the_warning_points_at_the_callers_line(folder):
    (folder / "x.txt").touch()
    with pytest.warns(LatentlyWarning) as warned:
        latently.open(folder)
    assert warned[0].filename == __file__


def test_the_cache_is_used_checked_and_may_be_missing(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("LATENTLY_CACHE", str(tmp_path / "cache"))
    first = np.array(latently.open(folder).data)
    (stored,) = (tmp_path / "cache" / "pictures").glob("*.raw")
    calls = []
    decode = latently.data.folder.decode
    monkeypatch.setattr("latently.data.folder.decode", lambda *a: (calls.append(a), decode(*a))[1])
    assert np.array_equal(latently.open(folder).data, first)
    assert not calls
    stored.write_bytes(stored.read_bytes()[:-9])
    assert np.array_equal(latently.open(folder).data, first)
    assert len(calls) == 6  # a broken entry is made anew
    os.utime(folder / "cat" / "0.png", ns=(1, 1))
    latently.open(folder)
    assert len(calls) == 12  # a changed file too
    (tmp_path / "file").touch()
    monkeypatch.setenv("LATENTLY_CACHE", str(tmp_path / "file"))
    assert np.array_equal(latently.open(folder).data, first)  # a cache that cannot be written is done without


def test_the_cache_stays_small(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("LATENTLY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "MOST_BYTES", 250)
    for size in [(3, 3), (4, 4), (5, 5)]:
        latently.open(folder, size=size)
    left = list((tmp_path / "cache" / "pictures").iterdir())
    assert len(left) == 4  # 5 x 5 and 4 x 4, a pair of files each


def test_too_large_for_the_memory_is_said_before(tmp_path):
    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"GB at 9000000 x 9000000.*smaller size"):
        latently.open(tmp_path, size=(9_000_000, 9_000_000))


def test_the_real_folders(shared):
    digits = latently.open(shared / "mnist-folder.zip")
    assert digits.pixels.shape == (3000, 28, 28, 1)
    assert digits.labels[[0, -1]].tolist() == ["0", "9"]
    photos = latently.open(shared / "photos")
    assert (photos.pixels.shape, photos.labels) == ((240, 96, 96, 3), None)


def test_what_is_not_of_the_cache_stays(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("LATENTLY_CACHE", str(tmp_path))
    monkeypatch.setattr(cache, "MOST_BYTES", 0)
    own = [tmp_path / "pictures" / name for name in ("DSC_0001.raw", "DSC_0001.json", "measured.npy", ".x.part.raw")]
    half, fresh = (tmp_path / "pictures" / f".{'0' * 64}-{name}.part.raw" for name in ("a", "b"))
    (tmp_path / "pictures").mkdir()
    for path in (*own, half, fresh):
        path.write_bytes(b"mine")
    os.utime(half, (1, 1))  # of a process that was killed long ago
    source = latently.open(folder, size=(4, 4))
    latently.open(folder, size=(5, 5))  # removes the entry of the first one
    assert [path.exists() for path in (*own, half, fresh)] == [True] * 4 + [False, True]
    assert len([*cache.folder().glob("*.json")]) == 2
    assert len(latently.AE(latent=1, epochs=1, memory=0).fit(source).transform(source)) == len(source)
