import { signal } from "@preact/signals";
import { sendPicture } from "../api/client";
import { add } from "./actions";
import { dismiss, tell } from "./notices";
import { isEmpty, terms } from "./queryState";
import { setTerms } from "./search";
import { isRefused } from "./session";
import { wall } from "./wall";

/** How pictures that were sent look, by their atoms: the server keeps none to be shown. */
export const portraits = signal<ReadonlyMap<string, string>>(new Map());

/** A picture of one's own as one more term; what keeps it from being one is told. */
export async function send(file: File): Promise<void> {
  const most = wall.value?.limits.upload ?? Number.POSITIVE_INFINITY;
  if (!file.type.startsWith("image/")) tell("sent", `${file.name} is no picture.`);
  else if (file.size > most)
    tell("sent", `${file.name} is larger than the ${inMega(most)} allowed.`);
  else await offer(file);
}

async function offer(file: File): Promise<void> {
  tell("sent", `Looking at ${file.name} …`);
  try {
    const { term, image_id } = await sendPicture(file);
    dismiss("sent");
    if (image_id !== null) add(image_id, 1);
    else join(term, file);
  } catch (fault) {
    dismiss("sent");
    if (isRefused(fault, () => void offer(file))) return;
    tell("sent", `${file.name}: ${fault instanceof Error ? fault.message : String(fault)}`);
  }
}

function join(atom: string, file: File): void {
  if (!portraits.value.has(atom))
    portraits.value = new Map([...portraits.value, [atom, URL.createObjectURL(file)]]);
  const there = isEmpty.value ? [] : terms.value;
  if (there.some((term) => term.atom === atom)) return;
  setTerms([...there, { weight: 1, atom, kind: "image", label: file.name }]);
}

function inMega(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`;
}
