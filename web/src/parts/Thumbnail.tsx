import { useState } from "preact/hooks";
import { pictureAddress } from "../api/client";

// Pictures without bytes are asked for once, not at every re-ranking.
const missing = new Set<string>();

interface Props {
  readonly imageId: string;
  readonly caption: string;
}

export function Thumbnail({ imageId, caption }: Props) {
  const [, setMissed] = useState(0);
  if (missing.has(imageId)) return <span class="missing">{caption}</span>;
  return (
    <img
      src={pictureAddress(imageId, "thumbnail")}
      alt={caption}
      loading="lazy"
      decoding="async"
      draggable={false}
      onError={() => {
        missing.add(imageId);
        setMissed((count) => count + 1);
      }}
    />
  );
}
