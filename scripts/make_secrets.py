"""Makes the secret files that docker-compose.yml names, once: python3 scripts/make_secrets.py [folder]

Nothing that exists is overwritten. The client secret of single sign-on is left empty for you to fill in.
"""

import base64
import secrets
import sys
from pathlib import Path

import p256


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "secrets")
    folder.mkdir(mode=0o700, exist_ok=True)
    database, valkey = keep(folder / "postgres_password"), keep(folder / "redis_password")
    keep(folder / "owner_database_url", f"postgresql://portal:{database}@postgres:5432/portal")
    for name, role in (("database_url", "portal_app"), ("sequencer_database_url", "portal_sequencer")):
        keep(folder / name, f"postgresql://{role}:{secrets.token_urlsafe(32)}@postgres:5432/portal")
    keep(folder / "redis_url", f"redis://:{valkey}@redis:6379/0")
    keep(folder / "redis_conf", f"requirepass {valkey}")
    keep(folder / "secret_key", secrets.token_urlsafe(64))
    keep(folder / "oidc_client_secret", "")
    for name in ("audit_signing_key", "document_signing_key"):
        keep(folder / name, base64.b64encode(secrets.token_bytes(32)).decode())
    keep(folder / "jobs_secrets_key", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    signing_keys_keep(folder)
    return 0


def signing_keys_keep(folder: Path) -> None:
    """The pair of keys that models are signed with and checked with; both, or what is there stays."""
    if not (folder / "model_signing_key").exists():
        private, public = p256.pair()
        keep(folder / "model_signing_key", private)
        keep(folder / "model_signing_public_key", public)


def keep(path: Path, text: str | None = None) -> str:
    """The text of a file; written first when it is not there. The containers' users must be able to read it."""
    if not path.exists():
        path.write_text(f"{secrets.token_urlsafe(32) if text is None else text}\n")
        path.chmod(0o644)
        print(f"made {path}")
    return path.read_text().strip()


if __name__ == "__main__":
    sys.exit(main())
