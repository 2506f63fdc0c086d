/** One page of a list of AWS, and the token of the next; none or an empty one after the last. */
export interface ListPage<Item> {
  readonly items: readonly Item[] | undefined;
  readonly next: string | undefined;
}

/** Everything that a list of AWS has: its first page may be empty though there is more. */
export async function allPages<Item>(
  page: (token: string | undefined) => Promise<ListPage<Item>>,
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let token: string | undefined;
  do {
    const { items = [], next } = await page(token);
    found.push(...items);
    token = next;
  } while (token !== undefined && token !== "");
  return found;
}
