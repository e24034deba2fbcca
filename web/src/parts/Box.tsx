import { useRef, useState } from "preact/hooks";
import { fault, text } from "../state/queryState";
import { settle, submit, type } from "../state/search";

/** The text box; what cannot be read is pointed at under its column. */
export function Box() {
  const input = useRef<HTMLInputElement>(null);
  const [scrolled, setScrolled] = useState(0);
  const problem = fault.value?.part === "filter" ? null : fault.value;
  const at =
    problem?.column == null || input.current === null
      ? null
      : columnOffset(input.current, problem.column) - scrolled;
  return (
    <search class="box">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <input
          ref={input}
          id="box"
          type="text"
          value={text.value}
          onInput={(event) => type(event.currentTarget.value)}
          onBlur={settle}
          onScroll={(event) => setScrolled(event.currentTarget.scrollLeft)}
          aria-label="What to look for: words, joined by + and −"
          aria-invalid={problem !== null}
          aria-describedby={problem === null ? undefined : "box-fault"}
          placeholder="dog running through sand - dog + human"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="search"
          maxLength={4096}
        />
        {problem !== null && (
          <div class="fault" id="box-fault" role="alert">
            {at !== null && (
              <span class="caret" aria-hidden="true" style={{ marginLeft: `${Math.max(at, 0)}px` }}>
                ▲
              </span>
            )}
            <p>
              {problem.column !== null && <span class="column">column {problem.column}: </span>}
              {problem.detail}
            </p>
          </div>
        )}
      </form>
    </search>
  );
}

/** Where a column, counted in characters from 1, begins, in pixels from the text's left. */
function columnOffset(input: HTMLInputElement, column: number): number {
  const style = getComputedStyle(input);
  const pen = document.createElement("canvas").getContext("2d");
  if (pen === null) return 0;
  pen.font = style.font;
  const before = Array.from(input.value)
    .slice(0, column - 1)
    .join("");
  return Number.parseFloat(style.paddingLeft) + pen.measureText(before).width;
}
