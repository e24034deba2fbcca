import { signal } from "@preact/signals";

/** A quiet sentence above the wall, with a way out where there is one. */
export interface Notice {
  readonly about: string;
  readonly says: string;
  readonly action?: { readonly label: string; readonly do: () => void };
}

export const notices = signal<readonly Notice[]>([]);

/** There is one notice about each thing: a new one takes the place of the old. */
export function tell(about: string, says: string, action?: Notice["action"]): void {
  const notice: Notice = action === undefined ? { about, says } : { about, says, action };
  notices.value = [...notices.value.filter((each) => each.about !== about), notice];
}

export function dismiss(about: string): void {
  notices.value = notices.value.filter((each) => each.about !== about);
}
