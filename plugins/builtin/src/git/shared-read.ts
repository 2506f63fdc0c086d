const underWay = new Map<string, Promise<unknown>>();

/**
 * Lets all who ask the same while it is being found out have one answer: a release asks for each of its services. Only for
 * what does not change, such as what a commit holds; whoever asks where a branch is must be told what is so then.
 */
export function sharedRead<Answer>(question: string, read: () => Promise<Answer>): Promise<Answer> {
  const known = underWay.get(question) as Promise<Answer> | undefined;
  if (known !== undefined) return known;
  const answer = read().finally(() => underWay.delete(question));
  underWay.set(question, answer);
  return answer;
}
