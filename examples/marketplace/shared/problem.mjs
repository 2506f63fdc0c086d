/** A refusal that the caller is told about, with the HTTP status it is told with. */
export class Problem extends Error {
  constructor(status, code, message, headers = {}) {
    super(message);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export const problemAnswer = (problem) => ({
  status: problem.status,
  headers: problem.headers,
  body: { error: { code: problem.code, message: problem.message } },
});
