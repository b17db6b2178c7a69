"""The program that signs and verifies with OpenSSF's model-signing, in a process of its own, without network."""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from cryptography.exceptions import InvalidSignature

from registry.gate.scanner.sandbox import confine

# Models are signed with keys. What asks Sigstore's servers is imported with the rest, and two thirds of a start.
_NEVER_USED = "model_signing._signing.sign_sigstore"
sys.modules[_NEVER_USED] = ModuleType(_NEVER_USED)

import model_signing  # noqa: E402 - as above

# Without types of its own.
_PARTS = (model_signing.signing, model_signing.verifying, model_signing.hashing)


def main() -> None:
    """`{act: sign | verify, folder, key, signature}` in; `{ok, said, tool}` out."""
    request = json.load(sys.stdin)
    confine(request["limits"])
    json.dump({**_done(request), "tool": f"model-signing {version('model-signing')}"}, sys.stdout)


def _done(request: dict[str, Any]) -> dict[str, Any]:
    signing, verifying, hashing = (cast(Any, part) for part in _PARTS)
    # Every file is signed, those of git, too.
    every_file = hashing.Config().set_ignored_paths(paths=[], ignore_git_paths=False)
    folder, signature = Path(request["folder"]), Path(request["signature"])
    if request["act"] == "sign":
        config = signing.Config().set_hashing_config(every_file)
        config.use_elliptic_key_signer(private_key=Path(request["key"])).sign(folder, signature)
        return {"ok": True, "said": ""}
    checking = (
        verifying.Config()
        .set_hashing_config(every_file)
        .use_elliptic_key_verifier(public_key=Path(request["key"]))
    )
    try:
        checking.verify(folder, signature)
    except (ValueError, TypeError, KeyError, InvalidSignature, OSError) as error:
        return {"ok": False, "said": f"{error or type(error).__name__}"[:500]}
    return {"ok": True, "said": ""}
