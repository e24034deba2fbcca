import { type Theme as Name, theme } from "../state/preferences";

const NEXT: Readonly<Record<Name, Name>> = { auto: "light", light: "dark", dark: "auto" };
const FACE: Readonly<Record<Name, string>> = { auto: "◐", light: "○", dark: "●" };

export function Theme() {
  return (
    <button
      type="button"
      class="tool"
      aria-label={`Colours: ${theme.value}. Change`}
      title={`Colours: ${theme.value}`}
      onClick={() => {
        theme.value = NEXT[theme.value];
      }}
    >
      {FACE[theme.value]}
    </button>
  );
}
