import { compareWith } from "../state/actions";
import { sheet } from "../state/focus";
import { forget, past } from "../state/history";
import { isEmpty, rule, text, where } from "../state/queryState";
import { ask } from "../state/search";
import { Sheet } from "./Sheet";

export function History() {
  if (sheet.value !== "past") return null;
  const close = () => {
    sheet.value = null;
  };
  return (
    <Sheet name="Earlier searches" close={close}>
      <h2>Earlier searches</h2>
      {past.value.length === 0 ? (
        <p>None yet. They stay in this browser.</p>
      ) : (
        <ul class="past">
          {past.value.map((each) => (
            <li key={JSON.stringify(each)}>
              <button
                type="button"
                onClick={() => {
                  rule.value = each.rule;
                  where.value = each.where;
                  close();
                  ask(each.q);
                }}
              >
                <code>{each.q}</code>
                {each.where !== "" && <small> where {each.where}</small>}
                {each.rule !== null && <small> rule {each.rule}</small>}
              </button>
              {!isEmpty.value && each.q !== text.value.trim() && (
                <button
                  type="button"
                  class="plain"
                  title="What changes from this to what is asked now?"
                  aria-label={`Compare with ${each.q}`}
                  onClick={() => {
                    close();
                    compareWith(each.q);
                  }}
                >
                  ⇄
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      <div class="row">
        <button type="button" class="button" onClick={close}>
          Close
        </button>
        {past.value.length > 0 && (
          <button type="button" class="button quiet" onClick={forget}>
            Forget all
          </button>
        )}
      </div>
    </Sheet>
  );
}
