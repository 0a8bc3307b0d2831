"""From a path, an array or a frame to numbers and back: `open` gives a `Source`, `fit_codec` learns a `Codec` of it."""

from .codec import Codec as Codec
from .codecs import codec_from_json as codec_from_json
from .codecs import fit_codec as fit_codec
from .export import write as write
from .image_codec import ImageCodec as ImageCodec
from .images import ImageSource as ImageSource
from .open import open as open
from .photographs import noise_level as noise_level
from .photographs import tiles as tiles
from .series import SeriesSource as SeriesSource
from .series_codec import SeriesCodec as SeriesCodec
from .source import IfThere as IfThere
from .source import Source as Source
from .table_codec import TableCodec as TableCodec
from .tables import TableSource as TableSource
from .text_codec import TextCodec as TextCodec
from .texts import TextSource as TextSource

__all__ = [
    "Codec",
    "IfThere",
    "ImageCodec",
    "ImageSource",
    "SeriesCodec",
    "SeriesSource",
    "Source",
    "TableCodec",
    "TableSource",
    "TextCodec",
    "TextSource",
    "codec_from_json",
    "fit_codec",
    "noise_level",
    "open",
    "tiles",
    "write",
]
