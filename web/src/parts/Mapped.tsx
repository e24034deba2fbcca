import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";

/** The map, which is loaded when it is first opened. */
export function Mapped() {
  const [MapView, setMapView] = useState<FunctionComponent | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    import("./map/MapView").then(
      (loaded) => setMapView(() => loaded.MapView),
      () => setFault("The map could not be loaded. Is `cavewall serve` still running?"),
    );
  }, []);
  if (fault !== null) return <p class="wrong">{fault}</p>;
  return MapView === null ? null : <MapView />;
}
