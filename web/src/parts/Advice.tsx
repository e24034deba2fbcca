/** Sentences about the query; what stands between backticks is of the language. */
export function Advice({ sentences }: { readonly sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <ul class="advice" aria-label="Advice">
      {sentences.map((sentence) => (
        <li key={sentence}>
          {sentence
            .split("`")
            .map((part, place) => (place % 2 === 1 ? <code key={place}>{part}</code> : part))}
        </li>
      ))}
    </ul>
  );
}
