import { useEffect, useState } from "preact/hooks";
import * as api from "../api/client";
import type { Facets, Field } from "../logic/apiTypes";
import { hasClause, toggled } from "../logic/filters";
import { counted } from "../logic/numbers";
import { panel } from "../state/focus";
import { fault, where } from "../state/queryState";
import { found } from "../state/results";
import { setWhere } from "../state/search";

/** Which pictures are meant: the filter as text, and what there is to choose from. */
export function Filters() {
  const [draft, setDraft] = useState(where.value);
  const [fields, setFields] = useState<readonly Field[]>([]);
  const [open, setOpen] = useState<string | null>(null);
  useEffect(() => setDraft(where.value), [where.value]);
  useEffect(() => void api.fields().then(setFields, () => undefined), [found.value?.version]);
  const problem = fault.value?.part === "filter" ? fault.value : null;
  return (
    <aside class="filters" aria-label="Filter">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setWhere(draft.trim());
        }}
      >
        <div class="row">
          <label for="filter">Filter</label>
          <button
            type="button"
            class="plain"
            aria-label="Close the filters"
            onClick={() => {
              panel.value = null;
            }}
          >
            ×
          </button>
        </div>
        <input
          id="filter"
          value={draft}
          onInput={(event) => setDraft(event.currentTarget.value)}
          placeholder="year >= 2019"
          autocomplete="off"
          spellcheck={false}
          aria-invalid={problem !== null}
          aria-describedby={problem === null ? undefined : "filter-fault"}
        />
        {problem !== null && (
          <p class="wrong" id="filter-fault" role="alert">
            {problem.column !== null && <span class="column">column {problem.column}: </span>}
            {problem.detail}
          </p>
        )}
        <div class="row">
          <button type="submit" class="button">
            Apply
          </button>
          {where.value !== "" && (
            <button type="button" class="button quiet" onClick={() => setWhere("")}>
              Clear
            </button>
          )}
        </div>
      </form>
      <ul class="fields">
        {fields.map(({ name, pictures }) => (
          <li key={name}>
            <button
              type="button"
              class="field"
              aria-expanded={open === name}
              onClick={() => setOpen(open === name ? null : name)}
            >
              <span>{name}</span>
              <small>{counted(pictures)}</small>
            </button>
            {open === name && <Values field={name} />}
          </li>
        ))}
      </ul>
    </aside>
  );
}

function Values({ field }: { readonly field: string }) {
  const [facets, setFacets] = useState<Facets | string | null>(null);
  const among = fault.value?.part === "filter" ? "" : where.value;
  useEffect(() => {
    const stop = new AbortController();
    api.facets(field, among, stop.signal).then(setFacets, (problem: unknown) => {
      if (!stop.signal.aborted)
        setFacets(String(problem instanceof Error ? problem.message : problem));
    });
    return () => stop.abort();
  }, [field, among, found.value?.version]);
  if (facets === null) return <p class="quiet">…</p>;
  if (typeof facets === "string") return <p class="wrong">{facets}</p>;
  return (
    <ul class="values">
      {facets.counts.map((count) => (
        <li key={count.where}>
          <button
            type="button"
            aria-pressed={hasClause(where.value, count.where)}
            title={count.where}
            onClick={() => setWhere(toggled(where.value, count.where))}
          >
            <span>{String(count.value)}</span>
            <small>{counted(count.pictures)}</small>
          </button>
        </li>
      ))}
      {facets.others > 0 && <li class="quiet">and {counted(facets.others)} more values</li>}
      {facets.missing > 0 && <li class="quiet">{counted(facets.missing)} without</li>}
    </ul>
  );
}
