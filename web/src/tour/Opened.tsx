import { row } from "../api/comparing";
import { held } from "../logic/rows";
import { useAsked } from "./asking";

const SAID: Readonly<Record<string, string>> = {
  image_id: "its name, found once in the table",
  image: "the file itself, byte for byte",
  captions: "what was written about it",
  vector: "the embedding: the mean of its captions' vectors",
  thumbnail: "a small copy, to show at once",
  width: "pixels",
  height: "pixels",
  sha256: "a fingerprint of the file",
  metadata: "whatever else was known",
  added_at: "when it came",
  path: "where the file was",
  source: "what brought it",
};
// What only the next `add` wants to know.
const INNER = new Set(["file_size", "file_modified_ns"]);

/** A row of the table, column by column. */
export function Opened({ imageId }: { readonly imageId: string }) {
  const { found, fault } = useAsked(imageId, row);
  if (fault !== null) return <p class="wrong">{fault}</p>;
  if (found === null) return null;
  return (
    <div class="opened">
      <table>
        <caption class="unseen">The row of {found.image_id}</caption>
        <thead>
          <tr>
            <th scope="col">column</th>
            <th scope="col">type</th>
            <th scope="col">what it holds</th>
          </tr>
        </thead>
        <tbody>
          {found.columns
            .filter(({ name }) => !INNER.has(name))
            .map((cell) => (
              <tr key={cell.name} class={cell.name === "vector" ? "vector" : ""}>
                <th scope="row">{cell.name}</th>
                <td class="type">
                  {cell.type.replace("fixed_size_list<item: float>", "float32 ")}
                </td>
                <td>
                  <span class="held">{held(cell)}</span>
                  {SAID[cell.name] !== undefined && <small>{SAID[cell.name]}</small>}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}
