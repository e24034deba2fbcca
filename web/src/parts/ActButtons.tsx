import { add, onlyLike } from "../state/actions";

interface Props {
  readonly imageId: string;
  readonly caption: string;
  readonly reach: number;
}

/** The three things that a picture can be in a query. */
export function ActButtons({ imageId, caption, reach }: Props) {
  return (
    <div class="acts">
      <button
        type="button"
        tabIndex={reach}
        title="More like this (+)"
        aria-label={`Plus this picture: ${caption}`}
        onClick={() => add(imageId, 1)}
      >
        +
      </button>
      <button
        type="button"
        tabIndex={reach}
        title="Less like this (−)"
        aria-label={`Minus this picture: ${caption}`}
        onClick={() => add(imageId, -1)}
      >
        −
      </button>
      <button
        type="button"
        tabIndex={reach}
        class="only"
        title="Only like this (=)"
        aria-label={`Only like this picture: ${caption}`}
        onClick={() => onlyLike(imageId)}
      >
        =
      </button>
    </div>
  );
}
