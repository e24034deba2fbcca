// From web/src to the files that the wheel ships. The same sources give the same bytes: CI builds
// them again and compares.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const page = join("..", "src", "cavewall", "server", "page");
const assets = join(page, "assets");
const bundled = ["preact", "@preact/signals", "@preact/signals-core"];

await rm(page, { recursive: true, force: true });
await mkdir(assets, { recursive: true });

const { metafile } = await build({
  entryPoints: [join("src", "main.tsx")],
  outdir: assets,
  entryNames: "page-[hash]",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  metafile: true,
});

const icon = await readFile(join("src", "icon.svg"));
const iconName = `icon-${createHash("sha256").update(icon).digest("hex").slice(0, 8)}.svg`;
await writeFile(join(assets, iconName), icon);

const names = Object.keys(metafile.outputs).map((path) => basename(path));
const built = { script: ".js", style: ".css" };
let html = await readFile(join("src", "index.html"), "utf8");
for (const [place, suffix] of Object.entries(built))
  html = html.replace(
    `{${place}}`,
    names.find((name) => name.endsWith(suffix)),
  );
await writeFile(join(page, "index.html"), html.replace("{icon}", iconName));

const notices = await Promise.all(
  bundled.map(async (name) => {
    const text = await readFile(join("node_modules", name, "LICENSE"), "utf8");
    return `${name}\n\n${text.trim()}\n`;
  }),
);
await writeFile(join(page, "LICENSES.txt"), notices.join(`\n${"-".repeat(72)}\n\n`));

for (const name of [...names, iconName].sort()) {
  const bytes = await readFile(join(assets, name));
  const gzip = gzipSync(bytes, { level: 9 }).length;
  console.log(
    `${name}  ${(bytes.length / 1000).toFixed(1)} kB, gzip ${(gzip / 1000).toFixed(1)} kB`,
  );
}
