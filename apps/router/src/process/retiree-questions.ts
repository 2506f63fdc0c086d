import type { RetireeAnswer, RetireeRequest, WorkerMessage } from "./messages.ts";

/** What the worker that leads asks of those that retire, by way of the holder. */
export class RetireeQuestions {
  private readonly open = new Map<number, (answers: readonly RetireeAnswer[]) => void>();
  private last = 0;

  /** Resolves with the answers, or with none once it is known that they will not come. */
  ask(request: RetireeRequest, send: (message: WorkerMessage) => void): Promise<readonly RetireeAnswer[]> {
    const id = ++this.last;
    return new Promise((tell) => {
      this.open.set(id, (answers) => {
        this.open.delete(id);
        tell(answers);
      });
      send({ kind: "ask-retirees", id, request });
    });
  }

  answered(id: number, answers: readonly RetireeAnswer[]): void {
    this.open.get(id)?.(answers);
  }

  /** Those that retire have lost their holder too, and end by themselves. */
  giveUp(): void {
    for (const answer of [...this.open.values()]) answer([]);
  }
}
