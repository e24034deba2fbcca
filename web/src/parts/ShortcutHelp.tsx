import { sheet } from "../state/focus";
import { Sheet } from "./Sheet";

const KEYS = [
  ["/", "write the query"],
  ["← → ↑ ↓", "go from picture to picture; Home and End to the ends"],
  ["Enter", "look at the picture"],
  ["+  −  =", "more like it, less like it, only like it"],
  ["Space", "select it; with Shift all from the last one"],
  ["F", "filters and facets"],
  ["H", "earlier searches"],
  ["C", "what changes from another expression to this one"],
  ["M", "the map; on it arrows move, + and − zoom, 0 shows all, L draws an area"],
  ["Esc", "close, or let the selection go; on the map the area"],
  ["?", "these keys"],
];

export function ShortcutHelp() {
  if (sheet.value !== "keys") return null;
  const close = () => {
    sheet.value = null;
  };
  return (
    <Sheet name="Keys" close={close}>
      <h2>Keys</h2>
      <dl class="keys">
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <h2>The language</h2>
      <dl class="keys">
        <div>
          <dt>
            <code>dog - cat + 2 * snow</code>
          </dt>
          <dd>terms with weights, signs between spaces</dd>
        </div>
        <div>
          <dt>
            <code>"t-shirt - red"</code>
          </dt>
          <dd>a text with signs in it</dd>
        </div>
        <div>
          <dt>
            <code>dog + has("brighton")</code>
          </dt>
          <dd>only pictures whose captions have the word</dd>
        </div>
        <div>
          <dt>
            <code>analogy(a, b, c)</code>
          </dt>
          <dd>a is to b as c is to …; also mean, slerp, without</dd>
        </div>
      </dl>
      <button type="button" class="button" onClick={close}>
        Close
      </button>
    </Sheet>
  );
}
