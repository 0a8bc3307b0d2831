"""Networks that people can spell: a layer is a word, or an object; a network is a list of them.

    conv16:k3:s2 relu pool2 flatten dense64 silu
    [Conv(16, kernel=3, stride=2), Activation("relu"), Pool(2), Flatten(), Dense(64), Activation("silu")]

Name and size together, options after colons, blanks between. Sizes are height x width x channels for people, steps x
features for sequences; inside, tensors are (B, C, H, W) and (B, T, F).

Examples
--------
>>> import latently
>>> model = latently.AE(encoder=latently.nets.spell([Conv(16, kernel=3), Activation("relu"), Pool(2)]))
>>> spell(parse("conv16 relu"))
'conv16:k3:s1:same relu'
"""

from .anatomy import matrix as matrix
from .default import NAMED as NAMED
from .default import default as default
from .flat import Activation as Activation
from .flat import Dense as Dense
from .flat import Drop as Drop
from .flat import Flatten as Flatten
from .flat import Norm as Norm
from .flat import Reshape as Reshape
from .halves import halved as halved
from .layer import Layer as Layer
from .layer import people as people
from .network import Mindful as Mindful
from .network import Network as Network
from .network import through as through
from .pair import LIKELIHOODS as LIKELIHOODS
from .pair import Networks as Networks
from .pair import natural as natural
from .pair import network as network
from .pair import pair as pair
from .picture import Conv as Conv
from .picture import ConvT as ConvT
from .picture import Join as Join
from .picture import Keep as Keep
from .picture import Nails as Nails
from .picture import Pool as Pool
from .picture import Res as Res
from .picture import Unpool as Unpool
from .picture import Up as Up
from .reader import Reader as Reader
from .reader import reader as reader
from .sequence import GRU as GRU
from .sequence import LSTM as LSTM
from .sequence import Embed as Embed
from .spelling import WORDS as WORDS
from .spelling import Spelled as Spelled
from .spelling import build as build
from .spelling import mirror as mirror
from .spelling import parse as parse
from .spelling import shapes as shapes
from .spelling import spell as spell
from .spelling import spelled as spelled
from .writer import Carry as Carry
from .writer import Writer as Writer
from .writer import barred as barred
from .writer import picked as picked
from .writer import writer as writer
