"""Make the export of the packaged model that comes with Cavewall: see docs/decisions/0009."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from sentence_transformers import SentenceTransformer

from cavewall.encoders import resolve
from cavewall.encoders.onnx_export import export, shipped_folder
from cavewall.encoders.resolve import packaged_folder


def main() -> None:
    digest = resolve().identity.digest
    source = packaged_folder()
    model = SentenceTransformer(str(source), device="cpu", local_files_only=True)
    with tempfile.TemporaryDirectory() as name:
        export(model, source, digest, Path(name))
        folder = shipped_folder(digest)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(name, folder)
    print(f"{folder}: {sum(path.stat().st_size for path in folder.iterdir()):,} bytes")


if __name__ == "__main__":
    main()
