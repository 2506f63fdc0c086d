/** Asks the person for their password; says whether they have shown who they are. */
type Asker = () => Promise<boolean>;

let asker: Asker | null = null;
let asking: Promise<boolean> | null = null;

/** Says who asks the person, once there is a page to ask on. Gives back how to take that away again. */
export function proofIsAskedBy(how: Asker): () => void {
  asker = how;
  return () => {
    if (asker === how) asker = null;
  };
}

/** For the client, when an operation wants a fresh proof of who asks. Two operations at once ask the person once. */
export async function askForProof(): Promise<boolean> {
  if (asker === null) return false;
  asking ??= asker().finally(() => (asking = null));
  return asking;
}
