"""How a network is computed: what is chosen, that it is put back, and that results do not hang on it."""

import shutil

import numpy as np
import pytest
import torch

import latently
from latently import compute
from latently.compute import Compute, cores, kept_memory, moved
from latently.data.loader import Loader
from latently.errors import ParameterError
from latently.player import Plan
from latently.randomness import seeded
from latently.spec import Spec
from latently.train import Training

PICTURES = Spec("image", (1, 16, 16), binary=True)
ROWS = Spec("table", (6,), levels=(0,) * 6, missing=(False,) * 6)


def built(model, spec, latent=2):
    with seeded(0):
        return model.build(spec, latent)


def pictures(n=60):
    return torch.rand(n, 1, 16, 16, generator=torch.Generator().manual_seed(0)).round()


def weights(module, epochs=2, **plan):
    training = Training(module, Plan(epochs, **plan), Loader(pictures(), 20), None, 256)
    list(training.events())
    return training


def test_small_dense_networks_take_one_thread_and_convolutions_all(monkeypatch):
    monkeypatch.setattr(compute, "cores", lambda: 2)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 8)
    assert Compute.chosen(built(latently.AE(), ROWS), 64).threads == 1
    assert Compute.chosen(built(latently.AE(), PICTURES), 64).threads == 2
    assert Compute.chosen(built(latently.AE(encoder="dense512"), Spec("image", (1, 8, 8))), 4096).threads == 2


def test_the_number_of_threads_is_the_callers_again():
    before = torch.get_num_threads()
    with Compute(torch.device("cpu"), "float32", before + 1).at_work():
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


def test_a_containers_quota_bounds_the_cores(monkeypatch):
    cores.cache_clear()
    monkeypatch.setattr(compute.os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    monkeypatch.setattr(compute.Path, "read_text", lambda self, *a: "150000 100000\n")
    assert cores() == 2
    cores.cache_clear()
    monkeypatch.setattr(compute.Path, "read_text", lambda self, *a: "max 100000\n")
    assert cores() == 64
    cores.cache_clear()


@pytest.mark.parametrize(
    ("name", "spec", "wanted"), [("vae", PICTURES, "bf16"), ("vae", ROWS, "float32"), ("gan", PICTURES, "float32")]
)
def test_half_precision_is_chosen_where_the_device_has_it_and_it_is_as_good(monkeypatch, name, spec, wanted):
    model = built(latently.make(name), spec)
    assert Compute.chosen(model, 64, "auto").precision == (
        "bf16" if compute.native_bf16("cpu") and wanted == "bf16" else "float32"
    )
    monkeypatch.setattr(compute, "native_bf16", lambda kind: True)
    assert Compute.chosen(model, 64, "auto").precision == wanted
    monkeypatch.setattr(compute, "native_bf16", lambda kind: False)
    assert Compute.chosen(model, 64, "auto").precision == "float32"


def test_the_first_event_says_how_it_is_computed():
    events = weights(moved(built(latently.AE(), PICTURES), torch.device("cpu"))).history
    assert events[0]["compute"] == "cpu, 1 thread, float32"
    assert "compute" not in events[1]


def test_channels_last_changes_results_within_float_tolerance_alone():
    plain, last = built(latently.VAE(), PICTURES), moved(built(latently.VAE(), PICTURES), torch.device("cpu"))
    strides = [p.stride() != q.stride() for p, q in zip(plain.parameters(), last.parameters(), strict=True)]
    assert any(strides), "no weight lies with its channels last"
    one, two = (weights(module).history[-1]["train"]["loss"] for module in (plain, last))
    assert one == pytest.approx(two, rel=1e-4)
    for p, q in zip(plain.parameters(), last.parameters(), strict=True):
        torch.testing.assert_close(p, q, atol=2e-3, rtol=1e-2)


def test_a_resumed_optimizer_lies_as_its_weights_do():
    first = weights(moved(built(latently.AE(), PICTURES), torch.device("cpu")))
    header, tensors = first.state()
    tensors = {name: t.contiguous() for name, t in tensors.items()}  # as a file keeps them
    other = Training(
        moved(built(latently.AE(), PICTURES), torch.device("cpu")), Plan(4), Loader(pictures(), 20), None, 256
    )
    other.load_state(header, tensors)
    list(other.events())
    whole = weights(moved(built(latently.AE(), PICTURES), torch.device("cpu")), epochs=4)
    for p, q in zip(whole.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(p, q)


def test_kept_memory_nests_and_changes_no_result():
    x = torch.randn(300, 300)
    with kept_memory(), kept_memory():
        inside = x @ x
    assert torch.equal(inside, x @ x)
    assert compute._inside == 0


def test_the_allocator_is_told_once_inside_and_put_back_at_the_end(monkeypatch):
    told = []

    class Libc:
        mallopt = staticmethod(lambda what, value: told.append((what, value)))
        malloc_trim = staticmethod(lambda pad: told.append("trim"))

    monkeypatch.setattr(compute, "_glibc", lambda: Libc)
    with kept_memory():
        with kept_memory():
            assert (compute._MMAP_MAX, 0) in told
        assert "trim" not in told, "the inner one gave the memory back"
    assert told[-1] == "trim" and (compute._MMAP_MAX, 65536) in told


def test_what_the_person_set_of_the_allocator_stays(monkeypatch):
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", "1000000")
    compute._glibc.cache_clear()
    try:
        with kept_memory():
            assert compute._glibc() is None and compute._inside == 0
    finally:
        monkeypatch.undo()
        compute._glibc.cache_clear()


@pytest.mark.skipif(not shutil.which("g++"), reason="no compiler")
@pytest.mark.filterwarnings("ignore")
def test_a_compiled_step_learns_the_same():
    plain = weights(built(latently.VAE(encoder="dense16 silu"), PICTURES))
    compiled = weights(built(latently.VAE(encoder="dense16 silu"), PICTURES), compile=True)
    assert str(compiled.compute).endswith("compiled")
    for one, two in zip(plain.history, compiled.history, strict=True):
        assert one["train"] == pytest.approx(two["train"], rel=1e-4)


def test_what_cannot_be_compiled_says_so(monkeypatch):
    with pytest.raises(ParameterError, match=r"contraction.*differentiated twice"):
        Compute.chosen(built(latently.ContractiveAE(), ROWS), 64, compiled=True)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ParameterError, match=r"needs a C\+\+ compiler"):
        latently.AE(compile=True, epochs=1).fit(np.zeros((20, 3)))
