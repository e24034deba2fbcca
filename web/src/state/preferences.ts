import { effect } from "@preact/signals";
import { oneOf, stored } from "./persisted";

export type Theme = "auto" | "light" | "dark";

export const theme = stored("theme", oneOf<Theme>("auto", "light", "dark"));
export const scoreAs = stored("score", oneOf("score", "percentile"));
/** How high a row of pictures wants to be, in a name. */
export const size = stored("size", oneOf("medium", "small", "large"));

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});
