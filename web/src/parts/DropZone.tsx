import { useEffect, useState } from "preact/hooks";
import { send } from "../state/uploads";

/** Pictures that are dropped on the page or pasted into it. */
export function DropZone() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const enter = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(false);
      take(event.dataTransfer.files);
    };
    const paste = (event: ClipboardEvent) => {
      const held = event.clipboardData;
      // What has words too, such as a part of a letter, is pasted for them.
      if (held === null || held.files.length === 0 || held.types.includes("text/plain")) return;
      event.preventDefault();
      take(held.files);
    };
    addEventListener("dragover", enter);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    addEventListener("paste", paste);
    return () => {
      removeEventListener("dragover", enter);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
      removeEventListener("paste", paste);
    };
  }, []);
  return over ? <div class="dropping">Drop the picture to search with it</div> : null;
}

function take(files: FileList): void {
  const file = files[0];
  if (file !== undefined) void send(file);
}
