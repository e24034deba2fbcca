import { type Past, pastFrom, remembering } from "../logic/history";
import { stored } from "./persisted";

export const past = stored<readonly Past[]>("past", pastFrom);

export function remember(search: Past): void {
  past.value = remembering(past.value, search);
}

export function forget(): void {
  past.value = [];
}
