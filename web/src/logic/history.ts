/** A search that was made before. */
export interface Past {
  readonly q: string;
  readonly rule: string | null;
  readonly where: string;
}

const KEPT = 100;

/** The newest first, each search once. */
export function remembering(past: readonly Past[], search: Past): Past[] {
  return [search, ...past.filter((each) => !same(each, search))].slice(0, KEPT);
}

function same(a: Past, b: Past): boolean {
  return a.q === b.q && a.rule === b.rule && a.where === b.where;
}

/** What was stored, which other versions of the page or a hand may have changed. */
export function pastFrom(stored: string | null): Past[] {
  try {
    const found: unknown = JSON.parse(stored ?? "[]");
    return Array.isArray(found) ? found.filter(isPast).slice(0, KEPT) : [];
  } catch {
    return [];
  }
}

function isPast(value: unknown): value is Past {
  if (typeof value !== "object" || value === null) return false;
  const { q, rule, where } = value as Record<string, unknown>;
  return (
    typeof q === "string" &&
    typeof where === "string" &&
    (rule === null || typeof rule === "string")
  );
}
