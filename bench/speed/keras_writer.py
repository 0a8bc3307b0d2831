"""Keras' side of the writer: tokens of fixed length, the next word foretold at each; runs where Keras is."""

from __future__ import annotations

import os
from collections import Counter

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's notices of its own start

import keras
import numpy as np
from keras import layers as L

from .keras_pictures import Clock, limit
from .protocol import SPECIAL, VOCABULARY, lines, say, told
from .rows import RATE


def tokens(lines: list[list[str]], words: dict[str, int]) -> np.ndarray:
    """(n, 21): <start>, the words, <end>."""
    start, end, unknown = (SPECIAL.index(name) for name in ("<start>", "<end>", "<unk>"))
    return np.array([[start, *(words.get(word, unknown) for word in line), end] for line in lines], np.int32)


def main() -> None:
    asked = told()
    limit(asked.threads)
    keras.utils.set_random_seed(asked.seed)
    train, test = lines(asked)
    counted = Counter(word for line in train for word in line)
    common = sorted(counted, key=lambda word: (-counted[word], word))[: VOCABULARY - len(SPECIAL)]
    words = {word: i for i, word in enumerate(common, len(SPECIAL))}
    X, T = tokens(train, words), tokens(test, words)
    size = len(SPECIAL) + len(common)
    recurrent = [L.LSTM(512, return_sequences=True) for _ in range(2)]
    model = keras.Sequential([L.Input((None,), dtype="int32"), L.Embedding(size, 256), *recurrent, L.Dense(size)])
    model.compile(keras.optimizers.Adam(RATE), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    batch = asked.row.batch
    model.fit(X[:, :-1], X[:, 1:], batch_size=batch, epochs=asked.epochs, verbose=0, callbacks=[Clock()])
    found = [
        _nats(model.predict_on_batch(some[:, :-1]), some[:, 1:]) for some in np.split(T, range(batch, len(T), batch))
    ]
    say(quality=float(np.concatenate(found).mean()), encode=None, parameters=model.count_params())


def _nats(logits: np.ndarray, target: np.ndarray) -> np.ndarray:
    """-log p of each token that came, (B, T)."""
    logits = np.asarray(logits, np.float64)
    top = logits.max(-1, keepdims=True)
    whole = top[..., 0] + np.log(np.exp(logits - top).sum(-1))
    return whole - np.take_along_axis(logits, target[..., None], -1)[..., 0]


if __name__ == "__main__":
    main()
