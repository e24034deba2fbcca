import { dismiss, notices } from "../state/notices";

export function Notices() {
  return (
    <div class="notices" aria-live="polite">
      {notices.value.map(({ about, says, action }) => (
        <p key={about} class="notice">
          {says}{" "}
          {action !== undefined && (
            <button type="button" class="link" onClick={action.do}>
              {action.label}
            </button>
          )}
          <button type="button" class="plain" aria-label="Dismiss" onClick={() => dismiss(about)}>
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
