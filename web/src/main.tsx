import { render } from "preact";
import { App } from "./parts/App";
import { listen } from "./parts/keyboard";
import { arrive } from "./state/location";
import { begin, visit } from "./state/search";
import { meetWall } from "./state/wall";
import "./styles/page.css";

history.scrollRestoration = "manual";
// Before anybody can type: what is in the box from here on is theirs.
const asked = arrive();
render(<App />, document.body);
listen();
addEventListener("popstate", visit);
// Where there is a pointer there is a keyboard; elsewhere one would cover half the screen.
if (location.search === "" && matchMedia("(hover: hover)").matches)
  document.querySelector<HTMLInputElement>("#box")?.focus();
void meetWall().then(() => begin(asked));
