import type { KeyKeepers } from "@fairway/core";
import { codeOf, messageOf } from "@fairway/core";
import type { Store } from "@fairway/engine";
import { sealingKeys } from "@fairway/engine";

/** Why secrets of this database cannot be opened here, as sentences; none when all is well, or nothing is sealed. */
export async function keyProblems(store: Store, keepers: KeyKeepers): Promise<readonly string[]> {
  try {
    const needed = [...new Set((await sealingKeys(store)).map(({ keeper }) => keeper))];
    const found = await Promise.all(needed.map(async (id) => ((await keepers.byId(id)) === null ? id : null)));
    return found.flatMap((id) =>
      id === null ? [] : [`secrets are sealed by the key ${id}, which is not in ${keepers.place}`],
    );
  } catch (thrown) {
    const code = codeOf(thrown);
    // That the database is away is told elsewhere.
    if (code === "database_unavailable") return [];
    if (code === "key_unusable") return [messageOf(thrown)];
    throw thrown;
  }
}
