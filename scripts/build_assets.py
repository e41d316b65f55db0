#!/usr/bin/env python3
"""Copy the browser files of the locked npm packages to the web service and compile its translations."""

import argparse
import hashlib
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import _environment  # noqa: F401 starts the checkout's own Python first
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGES = REPOSITORY / "node_modules"
WEB = REPOSITORY / "gis_service" / "web"
VENDOR = WEB / "static" / "vendor"
MANIFEST = WEB / "assets.sha256"
FILES = (
    "leaflet/dist/leaflet.css",
    "leaflet/dist/leaflet.js",
    "leaflet/LICENSE",
    "protomaps-leaflet/dist/protomaps-leaflet.js",
    "protomaps-leaflet/LICENSE",
)
"""Files that are served, and their licences; ``dist/`` falls away on the way."""
SOURCE_MAP_MARK = b"//# sourceMappingURL="


def main(arguments: list[str] | None = None) -> int:
    """Run the program; return 0, or 2 where something must be installed or a file is not the one expected."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--accept", action="store_true", help="write the manifest anew, after an intended change of package-lock.json"
    )
    options = parser.parse_args(arguments)
    missing = [name for name in FILES if not (PACKAGES / name).is_file()]
    if missing:
        print(f"缺少 node_modules/{missing[0]}，请先运行：npm ci --ignore-scripts", file=sys.stderr)
        return 2
    assets = {name.replace("/dist/", "/"): _asset(PACKAGES / name) for name in FILES}
    listed = manifest_of(assets)
    if options.accept:
        MANIFEST.write_text(listed, encoding="utf-8")
    elif not MANIFEST.is_file() or MANIFEST.read_text(encoding="utf-8") != listed:
        print(
            "node_modules 中的文件与 gis_service/web/assets.sha256 不一致，请重新运行：npm ci --ignore-scripts",
            file=sys.stderr,
        )
        return 2
    write_assets(assets, VENDOR)
    catalogues = compile_translations(sorted((WEB / "translations").glob("*/LC_MESSAGES/*.po")))
    print(f"前端文件 {len(assets)} 个，译文 {catalogues} 份，已就绪。")
    return 0


def manifest_of(assets: dict[str, bytes]) -> str:
    """Return the SHA-256 of every asset in the format of ``sha256sum``, ordered by name."""
    return "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(assets.items()))


def write_assets(assets: dict[str, bytes], folder: Path) -> None:
    """Make ``folder`` hold exactly ``assets``."""
    if folder.exists():
        shutil.rmtree(folder)
    for name, content in assets.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def compile_translations(catalogues: Iterable[Path]) -> int:
    """Write the .mo file beside every .po file; return how many."""
    number = 0
    for source in catalogues:
        number += 1
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parent.parent.name)
        with source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalogue)
    return number


def _asset(path: Path) -> bytes:
    """Return the file without its pointer to a source map, which is not served."""
    return b"\n".join(line for line in path.read_bytes().split(b"\n") if not line.startswith(SOURCE_MAP_MARK))


if __name__ == "__main__":
    sys.exit(main())
