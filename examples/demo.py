"""The two searches of `make demo`, and their answers side by side as one picture."""

import subprocess
import sys
from pathlib import Path

import cavewall
from cavewall.explore.plots.contact_sheet import contact_sheet

folder = Path(sys.argv[1])
queries = ["dog running through sand", "dog running through sand - dog + human"]

for query in queries:
    subprocess.run(
        ["cavewall", "search", query, "-k", "6", "--wall", folder / "wall"],
        executable=Path(sys.executable).with_name("cavewall"),
        check=True,
    )

with cavewall.open(folder / "wall") as wall:
    sheet = contact_sheet([wall.search(query, k=8) for query in queries])
sheet.save(folder / "answers.png")
print(f"Both answers as one picture: {folder / 'answers.png'}")
command = Path(sys.executable).with_name("cavewall")
print(f"The wall in the browser: {command} serve --wall {folder / 'wall'} --open")
