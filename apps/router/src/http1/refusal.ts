/** Why a message is not taken: the status to answer with, and the reason in a few words. */
export interface Refusal {
  readonly ok: false;
  readonly status: number;
  readonly reason: string;
}

export const refuse = (status: number, reason: string): Refusal => ({ ok: false, status, reason });
