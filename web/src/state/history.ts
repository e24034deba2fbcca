import { type Past, pastFrom, remembering } from "../logic/past";
import { stored } from "./stored";

export const past = stored<readonly Past[]>("past", pastFrom);

export function remember(search: Past): void {
  past.value = remembering(past.value, search);
}

export function forget(): void {
  past.value = [];
}
