/** The way back to the start, and its picture. */
export function Brand({ label }: { label: string }) {
  return (
    <a class="brand" href="/" aria-label={label}>
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <path d="M4 27V16a12 12 0 0 1 24 0v11z" />
      </svg>
      <span>cavewall</span>
    </a>
  );
}
