import { isComplete, sentenceOf } from "@blockbuilders/blocks";
import { firstStrategy } from "../lib/first-strategy";

// Regenerated once an hour; between two times everybody gets the same page.
export const revalidate = 3600;

export default function Page() {
  return (
    <main>
      <h1>Blockbuilders</h1>
      <p>A strategy is a list of blocks. This one is {isComplete(firstStrategy) ? "complete" : "not complete yet"}:</p>
      <ol>
        {firstStrategy.map((block) => (
          <li key={sentenceOf(block)}>{sentenceOf(block)}</li>
        ))}
      </ol>
      <p>Trading can lose all your money. What a backtest earned says nothing about tomorrow.</p>
    </main>
  );
}
