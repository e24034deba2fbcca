import { pictureAddress } from "../api/client";
import { printedWeight } from "../logic/numbers";
import type { Term } from "../logic/terms";
import { lit } from "../state/focus";
import { portraits } from "../state/uploads";

interface Props {
  readonly term: Term;
  readonly place: number;
  readonly change: (term: Term, dragged: boolean) => void;
  readonly remove: () => void;
  /** How to take brackets away, where there are any. */
  readonly open: (() => void) | null;
}

const LEAST = 0.05;

export function Chip({ term, place, change, remove, open }: Props) {
  const size = Math.abs(term.weight);
  const minus = term.weight < 0;
  const name = labelOf(term);
  const portrait = term.image_id
    ? pictureAddress(term.image_id, "thumbnail")
    : portraits.value.get(term.atom);
  const light = () => {
    lit.value = place;
  };
  const dim = () => {
    lit.value = null;
  };

  function weigh(value: string, dragged: boolean): void {
    const next = Math.max(Number(value), LEAST);
    change({ ...term, weight: minus ? -next : next }, dragged);
  }

  return (
    <div
      class={`chip t${place % 7} ${minus ? "minus" : "plus"}`}
      onPointerEnter={light}
      onPointerLeave={dim}
      onFocusIn={light}
      onFocusOut={dim}
    >
      <button
        type="button"
        class="sign"
        onClick={() => change({ ...term, weight: -term.weight }, false)}
        aria-label={`${minus ? "minus" : "plus"} ${name}: change the sign`}
        title={minus ? "Taken away: make it plus" : "Asked for: make it minus"}
      >
        {minus ? "−" : "+"}
      </button>
      {portrait !== undefined && (
        <img
          src={portrait}
          alt=""
          onError={({ currentTarget }) => {
            // The model may know kinds of pictures that the browser does not.
            currentTarget.hidden = true;
          }}
        />
      )}
      <span class={`label ${term.kind}`} title={term.atom}>
        {name}
      </span>
      {term.kind !== "has" && (
        <>
          <input
            type="range"
            min="0"
            max={Math.max(2, Math.ceil(size))}
            step="0.05"
            value={size}
            aria-label={`Weight of ${name}`}
            onInput={(event) => weigh(event.currentTarget.value, true)}
            onChange={(event) => weigh(event.currentTarget.value, false)}
          />
          <span class="weight">{shortWeight(size)}</span>
        </>
      )}
      {open !== null && (
        <button
          type="button"
          class="plain"
          onClick={open}
          aria-label={`Take the brackets off ${name}`}
          title="Take the brackets off"
        >
          ⟨ ⟩
        </button>
      )}
      <button
        type="button"
        class="plain"
        onClick={remove}
        aria-label={`Remove ${name}`}
        title="Remove"
      >
        ×
      </button>
    </div>
  );
}

function labelOf(term: Term): string {
  switch (term.kind) {
    case "like":
      return "this picture";
    case "image":
      return "your picture";
    case "bracket":
      return term.atom;
    case "has":
      return `only with ${term.label}`;
    default:
      return term.label;
  }
}

function shortWeight(size: number): string {
  return size < 1e4 && size >= 0.01 ? size.toFixed(2) : printedWeight(size);
}
