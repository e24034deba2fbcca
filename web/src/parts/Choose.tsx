import { useRef } from "preact/hooks";
import { send } from "../state/uploads";

/** A picture of one's own, for those who have nothing to drop it with. */
export function Choose() {
  const input = useRef<HTMLInputElement>(null);
  return (
    <p>
      Drop one of yours here, paste it, or{" "}
      <button type="button" class="link" onClick={() => input.current?.click()}>
        choose a file
      </button>
      .
      <input
        ref={input}
        type="file"
        accept="image/*"
        hidden
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file !== undefined) void send(file);
          // The same file may be chosen again.
          currentTarget.value = "";
        }}
      />
    </p>
  );
}
