import { panel } from "../state/focus";
import { mapped } from "../state/map";
import { against, isEmpty, step } from "../state/queryState";
import { Box } from "./Box";
import { Brand } from "./Brand";
import { Chips } from "./Chips";
import { Detail } from "./Detail";
import { DropZone } from "./DropZone";
import { Filters } from "./Filters";
import { History } from "./History";
import { LazyView } from "./LazyView";
import { Notices } from "./Notices";
import { Selection } from "./Selection";
import { ShortcutHelp } from "./ShortcutHelp";
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
          {isMapped && <LazyView key="map" load={loadMap} />}
          {isCompared && <LazyView key="compare" load={loadCompare} />}
          {!isMapped && (!isCompared || step.value !== null) && <Wall />}
        </main>
      </div>
      <Selection />
      <Detail />
      <History />
      <ShortcutHelp />
      <Token />
      <DropZone />
    </>
  );
}
