import { render } from "preact";
import { listen } from "./tour/place";
import { meet } from "./tour/sample";
import { Tour } from "./tour/Tour";
import "./styles/tour.css";

render(<Tour />, document.body);
listen();
void meet();
