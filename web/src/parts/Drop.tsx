import { useEffect, useState } from "preact/hooks";
import { offerPicture } from "../api/client";
import { tell } from "../state/notices";
import { wall } from "../state/wall";

const NONE_YET =
  "A picture from outside cannot be a term here yet: this wall has no image encoder. " +
  "Take one of the wall instead, with + or = on it.";

/** Pictures that are dropped on the page or pasted into it. */
export function Drop() {
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
      if (event.clipboardData?.files.length) take(event.clipboardData.files);
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
  if (file === undefined) return;
  if (!file.type.startsWith("image/")) tell("drop", `${file.name} is no picture.`);
  else if (wall.value?.spaces.includes("image")) void offer(file);
  else tell("drop", NONE_YET);
}

async function offer(file: File): Promise<void> {
  try {
    await offerPicture(file);
  } catch (fault) {
    tell("drop", fault instanceof Error ? fault.message : String(fault));
  }
}
