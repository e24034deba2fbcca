import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

interface Props {
  readonly load: () => Promise<ComponentType>;
}

/** A part that comes in a file of its own, when it is first wanted. */
export function LazyView({ load }: Props) {
  const [Part, setPart] = useState<ComponentType | null>(null);
  const [isLost, setLost] = useState(false);
  useEffect(() => {
    load().then(
      (part) => setPart(() => part),
      () => setLost(true),
    );
  }, []);
  if (isLost)
    return <p class="wrong">This could not be loaded. Is `cavewall serve` still running?</p>;
  return Part === null ? null : <Part />;
}
