"""The likelihood of a text: each token told from those before it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..spec import PAD, UNKNOWN
from .likelihoods import Likelihood


class Tokens(Likelihood):
    r"""A text x = (<start>, x_1, .., <end>) as the chain of its tokens: cross-entropy, on logits.

    .. math:: -\log p(x|o) = -\sum_t \log \mathrm{softmax}(o_t)_{x_t}, \quad o_t = o(x_{<t}, z)

    What a decoder reads of an item is the item itself, up to the token that it tells next (`given`): teacher forcing.
    Its output is the logits (N, V) of the N tokens that are not padding, text after text, so that padding costs
    neither nats nor time. What a decoder wrote by itself, nobody telling it, is tokens (B, T) already.

    Parameters
    ----------
    dropout
        Share of the words that the decoder reads as `<unk>`, drawn anew in each training step: what it is not told it
        has to look up in the code. It tells all of them, and in evaluation it reads all of them.

    References
    ----------
    Word dropout: "Generating Sentences from a Continuous Space" (Bowman et al., 2016);
    "A Neural Probabilistic Language Model" (Bengio et al., 2003); teacher forcing: "A Learning Algorithm for
    Continually Running Fully Recurrent Neural Networks" (Williams & Zipser, 1989).

    Examples
    --------
    >>> import torch
    >>> x = torch.tensor([[1, 4, 5, 2], [1, 4, 2, 0]])  # two texts, the second shorter
    >>> Tokens().nll(x, torch.zeros(5, 8)).exp().round().tolist()  # 3 and 2 tokens to tell, each one of 8
    [512.0, 64.0]
    """

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.dropout = dropout

    def given(self, x: Tensor) -> tuple[Tensor, ...]:
        if not (self.training and self.dropout):
            return (x,)
        lost = (torch.rand(x.shape, device=x.device) < self.dropout) & (x > UNKNOWN)
        return (x.masked_fill(lost, UNKNOWN),)

    def nll(self, x: Tensor, out: Tensor) -> Tensor:
        return self.surprise(x, out).sum(1)

    def surprise(self, x: Tensor, out: Tensor) -> Tensor:
        """-log p of each token but the first: (B, T - 1), 0 of padding."""
        told = x[:, 1:].long()
        real = told != PAD
        price = F.cross_entropy(out, told[real], reduction="none")
        return price.new_zeros(told.shape).masked_scatter(real, price)

    def mean(self, out: Tensor) -> Tensor:
        return out
