/** An answer of many things is no longer than this, but for a single thing that is. */
const longest = 1024 * 1024;

/** The first things that fit into one answer, as JSON; one at least, so that whoever asks page by page comes to an end. */
export function fitting<Thing>(things: readonly Thing[], most: number = longest): readonly Thing[] {
  let length = 0;
  const end = things.findIndex((thing, index) => (length += JSON.stringify(thing).length) > most && index > 0);
  return end === -1 ? things : things.slice(0, end);
}
