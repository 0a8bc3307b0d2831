"""Sub-words: byte-pair encoding by the package tokenizers, kept as plain pieces and merges."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

from ..errors import MissingPackageError

SPACE = "▁"  # stands before a word that a space stands before, so that pieces put end to end are the text
Merge = tuple[str, str]


def learn(texts: Sequence[str], most: int, special: Sequence[str]) -> tuple[list[str], list[Merge]]:
    """Pieces and merges of "Neural Machine Translation of Rare Words with Subword Units" (Sennrich et al., 2016).

    Parameters
    ----------
    texts
        Cleaned, white space as single blanks.
    most
        Pieces at most, the special ones among them; characters take half of them at most, rarer ones are unknown.
    special
        What stands first among the pieces.
    """
    tokenizers = _package()
    learner = _set_up(tokenizers, tokenizers.models.BPE(unk_token=special[-1]))
    alphabet = _alphabet(texts, max(1, (most - len(special)) // 2))
    learner.train_from_iterator(
        texts,
        tokenizers.trainers.BpeTrainer(
            vocab_size=most,
            initial_alphabet=alphabet,
            limit_alphabet=len(alphabet),
            special_tokens=[*special],
            show_progress=False,
        ),
    )
    pieces = sorted(learner.get_vocab().items(), key=lambda piece: piece[1])
    return [piece for piece, _ in pieces], _merges(learner)


def _alphabet(texts: Iterable[str], most: int) -> list[str]:
    """The commonest characters; of equally common ones the first. Left to itself the trainer takes any of these.

    >>> _alphabet(["b a", "c b"], 3)
    ['▁', 'b', 'a']
    """
    counts = Counter[str]()
    for text in texts:
        counts.update(text)
    counts.pop(" ", None)
    return [SPACE, *sorted(counts, key=lambda sign: (-counts[sign], sign))][:most]


def cutter(pieces: Sequence[str], merges: Sequence[Merge], unknown: str) -> Any:
    """What cuts a text: `.encode(text).tokens`."""
    tokenizers = _package()
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    return _set_up(tokenizers, tokenizers.models.BPE(vocabulary, [*merges], unk_token=unknown))


def joined(pieces: Iterable[str]) -> str:
    """Pieces as a text.

    >>> joined(["▁lo", "ve", "▁you", "!"])
    'love you!'
    """
    return "".join(pieces).replace(SPACE, " ").strip()


def _package() -> Any:
    try:
        return import_module("tokenizers")
    except ImportError as error:
        raise MissingPackageError(
            'unit="bpe" needs tokenizers, which is not installed; pip install "tokenizers>=0.21"'
        ) from error


def _set_up(tokenizers: Any, model: Any) -> Any:
    """No piece reaches over a space or a punctuation mark."""
    before = tokenizers.pre_tokenizers
    cutter = tokenizers.Tokenizer(model)
    cutter.pre_tokenizer = before.Sequence([before.Metaspace(SPACE, prepend_scheme="always"), before.Punctuation()])
    return cutter


def _merges(learner: Any) -> list[Merge]:
    """In their order, as its JSON says."""
    return [(first, second) for first, second in json.loads(learner.to_str())["model"]["merges"]]
