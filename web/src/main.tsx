import { render } from "preact";
import { App } from "./parts/App";
import { listen } from "./parts/keyboard";
import { visit } from "./state/searching";
import { meetWall } from "./state/wall";
import "./styles/page.css";

history.scrollRestoration = "manual";
render(<App />, document.body);
listen();
addEventListener("popstate", visit);
// Where there is a pointer there is a keyboard; elsewhere one would cover half the screen.
if (location.search === "" && matchMedia("(hover: hover)").matches)
  document.querySelector<HTMLInputElement>("#box")?.focus();
void meetWall().then(visit);
