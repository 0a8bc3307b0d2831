"""Numbers over time: monthly sales whose years are unlike each other, and market prices on which something happened.

Windows of each are its items. Of the sales a year is one, and its code says what kind of year it was; of the prices the
model learns how they move together, and finds the days on which they did not.
"""

from typing import Any

import numpy as np
import polars as pl
from _common import asked, save, table

import latently

BREAK = 700  # the day from which one price goes its own way, for two weeks
PRICES = {"oil": 1.0, "gas": 0.8, "steel": 0.6}  # and how strongly each moves with the others


def sales(years: int) -> dict[str, Any]:
    """Months, with a season that is strong in some years and weak in others, and a trend."""
    drawn = np.random.default_rng(0)
    month = np.arange(12 * years)
    strength = drawn.uniform(2, 20, years).repeat(12)
    value = 100 + 0.02 * month + strength * np.sin(2 * np.pi * (month - 3) / 12) + drawn.normal(0, 1, len(month))
    return {"month": (np.datetime64("1960-01") + month).astype("M8[D]"), "sales": value}


def prices(days: int) -> dict[str, Any]:
    """Business days, and three prices that move together but for two weeks, back to where they were in the long run."""
    drawn = np.random.default_rng(1)
    day = np.busday_offset("2019-01-01", np.arange(days), roll="forward")
    together = np.zeros(days)
    for i in range(1, days):
        together[i] = 0.95 * together[i - 1] + drawn.normal(0, 2)
    moves = {name: 100 + factor * together + drawn.normal(0, 0.4, days) for name, factor in PRICES.items()}
    moves["steel"][BREAK : BREAK + 10] += 12
    return {"day": day, **moves}


def main() -> None:
    args = asked("Find what is odd in series.", data="a .csv with a column of times; by default made-up ones")
    years = latently.open(pl.DataFrame(sales(80)), time="month", window=12, step=12)
    yearly = latently.AE(latent=2, epochs=300 if args.full else 120, lr=0.01).fit(years)
    save(args, "years", latently.figures.restored(yearly, years))

    source = latently.open(args.data or pl.DataFrame(prices(1000)), window=20)
    epochs = 60 if args.full else 25
    model = latently.DenoisingAE(latent=4, mask=0.3, epochs=epochs, lr=0.003).fit(source)
    found = latently.anomalies(model, source, rate=0.02)
    table(
        ("measured", "value"),
        {
            "years that come back, R²": latently.evaluate(yearly, years)["restored"],
            "prices that come back, R²": latently.evaluate(model, source)["restored"],
            "windows of prices": len(source),
            "flagged": int(found.flagged.sum()),
        }.items(),
    )
    print("\nwhen prices were odd:")
    for row in found.ranges().head(3).iter_rows(named=True):
        print(f"{row['start']} to {row['end']}: {row['why']}")
    save(args, "odd", latently.figures.ranges(found))


if __name__ == "__main__":
    main()
