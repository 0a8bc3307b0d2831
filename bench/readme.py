"""Writes what was measured into the README, from the JSON files in results/.

python -m bench.readme
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .record import HERE
from .speed.table import markdown

README = HERE.parent / "README.md"
BEGIN = "<!-- written by python -m bench.readme -->"
END = "<!-- end of what it writes -->"


@dataclass(frozen=True)
class Line:
    """A line of the table: values of one file, in words, beside what they are compared with.

    `bound` is the most that the first value may be for the line to count as reached, or the key of it; left out where
    there is nothing to reach. A line whose values were not measured yet is left out.
    """

    what: str
    file: str
    keys: tuple[str, ...]
    form: str = "{}"
    beside: str = ""
    others: tuple[str, ...] = ()
    bound: float | str | None = None


LINES = (
    Line("`import latently`", "startup", ("import latently, s",), "{} s", "asked: under 0.3 s", bound=0.3),
    Line("`latently --help`", "startup", ("latently --help, s",), "{} s", "asked: under 0.5 s", bound=0.5),
    Line(
        "MNIST, dense 784-32-784, 10 epochs of Adam, batch 256: test cross-entropy a pixel",
        "quality-dense",
        ("MNIST dense 784-32-784, 10 epochs: test BCE a pixel",),
    ),
    Line(
        "MNIST, logistic regression on 32 codes: accuracy, AE / VAE",
        "quality-digits",
        (
            "MNIST AE, 32 codes, default network: accuracy",
            "MNIST VAE, 32 codes, default network: accuracy",
        ),
        "{} / {}",
    ),
    Line(
        "Adult census, logistic regression on 32 codes: accuracy, AE / VAE",
        "quality-adult",
        ("adult AE, 32 codes: accuracy", "adult VAE, 32 codes: accuracy"),
        "{} / {}",
        "all 108 one-hot columns: {}",
        ("adult, 108 one-hot columns: accuracy",),
    ),
    Line(
        "MNIST, convolutional AE with 28,353 parameters, 12 epochs: test cross-entropy a pixel",
        "quality-conv",
        ("test BCE a pixel",),
        beside="keras-io: .0622 after 50 epochs",
        bound=0.0622,
    ),
    Line(
        "MNIST, the same cleaning digits of noise of 0.4, 20 epochs: test cross-entropy a pixel",
        "quality-denoise",
        ("test BCE a pixel",),
        beside="keras-io: .0839 after 100 epochs",
        bound=0.0839,
    ),
    Line(
        "Binary MNIST, VAE with 400 hidden numbers and codes of 40: nats a test digit, by importance sampling",
        "quality-nll",
        ("test NLL, nats",),
        beside="pythae: 89.78",
        bound=89.78,
    ),
    Line(
        "MNIST, VQ-VAE of 128 entries, 6 epochs: test error / variance; share of the entries in use",
        "quality-vqvae",
        ("test MSE / train variance", "share of the entries used by the test digits"),
        "{}; {}",
        "keras-io: .0444 after 30 epochs",
        bound=0.0444,
    ),
    Line(
        "MNIST, Frechet distance of 10,000 samples, same networks, each with its better prior: RAE / VAE",
        "quality-frechet",
        ("Latently RAE, mixture prior", "Latently VAE, mixture prior"),
        "{} / {}",
        "pythae's RAE-L2 / VAE: {} / {}",
        ("pythae RAE-L2, mixture", "pythae VAE, mixture"),
        bound="pythae RAE-L2, mixture",
    ),
    Line(
        "Fashion-MNIST, 1,000 variations of the mean dress: share that a classifier of real pictures calls a dress",
        "quality-dress",
        ("variations, s = 0.7: share called dresses",),
    ),
    Line(
        "Shakespeare's lines by word, LSTM of 256: nats a test token",
        "quality-prose",
        ("network, test",),
        "{0[nats a token]}",
        "interpolated Kneser-Ney trigram: {0[nats a token]}",
        ("trigram, test",),
    ),
    Line(
        "The same by character, LSTM of 512: nats a test character",
        "quality-prose-character",
        ("network, test",),
        "{0[nats a token]}",
        "asked: 1.5; trigram: {0[nats a token]}",
        ("trigram, test",),
    ),
    Line(
        "The same by word, text VAE with an LSTM of 256: nats a test line, by importance sampling; KL of its code",
        "quality-sentences",
        ("TextVAE, test",),
        "{0[nll]}; {0[kl]} nats",
        "language model of the same size: {0[nll]}",
        ("LanguageModel, test",),
    ),
    Line(
        "Korean film reviews, good or bad, by codes learned without labels: accuracy, language model / text VAE",
        "quality-sentiment",
        ("LanguageModel", "TextVAE"),
        "{0[accuracy]} / {1[accuracy]}",
        "TF-IDF of words / of one to three syllables: {0[accuracy]} / {1[accuracy]}",
        ("TF-IDF of words", "TF-IDF of syllables"),
    ),
    Line(
        "Odd rows of 20 tables, AUROC: fitted to all rows / to normal ones alone, the same detector",
        "quality-adbench",
        ("Latently, unsupervised", "Latently, normals"),
        "{0[auroc]} / {1[auroc]}",
        "PyOD's best of six, another each time: IForest {0[auroc]} / KNN {1[auroc]}",
        ("PyOD IForest, unsupervised", "PyOD KNN, normals"),
    ),
    Line(
        "The same, seconds of 20 fits on one thread",
        "quality-adbench",
        ("Latently, unsupervised",),
        "{0[seconds]} s",
        "PyOD's AE: {0[seconds]} s",
        ("PyOD AutoEncoder, unsupervised",),
    ),
    Line(
        "Share of fresh normal rows flagged at rates of .01, .05, .1: mean over 20 tables",
        "quality-false-alarms",
        ("AnomalyDetector",),
        "{0[rate 0.01][mean share]}, {0[rate 0.05][mean share]}, {0[rate 0.1][mean share]}",
    ),
    Line(
        "MNIST, a digit that was never seen, AUROC: mean over ten",
        "quality-leave-one-digit",
        ("Latently",),
        "{0[auroc]}",
        "PyOD on pixels, IForest / KNN / AE: {0[auroc]} / {1[auroc]} / {2[auroc]}",
        ("PyOD IForest", "PyOD KNN", "PyOD AutoEncoder"),
    ),
    Line(
        "MNIST, spoiled digits, AUROC: a tenth of the pixels inverted / upside down / without the lower half",
        "quality-spoiled",
        ("Latently",),
        "{0[a tenth of the pixels inverted]} / {0[upside down]} / {0[the lower half left out]}",
        "PyOD's KNN on pixels: {0[a tenth of the pixels inverted]} / {0[upside down]} / {0[the lower half left out]}",
        ("PyOD KNN",),
    ),
    Line(
        "Series of NAB, 33 labelled windows: found / false alarms at the oddest 1 % of windows, denoising AE",
        "quality-nab",
        ("denoising: the oddest 1.0% of windows",),
        "{0[found]} / {0[false]}",
        "PyOD's IForest / LOF: {0[found]} / {0[false]}, {1[found]} / {1[false]}; rolling z-score: "
        "{2[found]} / {2[false]}",
        (
            "PyOD IForest: the oddest 1.0% of windows",
            "PyOD LOF: the oddest 1.0% of windows",
            "rolling z-score: the oddest 1.0% of windows",
        ),
    ),
    Line(
        "Photographs with noise of .3 of their range, 40 crops of others: PSNR after one pass, U-Net / plain network",
        "quality-photos",
        ("unet", "plain"),
        "{0[PSNR, dB]} / {1[PSNR, dB]} dB",
        "BM3D: {0[PSNR, dB]} dB; asked: 25.8 dB",
        ("BM3D",),
    ),
    Line(
        "The same, milliseconds a crop, all 40 at once",
        "quality-photos",
        ("unet", "plain"),
        "{0[ms an image, 40 together]} / {1[ms an image, 40 together]}",
        "BM3D: {0[ms an image]}",
        ("BM3D",),
    ),
    Line(
        "Adult census, a tenth of the cells hidden: error of numbers / deviation; share of categories told rightly",
        "quality-imputation",
        ("adult, 10% hidden",),
        "{0[Latently DenoisingAE][numbers: mean absolute error]}; {0[Latently DenoisingAE][categories: accuracy]}",
        "IterativeImputer: {0[scikit-learn IterativeImputer][numbers: mean absolute error]}; "
        "{0[scikit-learn IterativeImputer][categories: accuracy]}",
        ("adult, 10% hidden",),
    ),
    Line(
        "Ten nearest of 1,000,000 codes of 64 numbers, exact: milliseconds a query",
        "neighbors",
        ("1,000,000 codes of 64: ours, ms a query",),
        "{}",
        "scikit-learn: {}; asked: 60",
        ("1,000,000 codes of 64: scikit-learn brute, ms a query",),
        60,
    ),
    Line(
        "A writer of 22.6 million weights, 7,001 words: words a second, one text / 64 at once",
        "writing",
        ("words a second, 1 at once", "words a second, 64 at once"),
        "{} / {}",
        "asked: 200",
    ),
    Line(
        "Most memory while training on 60,000 digits, dense 784-32-784",
        "memory",
        ("dense AE 784-32-784: peak, MB",),
        "{} MB",
        "asked: {} MB; PyTorch imported: {} MB",
        ("allowed, MB", "PyTorch imported: peak, MB"),
        "allowed, MB",
    ),
    Line(
        "The same, convolutional VAE",
        "memory",
        ("convolutional VAE, default network: peak, MB",),
        "{} MB",
        "asked: {} MB",
        ("allowed, MB",),
        "allowed, MB",
    ),
)

ABOUT_SPEED = """\
Seconds an epoch beside peers: the same network, data, batches, optimizer, epochs and threads; of the tables, the
seconds of all 20 fits. "Times faster" is the median over alternating pairs of runs, and counts only where our test
result is no worse. [speed.json](bench/results/speed.json) has each row's machine, date, versions and load.
"""
PICTURE = "![Seconds an epoch against items, width, size of the code and of the pictures](bench/results/growth.png)"


def results(folder: Path, name: str) -> dict[str, Any]:
    """What a file holds; nothing where it was not measured yet."""
    path = folder / f"{name}.json"
    return json.loads(path.read_text("utf-8"))["results"] if path.exists() else {}


def written(line: Line, found: dict[str, Any]) -> str | None:
    """A line of Markdown."""
    if not set(line.keys) | set(line.others) <= set(found):
        return None
    value = line.form.format(*(found[key] for key in line.keys))
    bound = found[line.bound] if isinstance(line.bound, str) else line.bound
    if bound is not None and found[line.keys[0]] > bound:
        value += ", not reached"
    beside = line.beside.format(*(found[key] for key in line.others))
    return f"| {line.what} | {value} | {beside} |".replace("|  |", "| |")


def block(folder: Path = HERE / "results") -> str:
    """All that stands between the two marks."""
    lines = [written(line, results(folder, line.file)) for line in LINES]
    parts = ["\n".join(["| what | measured | beside it |", "|---|---|---|", *filter(None, lines)])]
    if speed := results(folder, "speed"):
        parts += [ABOUT_SPEED.rstrip(), markdown(speed)]
    if (folder / "growth.png").exists():
        parts.append(PICTURE)
    return "\n\n".join(parts)


def renewed(text: str, folder: Path = HERE / "results") -> str:
    """The README's text with what was measured put in anew."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"README.md lacks the marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{block(folder)}\n\n{END}{after}"


def main() -> None:
    text = README.read_text("utf-8")
    README.write_text(renewed(text), "utf-8")
    print("README.md", "is as it was" if renewed(text) == text else "was renewed")


if __name__ == "__main__":
    main()
