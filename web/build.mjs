// From web/src to the files that the wheel ships. The same sources give the same bytes: CI builds
// them again and compares.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const page = join("..", "src", "cavewall", "server", "page");
const assets = join(page, "assets");

await rm(page, { recursive: true, force: true });
await mkdir(assets, { recursive: true });

const { metafile } = await build({
  entryPoints: [join("src", "main.tsx")],
  outdir: assets,
  entryNames: "page-[hash]",
  // What is imported when it is first needed (the map) is a file of its own.
  chunkNames: "[name]-[hash]",
  splitting: true,
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

const outputs = Object.entries(metafile.outputs);
const names = outputs.map(([path]) => basename(path));
const [script, { imports }] = outputs.find(([, { entryPoint }]) => entryPoint === "src/main.tsx");
// What the page imports at once is asked for with it, not after it has come.
const preloads = imports
  .filter(({ kind }) => kind === "import-statement")
  .map(({ path }) => `<link rel="modulepreload" href="/assets/${basename(path)}" />`);
const html = (await readFile(join("src", "index.html"), "utf8"))
  .replace("{script}", basename(script))
  .replace(
    "{style}",
    names.find((name) => name.endsWith(".css")),
  )
  .replace("{icon}", iconName)
  .replace("{preloads}", preloads.join("\n    "));
await writeFile(join(page, "index.html"), html);

// Every package that any byte comes from.
const bundled = new Set(
  outputs.flatMap(([, { inputs }]) =>
    Object.keys(inputs).flatMap((path) => {
      const parts = relative("node_modules", path).split(/[\\/]/);
      if (parts[0] === "..") return [];
      return [parts.slice(0, parts[0].startsWith("@") ? 2 : 1).join("/")];
    }),
  ),
);
const notices = await Promise.all(
  [...bundled].sort().map(async (name) => {
    const folder = join("node_modules", name);
    const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
    const text = await readFile(join(folder, file), "utf8");
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
