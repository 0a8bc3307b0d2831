"""Good or bad? Reviews judged by codes that were learned without labels, beside TF-IDF of the same reviews.

Both end in a logistic regression, which alone is told the labels. Codes can be learned from any number of reviews that
nobody has judged; TF-IDF counts the words of those that were.
"""

import csv
import random
import sys
from pathlib import Path

from _common import TEXTS, asked, save, table
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import latently

WHAT = ("영화", "연기", "음악", "이야기", "장면", "마지막")
GOOD = ("정말 좋았다", "감동적이다", "아주 재미있다", "다시 보고 싶다", "최고다")
BAD = ("너무 지루하다", "별로였다", "아쉽다", "시간이 아깝다", "재미없다")
FILE = "korean-sentiment.tsv"


def reviews(path: str | None, full: bool) -> tuple[list[str], list[str]]:
    """Reviews and what was said of them, from a table with the columns text and label; or made-up ones."""
    there = Path(path) if path else TEXTS / FILE if full and (TEXTS / FILE).exists() else None
    if there is None:
        drawn = random.Random(0)
        labels = [drawn.choice("01") for _ in range(600)]
        made = [f"{drawn.choice(WHAT)} {drawn.choice(GOOD if label == '1' else BAD)}" for label in labels]
        return made, labels
    with there.open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file, delimiter="\t" if there.suffix == ".tsv" else ",", quoting=csv.QUOTE_NONE)]
    if not rows or not {"text", "label"} <= rows[0].keys():
        sys.exit(f"{there} lacks the columns text and label; give a .csv or .tsv that has both.")
    return [row["text"] for row in rows], [row["label"] for row in rows]


def main() -> None:
    args = asked(
        "Judge reviews by their codes.",
        data="a .csv or .tsv with the columns text and label; by default made-up reviews",
    )
    texts, labels = reviews(args.data, args.full)
    most = len(texts) if args.full else 1000
    X, T, y, t = train_test_split(texts[:most], labels[:most], random_state=0)
    rows = []
    counted = make_pipeline(TfidfVectorizer(token_pattern=r"\S+"), LogisticRegression(C=10)).fit(X, y)
    rows.append(("TF-IDF of words", counted.score(T, t)))
    size, epochs = ("embed128 drop0.3 lstm512 drop0.3", 8) if args.full else ("embed32 lstm64", 3)
    models = {
        "LanguageModel's mean states": latently.LanguageModel(network=size, epochs=epochs, lr=0.002),
        "TextVAE's codes": latently.TextVAE(latent=32, encoder=size, epochs=epochs, lr=0.002),
    }
    for name, model in models.items():
        model.fit(latently.open(X, unit="character", length=60))
        judge = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000)).fit(model.transform(X), y)
        rows.append((name, judge.score(model.transform(T), t)))
    commonest = max(map(t.count, set(t))) / len(t)
    table((f"{len(T):,} reviews, {commonest:.0%} of one kind", "accuracy"), rows)
    save(args, "loss", latently.figures.curves(models["TextVAE's codes"].history_))


if __name__ == "__main__":
    main()
