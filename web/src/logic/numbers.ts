/** A weight as the language's printer writes it, which is Python's `repr` without a last `.0`. */
export function printedWeight(weight: number): string {
  const size = Math.abs(weight);
  if (size === 0 || size >= 1e-4) return String(size);
  const [digits, power] = size.toExponential().split("e-");
  return `${digits}e-${power?.padStart(2, "0")}`;
}

export function signed(value: number, digits = 2): string {
  const rounded = value.toFixed(digits);
  return Number(rounded) < 0 ? `−${rounded.slice(1)}` : `+${rounded.replace("-", "")}`;
}

export function score(value: number): string {
  return value.toFixed(Math.abs(value) < 1 ? 3 : 2).replace("-", "−");
}

/** Digits as far as they tell two very good hits apart. */
export function percentile(value: number | null): string {
  if (value === null) return "–";
  const shown = value > 99 ? Math.min(value, 99.99).toFixed(2) : value.toFixed(1);
  return `${shown} %`;
}

export function counted(value: number): string {
  return value.toLocaleString("en");
}
