import { computed, signal } from "@preact/signals";
import { SILENT, STRONGEST } from "../../logic/colourScale";
import { theme } from "../../state/preferences";
import { COLOURS } from "./plot";

const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", () => {
  systemDark.value = system.matches;
});

export const dark = computed(() =>
  theme.value === "auto" ? systemDark.value : theme.value === "dark",
);

// Hues this far apart (the golden angle) are never near each other, however many there are.
const APART = 137.508;

/** The colour of a cluster: alike in lightness, so that none looks more important. */
export function colourOf(cluster: number, isDark: boolean): string {
  const hue = ((cluster * APART + 30) % 360).toFixed(1);
  return isDark ? `oklch(0.76 0.12 ${hue})` : `oklch(0.58 0.15 ${hue})`;
}

/** The shades of points by their clusters; colours repeat where there are more than shades. */
export function shadesOf(clusters: Uint16Array): Uint8Array {
  return Uint8Array.from(clusters, (cluster) => 1 + (cluster % STRONGEST));
}

export const clusterColours = computed(() => {
  const colours = new Uint8Array(4 * COLOURS);
  for (let shade = 1; shade <= STRONGEST; shade++)
    colours.set(bytesOf(colourOf(shade - 1, dark.value)), 4 * shade);
  colours.set(bytesOf(RAMP[dark.value ? "dark" : "light"][0] ?? ""), 4 * SILENT);
  return colours;
});

/** From what may not answer over what is hardly it to what one looks for. */
const RAMP = {
  light: ["#e8e4de", "#cdc6bb", "#d98a4e", "#8a2c00"],
  dark: ["#2f2b27", "#514a42", "#c2692c", "#ffd9b0"],
};

export const toneColours = computed(() => {
  const [silent, low, middle, high] = RAMP[dark.value ? "dark" : "light"].map(bytesOf);
  const colours = new Uint8Array(4 * COLOURS);
  for (let tone = 1; tone <= STRONGEST; tone++) {
    const share = (2 * (tone - 1)) / (STRONGEST - 1);
    const [from, to] = share < 1 ? [low, middle] : [middle, high];
    colours.set(mixed(from, to, share < 1 ? share : share - 1), 4 * tone);
  }
  colours.set(silent ?? [], 4 * SILENT);
  return colours;
});

function mixed(from: Colour = [], to: Colour = [], share: number): number[] {
  return from.map((value, part) => Math.round(value + ((to[part] ?? 0) - value) * share));
}

type Colour = readonly number[];

const dot = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

/** Whatever a style sheet takes for a colour, as red, green, blue and alpha. */
function bytesOf(colour: string): number[] {
  if (dot === null) return [128, 128, 128, 255];
  dot.fillStyle = colour;
  dot.fillRect(0, 0, 1, 1);
  return [...dot.getImageData(0, 0, 1, 1).data];
}
