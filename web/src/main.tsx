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
void meetWall().then(visit);
