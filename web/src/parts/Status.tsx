import { counted } from "../logic/numbers";
import { compareWith } from "../state/actions";
import { area } from "../state/map";
import { scoreAs, size } from "../state/preferences";
import { against, isEmpty, literal, rule, where } from "../state/queryState";
import { busy, found, hits } from "../state/results";
import { letGo, setLiteral, setRule, setWhere } from "../state/search";
import { defaultRule, wall } from "../state/wall";
import { Advice } from "./Advice";

/** What is shown, of how much, by which rule. */
export function Status() {
  const answer = found.value;
  const rules = wall.value?.rules ?? [];
  const chosen = rule.value ?? defaultRule.value ?? "";
  return (
    <div class="status">
      <p class="count" role="status" aria-busy={busy.value}>
        {count()}
      </p>
      {where.value !== "" && (
        <button type="button" class="pill" onClick={() => setWhere("")} title="Take the filter off">
          <code>{where.value}</code> ×
        </button>
      )}
      {area.value !== null && (
        <button type="button" class="pill" onClick={letGo} title="Pictures from everywhere again">
          inside the area ×
        </button>
      )}
      {!isEmpty.value && (
        <div class="options">
          <label title={rules.find(({ name }) => name === chosen)?.description}>
            Rule{" "}
            <select
              value={chosen}
              onChange={({ currentTarget: { value } }) =>
                setRule(value === defaultRule.value ? null : value)
              }
            >
              {rules.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label>
            Show{" "}
            <select
              value={scoreAs.value}
              onChange={({ currentTarget: { value } }) => {
                scoreAs.value = value === "percentile" ? "percentile" : "score";
              }}
            >
              <option value="score">score</option>
              <option value="percentile">percentile</option>
            </select>
          </label>
          <label class="sizes">
            Size{" "}
            <select
              value={size.value}
              onChange={({ currentTarget: { value } }) => {
                size.value = value === "small" || value === "large" ? value : "medium";
              }}
            >
              <option value="small">small</option>
              <option value="medium">medium</option>
              <option value="large">large</option>
            </select>
          </label>
          <button
            type="button"
            class="option"
            aria-expanded={against.value !== null}
            title="See what changes from another expression to this one (c)"
            onClick={() => {
              if (against.value === null) compareWith("");
            }}
          >
            Compare…
          </button>
          <label title="Read the whole box as one text, signs and all">
            <input
              type="checkbox"
              checked={literal.value}
              onChange={(event) => setLiteral(event.currentTarget.checked)}
            />{" "}
            as one text
          </label>
        </div>
      )}
      {answer !== null && <Advice sentences={answer.advice} />}
    </div>
  );
}

function count(): string {
  const answer = found.value;
  if (answer === null) return wall.value === null ? "" : `${counted(wall.value.pictures)} pictures`;
  if (hits.value.length === 0) return "No pictures";
  return `${counted(hits.value.length)} of ${counted(answer.total ?? hits.value.length)} pictures`;
}
