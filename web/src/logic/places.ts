/** Steps are counted from 1 in addresses: `/tour#3`. */
export function numbered(step: number): string {
  return `#${step + 1}`;
}

/** The step that an address means, from 0; the first where it means none. */
export function placeOf(hash: string): number {
  const found = /^#([1-9]\d{0,3})$/.exec(hash);
  return found === null ? 0 : Number(found[1]) - 1;
}
