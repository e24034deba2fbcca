import { computed, signal } from "@preact/signals";
import * as api from "../api/client";
import type { Wall } from "../logic/apiTypes";
import { tell } from "./notices";
import { isRefused } from "./session";

export const wall = signal<Wall | null>(null);

export const defaultRule = computed(
  () => wall.value?.rules.find((rule) => rule.default)?.name ?? null,
);

export async function meetWall(): Promise<void> {
  try {
    wall.value = await api.wall();
  } catch (fault) {
    if (isRefused(fault, meetWall)) return;
    tell("wall", fault instanceof Error ? fault.message : String(fault));
  }
}
