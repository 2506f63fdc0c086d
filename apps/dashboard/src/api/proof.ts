/** Asks the person for their password; says whether they have shown who they are. */
type Asker = () => Promise<boolean>;

let asker: Asker | null = null;
let asking: Promise<boolean> | null = null;
const waiting = new Set<() => void>();

/** How long is waited for the part of the page that asks, which loads after what a quick person can press already. */
const withinMs = 15_000;

/** Says who asks the person, once there is a page to ask on. Gives back how to take that away again. */
export function proofIsAskedBy(how: Asker): () => void {
  asker = how;
  for (const goOn of waiting) goOn();
  return () => {
    if (asker === how) asker = null;
  };
}

/** For the client, when an operation wants a fresh proof of who asks. Two operations at once ask the person once. */
export async function askForProof(): Promise<boolean> {
  await somebodyAsks();
  if (asker === null) return false;
  asking ??= asker().finally(() => (asking = null));
  return asking;
}

/** Until somebody is there to ask the person, or it has taken too long. */
async function somebodyAsks(): Promise<void> {
  if (asker !== null) return;
  await new Promise<void>((resolve) => {
    const goOn = (): void => {
      waiting.delete(goOn);
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(goOn, withinMs);
    waiting.add(goOn);
  });
}
