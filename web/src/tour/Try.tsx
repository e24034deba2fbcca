import { useId, useRef } from "preact/hooks";

interface Props {
  readonly label: string;
  readonly values: readonly string[];
  /** Called with as many texts as there are values. */
  readonly take: (values: readonly string[]) => void;
  readonly suggestions: readonly (readonly string[])[];
  /** How a suggestion is written. */
  readonly joined?: (values: readonly string[]) => string;
}

/** Fields of the visitor's own, and something to put in them that is worth a look. */
export function Try({ label, values, take, suggestions, joined = dotted }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const name = useId();
  const fields = () => [...(form.current?.querySelectorAll("input") ?? [])];

  function submit(): void {
    const written = fields().map((field) => field.value.trim());
    if (written.every((text) => text !== "")) take(written);
  }

  return (
    <section class="try" aria-labelledby={name}>
      <h2 id={name}>Try it yourself</h2>
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {values.map((value, place) => (
          <input
            key={`${place} ${value}`}
            type="text"
            defaultValue={value}
            aria-label={values.length > 1 ? `${label}, ${place + 1}` : label}
            onChange={submit}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            maxLength={400}
          />
        ))}
        <button type="submit" class="button">
          Show
        </button>
      </form>
      <ul class="examples">
        {suggestions.map((each) => (
          <li key={each.join()}>
            <button
              type="button"
              aria-pressed={each.every((text, place) => text === values[place])}
              onClick={() => take(each)}
            >
              {joined(each)}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function dotted(values: readonly string[]): string {
  return values.join(" · ");
}
