"""Packages that the portal hands out: wheels made from their sources (PEP 427)."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_EPOCH = (2020, 1, 1, 0, 0, 0)
_WHEEL = "Wheel-Version: 1.0\nGenerator: portal\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@dataclass(frozen=True)
class Package:
    """A package of Python alone. `sources` is the folder of its modules."""

    name: str
    version: str
    sources: Path
    summary: str
    python: str
    requires: tuple[str, ...]
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        return f"{self.name}-{self.version}-py3-none-any.whl"

    @property
    def _about(self) -> str:
        needs = "".join(f"Requires-Dist: {each}\n" for each in self.requires)
        return (
            f"Metadata-Version: 2.1\nName: {self.name.replace('_', '-')}\nVersion: {self.version}\n"
            f"Summary: {self.summary}\nRequires-Python: {self.python}\n{needs}"
        )

    def wheel(self) -> bytes:
        """The same bytes for the same sources."""
        info = f"{self.name}-{self.version}.dist-info"
        found = sorted(path for path in self.sources.iterdir() if path.suffix in (".py", ".typed"))
        files = {f"{self.name}/{path.name}": path.read_bytes() for path in found}
        about = {"METADATA": self._about, "WHEEL": _WHEEL, **self.more}
        files |= {f"{info}/{name}": text.encode() for name, text in about.items()}
        record = "".join(
            f"{path},sha256={_hash(content)},{len(content)}\n" for path, content in files.items()
        )
        files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in files.items():
                archive.writestr(zipfile.ZipInfo(path, _EPOCH), content)
        return packed.getvalue()


def _hash(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
