import { type Direction, neighbour } from "../logic/layout";
import { add, compareWith, onlyLike, showMap } from "../state/actions";
import { active, panel, sheet } from "../state/focus";
import { mapped } from "../state/map";
import { against, isEmpty } from "../state/queryState";
import { hits } from "../state/results";
import { pick, pickNothing } from "../state/selection";
import { open } from "./Detail";
import { goTo, layout } from "./Wall";

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "first",
  End: "last",
};

export function listen(): void {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]"))
      return;
    const { target } = event;
    if (!(target instanceof HTMLElement)) return;
    if (isWriting(target) ? fromBox(event, target) : handled(event, target)) event.preventDefault();
  });
}

function isWriting(target: HTMLElement): boolean {
  return target.matches("input:not([type=checkbox]), select, textarea");
}

/** From the box down to the wall, and out of any field. */
function fromBox(event: KeyboardEvent, target: HTMLElement): boolean {
  if (event.key === "Escape") target.blur();
  else if (event.key === "ArrowDown" && target.id === "box" && hits.value.length > 0)
    goTo(active.value);
  else return false;
  return true;
}

function handled(event: KeyboardEvent, target: HTMLElement): boolean {
  return anywhere(event) || onWall(event, target);
}

function anywhere({ key }: KeyboardEvent): boolean {
  switch (key) {
    case "/":
      box()?.focus();
      box()?.select();
      return true;
    case "?":
      sheet.value = "keys";
      return true;
    case "f":
      panel.value = panel.value === "filters" ? null : "filters";
      return true;
    case "m":
      showMap(!mapped.value);
      return true;
    case "h":
      sheet.value = "past";
      return true;
    case "c":
      if (!isEmpty.value && against.value === null) compareWith("");
      return true;
    case "Escape":
      pickNothing();
      return true;
    default:
      return false;
  }
}

function box(): HTMLInputElement | null {
  return document.querySelector("#box");
}

function onWall(event: KeyboardEvent, target: HTMLElement): boolean {
  const hit = hits.value[active.value];
  const card = target.closest(".card");
  if (hit === undefined || (card === null && target !== document.body)) return false;
  const direction = ARROWS[event.key];
  if (direction !== undefined) {
    goTo(card === null ? active.value : neighbour(layout.value, active.value, direction));
    return true;
  }
  if (card === null) return false;
  switch (event.key) {
    case "+":
      add(hit.image_id, 1);
      return true;
    case "-":
    case "−":
      add(hit.image_id, -1);
      return true;
    case "=":
      onlyLike(hit.image_id);
      return true;
    case " ":
      if (!target.matches(".open")) return false;
      pick(active.value, event.shiftKey);
      return true;
    case "Enter":
      if (!target.matches(".open")) return false;
      open(hit.image_id);
      return true;
    default:
      return false;
  }
}
