"""Other accounts of the machine cannot read what the embedded servers keep."""

import stat

from portal.embedded.valkey import Valkey


def test_the_folder_of_the_cache_is_its_owners(tmp_path):
    folder = tmp_path / "valkey"
    folder.mkdir(mode=0o755)
    Valkey(folder, tmp_path / "log", port=1, password="x").prepare()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
