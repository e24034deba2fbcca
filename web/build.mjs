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

// The tour is a page of its own, built by itself: in files shared with the other one both would
// compress less well. What comes only when it is opened is in parts.
const pages = [
  { html: "index.html", entry: "src/main.tsx", name: "page" },
  { html: "tour.html", entry: "src/tour.tsx", name: "tour" },
];
const outputs = {};
for (const { entry, name } of pages) {
  const { metafile } = await build({
    entryPoints: { [name]: entry },
    outdir: assets,
    entryNames: "[name]-[hash]",
    chunkNames: "part-[hash]",
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
  Object.assign(outputs, metafile.outputs);
}

const icon = await readFile(join("src", "icon.svg"));
const iconName = `icon-${createHash("sha256").update(icon).digest("hex").slice(0, 8)}.svg`;
await writeFile(join(assets, iconName), icon);

for (const { html, entry } of pages) {
  const [script, { cssBundle, imports }] = Object.entries(outputs).find(
    ([, { entryPoint }]) => entryPoint === entry,
  );
  const preload = imports
    .filter(({ kind }) => kind === "import-statement")
    .map(({ path }) => `<link rel="modulepreload" href="/assets/${basename(path)}" />`);
  const values = {
    icon: iconName,
    script: basename(script),
    style: basename(cssBundle),
    preload: preload.join("\n    "),
  };
  const text = await readFile(join("src", html), "utf8");
  await writeFile(
    join(page, html),
    text.replace(/\{(\w+)\}/g, (_, name) => values[name]),
  );
}

// Every package that any byte comes from.
const bundled = new Set(
  Object.values(outputs).flatMap(({ inputs }) =>
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

const names = Object.keys(outputs).map((path) => basename(path));
for (const name of [...names, iconName].sort()) {
  const bytes = await readFile(join(assets, name));
  const gzip = gzipSync(bytes, { level: 9 }).length;
  console.log(
    `${name}  ${(bytes.length / 1000).toFixed(1)} kB, gzip ${(gzip / 1000).toFixed(1)} kB`,
  );
}
