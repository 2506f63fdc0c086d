/** Something with a name that must come after others. */
export interface Dependent {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/** The things in an order in which each comes after what it depends on, or one of the circles that make that impossible. */
export type Ordering<Thing> =
  | { readonly possible: true; readonly order: readonly Thing[] }
  | { readonly possible: false; readonly circle: readonly string[] };

/** Orders things by their dependencies; equals keep the order they came in. Names that nothing has are ignored. */
export function dependencyOrder<Thing extends Dependent>(things: readonly Thing[]): Ordering<Thing> {
  const byName = new Map(things.map((thing) => [thing.name, thing]));
  const done = new Set<string>();
  const order: Thing[] = [];

  function visit(thing: Thing, path: readonly string[]): readonly string[] | null {
    if (done.has(thing.name)) return null;
    if (path.includes(thing.name)) return [...path.slice(path.indexOf(thing.name)), thing.name];
    for (const name of thing.dependsOn) {
      const needed = byName.get(name);
      const circle = needed ? visit(needed, [...path, thing.name]) : null;
      if (circle) return circle;
    }
    done.add(thing.name);
    order.push(thing);
    return null;
  }

  for (const thing of things) {
    const circle = visit(thing, []);
    if (circle) return { possible: false, circle };
  }
  return { possible: true, order };
}
