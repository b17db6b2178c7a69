"""Files of production: modules import one another by the names under which pages load them."""

import re
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import FileSystemStorage

from portal.web.static_files import StaticFiles

SCRIPTS = Path(__file__).resolve().parents[2] / "portal" / "static"
_IMPORTED = re.compile(r"""^import\s(?:[^"';]*\sfrom\s*)?["'](\.[^"']+)["'];""", re.MULTILINE)


def test_a_module_has_one_name(tmp_path: Path, settings: Any) -> None:
    settings.DEBUG = False
    names = [str(path.relative_to(SCRIPTS)) for path in SCRIPTS.glob("portal/js/**/*.js")]
    source, made = FileSystemStorage(SCRIPTS), StaticFiles(location=tmp_path)
    for name in names:
        with source.open(name) as file:
            made.save(name, file)
    for _, _, processed in made.post_process({name: (made, name) for name in names}):
        assert not isinstance(processed, Exception)
    imported = 0
    for name in names:
        text = (tmp_path / made.stored_name(name)).read_text(encoding="utf-8")
        for other in _IMPORTED.findall(text):
            target = (tmp_path / name).parent / other
            assert target.exists(), f"{name} imports {other}"
            plain = re.sub(
                r"\.[0-9a-f]{12}\.js$", ".js", str(target.resolve().relative_to(tmp_path.resolve()))
            )
            assert str(target.resolve().relative_to(tmp_path.resolve())) == made.stored_name(plain) != plain
            imported += 1
    assert imported >= 8
