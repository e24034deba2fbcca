/** One row of the table, as the server lays it open. */
export interface Row {
  readonly image_id: string;
  readonly version: number;
  readonly columns: readonly Cell[];
}

export interface Cell {
  readonly name: string;
  readonly type: string;
  readonly value: unknown;
  readonly length: number | null;
  readonly first: readonly number[];
}

const SIZES: readonly [number, string][] = [
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "kB"],
];

export function bytes(count: number): string {
  const [size, unit] = SIZES.find(([least]) => count >= least) ?? [1, "bytes"];
  return `${size === 1 ? count : (count / size).toFixed(1)} ${unit}`;
}

/** What a cell holds, in few words. */
export function held({ type, value, length, first }: Cell): string {
  if (first.length > 0) {
    const some = first.map((number) => number.toFixed(3).replace("-", "−")).join("  ");
    return `${some} … ${length} numbers`;
  }
  if (length !== null && value === null) return bytes(length);
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return value.map((each) => shown(each)).join("\n");
  return type === "json" ? JSON.stringify(value) : shown(value);
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
