"""What a page holds for its script."""

import base64
import gzip
import json
import re
from typing import Any


def data_of(page: str) -> dict[str, Any]:
    [text] = re.findall(r'<script type="application/gzip" id="data">(.*?)</script>', page)
    unpacked: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(text)))
    return unpacked
