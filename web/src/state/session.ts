import { signal } from "@preact/signals";
import { logIn, Problem } from "../api/client";

/** Whether the wall asks for its token; what was refused is done once it is given. */
export const tokenAsked = signal(false);
export const tokenFault = signal<string | null>(null);
const refused = new Set<() => void>();

export function isRefused(fault: unknown, again: () => void): boolean {
  if (!(fault instanceof Problem) || fault.status !== 401) return false;
  refused.add(again);
  tokenAsked.value = true;
  return true;
}

export async function giveToken(token: string): Promise<void> {
  try {
    await logIn(token);
  } catch (fault) {
    tokenFault.value = fault instanceof Error ? fault.message : String(fault);
    return;
  }
  tokenFault.value = null;
  tokenAsked.value = false;
  const waiting = [...refused];
  refused.clear();
  for (const again of waiting) again();
}
