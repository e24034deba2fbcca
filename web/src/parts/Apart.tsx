import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

interface Props {
  readonly load: () => Promise<ComponentType>;
}

/** A part that comes in a file of its own, when it is first wanted. */
export function Apart({ load }: Props) {
  const [Part, setPart] = useState<ComponentType | null>(null);
  useEffect(() => {
    void load().then((part) => setPart(() => part));
  }, []);
  return Part === null ? null : <Part />;
}
