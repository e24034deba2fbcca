import type { Hit } from "./apiTypes";

export type Format = "json" | "csv";

/** What was searched, kept with what was found. */
export interface Origin {
  readonly expression: string;
  readonly rule: string;
  readonly encoder: string;
  readonly version: number;
  readonly where: string | null;
}

export function toJson(hits: readonly Hit[], origin: Origin): string {
  const pictures = hits.map(({ image_id, score, captions, path }) => ({
    image_id,
    score,
    captions,
    path,
  }));
  return `${JSON.stringify({ ...origin, pictures }, null, 2)}\n`;
}

/** RFC 4180; captions of one picture stand in one cell, a line each. */
export function toCsv(hits: readonly Hit[]): string {
  const rows = hits.map((hit) => [
    hit.image_id,
    String(hit.score),
    hit.captions.join("\n"),
    hit.path ?? "",
  ]);
  return [["image_id", "score", "captions", "path"], ...rows]
    .map((row) => `${row.map(cell).join(",")}\r\n`)
    .join("");
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
