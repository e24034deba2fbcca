import { useState } from "preact/hooks";
import { giveToken, tokenAsked, tokenFault } from "../state/session";
import { Sheet } from "./Sheet";

export function Token() {
  const [token, setToken] = useState("");
  if (!tokenAsked.value) return null;
  return (
    <Sheet name="Token" close={() => undefined}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void giveToken(token);
        }}
      >
        <h2>This wall asks for its token</h2>
        <p>
          Whoever runs <code>cavewall serve</code> has it.
        </p>
        <input
          type="password"
          aria-label="Token"
          autocomplete="current-password"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        {tokenFault.value !== null && (
          <p class="wrong" role="alert">
            {tokenFault.value}
          </p>
        )}
        <button type="submit" class="button">
          Open the wall
        </button>
      </form>
    </Sheet>
  );
}
