/** Tells the person at the terminal something. */
export const say = (line) => console.log(line);

/** Begins a new part of the story. */
export function chapter(mark, title) {
  console.log(`\n── ${mark} ── ${title} ${"─".repeat(Math.max(0, 70 - title.length))}`);
}
