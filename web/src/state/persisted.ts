import { effect, type Signal, signal } from "@preact/signals";

/** A signal that this browser remembers; where it may not, it lasts as long as the page. */
export function stored<T>(key: string, read: (text: string | null) => T): Signal<T> {
  const name = `cavewall.${key}`;
  const value = signal(read(recalled(name)));
  effect(() => {
    const text = JSON.stringify(value.value);
    try {
      localStorage.setItem(name, text);
    } catch {
      // Private windows and full disks: nothing is kept, everything works.
    }
  });
  return value;
}

function recalled(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** One of a few words, else the first. */
export function oneOf<T extends string>(...words: [T, ...T[]]): (text: string | null) => T {
  return (text) => words.find((word) => JSON.stringify(word) === text) ?? words[0];
}
