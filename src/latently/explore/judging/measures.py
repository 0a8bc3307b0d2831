"""What every number of an evaluation is called, counted in, and means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of `evaluate`.

    Parameters
    ----------
    title
        Its name in the field.
    unit
        What it is counted in; empty for a share or a ratio.
    better
        Which way is better; empty where neither is.
    about
        What it says, in a few words.
    """

    title: str
    unit: str
    better: Literal["higher", "lower", ""]
    about: str


MEASURES = {
    "restored": Measure("restored", "", "higher", "share of what differs between the items that comes back"),
    "mse": Measure("MSE", "", "lower", "mean squared error of a value, as the network sees it"),
    "bce": Measure("BCE", "nats a pixel", "lower", "binary cross-entropy"),
    "psnr": Measure("PSNR", "dB", "higher", "signal over error"),
    "ssim": Measure("SSIM", "", "higher", "likeness of patterns; 1 is the same picture"),
    "nll": Measure("NLL", "nats an item", "lower", "minus the log-likelihood; of codes by importance sampling"),
    "nll_error": Measure("NLL, standard error", "nats an item", "", "of the mean over the items"),
    "nll_draws": Measure("NLL, draws", "codes an item", "", "more of them tighten it; with few it is too high"),
    "nll_token": Measure(
        "NLL a token", "nats a token", "lower", "minus the log-likelihood of a word, the end of a text too"
    ),
    "perplexity": Measure("perplexity", "", "lower", "of so many equally likely words each next one is one"),
    "bits_per_character": Measure(
        "bits a character", "bits", "lower", "of the texts as they are read, without unknown words; a text's end is one"
    ),
    "unknown": Measure("unknown words", "", "", "share of what is told that is <unk>"),
    "kl": Measure("KL", "nats an item", "", "what the codes cost: divergence of q(z|x) from N(0, I)"),
    "mutual_information": Measure(
        "mutual information", "nats", "higher", "what the codes tell of which item it is; log n of n items at most"
    ),
    "active_units": Measure("active units", "numbers of the code", "", "those that change with the item"),
    "restored_words": Measure("words restored", "", "higher", "share of a text's words that come back in their order"),
    "restored_words_guess": Measure("words of another", "", "", "the same share, of what came back of another text"),
    "frechet": Measure("Frechet distance", "", "lower", "samples against items, as normal densities"),
    "precision": Measure("precision", "", "higher", "share of samples that lie among the items"),
    "recall": Measure("recall", "", "higher", "share of items that lie among the samples"),
    "density": Measure("density", "", "higher", "how deep samples lie among the items; 1 is the data's own"),
    "coverage": Measure("coverage", "", "higher", "share of items with a sample near; .97 is the data's own"),
    "trustworthiness": Measure("trustworthiness", "", "higher", "neighbours by code are neighbours as items"),
    "knn_accuracy": Measure("kNN accuracy", "", "higher", "labels told by the 5 nearest codes, the item left out"),
    "commonest": Measure("commonest label", "", "", "accuracy of always guessing it"),
    "silhouette": Measure("silhouette", "", "higher", "how separate the labels' codes are, -1 to 1"),
    "variance_ratio": Measure("within / between", "", "lower", "variance of codes within labels over that between"),
    "mig": Measure("MIG", "", "higher", "mutual information gap: one number of the code for each factor"),
    "dci_disentanglement": Measure("DCI disentanglement", "", "higher", "each number matters to one factor only"),
    "dci_completeness": Measure("DCI completeness", "", "higher", "each factor needs one number only"),
    "dci_informativeness": Measure("DCI informativeness", "", "higher", "factors told by the code, on held-out items"),
    "sap": Measure("SAP", "", "higher", "gap of the two numbers that tell a factor best"),
}
