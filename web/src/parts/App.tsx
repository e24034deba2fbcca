import { against, isEmpty, step } from "../state/asked";
import { panel } from "../state/looking";
import { mapped } from "../state/map";
import { Apart } from "./Apart";
import { Box } from "./Box";
import { Brand } from "./Brand";
import { Chips } from "./Chips";
import { Detail } from "./Detail";
import { Drop } from "./Drop";
import { Filters } from "./Filters";
import { Keys } from "./Keys";
import { Notices } from "./Notices";
import { Past } from "./Past";
import { Selection } from "./Selection";
import { Status } from "./Status";
import { Token } from "./Token";
import { Tools } from "./Tools";
import { Wall } from "./Wall";

const loadMap = async () => (await import("./map/MapView")).MapView;
const loadCompare = async () => (await import("./Compare")).Compare;

export function App() {
  const isMapped = mapped.value;
  const isCompared = !isMapped && against.value !== null && !isEmpty.value;
  return (
    <>
      <header class="head">
        <div class="line">
          <Brand label="Cavewall, start" />
          <Box />
          <Tools />
        </div>
        <Chips />
      </header>
      <div class="body">
        {panel.value === "filters" && <Filters />}
        <main>
          <h1 class="unseen">Cavewall: search pictures by meaning</h1>
          <Status />
          <Notices />
          {isMapped && <Apart key="map" load={loadMap} />}
          {isCompared && <Apart key="compare" load={loadCompare} />}
          {!isMapped && (!isCompared || step.value !== null) && <Wall />}
        </main>
      </div>
      <Selection />
      <Detail />
      <Past />
      <Keys />
      <Token />
      <Drop />
    </>
  );
}
