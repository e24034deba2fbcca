const BARE = /^[\p{L}_][\p{L}\p{N}_]*$/u;
const WORDS = new Set([
  "and",
  "or",
  "not",
  "in",
  "is",
  "missing",
  "contains",
  "true",
  "false",
  "tagged",
  "has",
]);

export function hasClause(where: string, clause: string): boolean {
  return clauses(where).includes(clause);
}

/** The filter with a clause that must hold too, or without it where it is already asked. */
export function toggled(where: string, clause: string): string {
  const there = clauses(where);
  if (there.includes(clause)) return there.filter((each) => each !== clause).join(" and ");
  if (there.length === 0) return clause;
  const before = outside(where, "or").length > 1 ? `(${where.trim()})` : where.trim();
  return `${before} and ${clause}`;
}

/** `field = "value"` for a field as it was stored, dotted where it is inside another. */
export function equals(field: readonly string[], value: string | number | boolean): string {
  const name = field.map((part) =>
    BARE.test(part) && !WORDS.has(part.toLowerCase()) ? part : `\`${part.replaceAll("`", "``")}\``,
  );
  const written =
    typeof value === "string"
      ? `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`
      : String(value);
  return `${name.join(".")} = ${written}`;
}

function clauses(where: string): string[] {
  if (outside(where, "or").length > 1) return [where.trim()];
  return outside(where, "and").filter((each) => each !== "");
}

/** Parts of a filter between a word that stands outside quotes and brackets. */
function outside(where: string, word: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  const pieces = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|[()]|[\p{L}\p{N}_]+|./gsu;
  for (const { 0: piece, index } of where.matchAll(pieces)) {
    if (piece === "(") depth++;
    else if (piece === ")") depth--;
    else if (depth === 0 && piece.toLowerCase() === word) {
      parts.push(where.slice(start, index).trim());
      start = index + piece.length;
    }
  }
  return [...parts, where.slice(start).trim()];
}
