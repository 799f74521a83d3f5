/**
 * How much work may be done for answers: one account for all questions about one input.
 *
 * Steps count work and not time, so a busy machine gives the same answers as an idle one. Spaces with one account share its steps:
 * a second diagram, or a second view of a profile, gets no steps of its own.
 * @module
 */

/** Steps that were done, and how many there may be. */
export interface Work {
  /** Done so far. */
  steps: number;
  /** If the current question takes `steps` above this, it ends in `ERR_UNDECIDED`. At most `total`. */
  limit: number;
  /** How many steps all questions may take together. */
  readonly total: number;
  /** Steps of compilers, which are not among `steps`: their limit is their callers'. */
  compilerSteps: number;
}

/** Opens an account. @param first - steps that the first question may take */
export function createWork(total: number, first: number = total): Work {
  return { steps: 0, limit: Math.min(first, total), total, compilerSteps: 0 };
}

/** Starts a question that may take so many steps, or as many as the account has left. */
export function nextQuestion(work: Work, most: number): void {
  work.limit = Math.min(work.total, work.steps + most);
}

/** The steps that the account has left, for questions to come. */
export function accountLeft({ steps, total }: Work): number {
  return Math.max(0, total - steps);
}

/** The steps that the current question has left. */
export function workLeft({ steps, limit }: Work): number {
  return Math.max(0, limit - steps);
}

/**
 * Answers a question with a part of an account. If it is asked within another question, it does not use the steps of that one.
 *
 * @param most - steps that this question may take
 */
export function askWithin<Answer>(work: Work, most: number, answer: () => Answer): Answer {
  const { steps, limit } = work;
  work.limit = Math.min(work.total, steps + most);
  try {
    return answer();
  } finally {
    work.limit = Math.min(work.total, limit + work.steps - steps);
  }
}

/**
 * As {@link askWithin}, but it uses the steps of the question within which it is asked. It is for a part of that question.
 */
export function askPart<Answer>(work: Work, most: number, answer: () => Answer): Answer {
  const { steps, limit } = work;
  work.limit = Math.min(limit, steps + most);
  try {
    return answer();
  } finally {
    work.limit = limit;
  }
}

/**
 * Answers with an account of its own, which gets a part of another account. The steps are charged to the other one afterwards. It is
 * for asynchronous answers.
 *
 * @param most - steps that they may take
 */
export async function askApart<Answer>(
  work: Work,
  most: number,
  answer: (part: Work) => Promise<Answer>,
): Promise<Answer> {
  const part = createWork(Math.min(most, workLeft(work)));
  try {
    return await answer(part);
  } finally {
    work.steps += part.steps;
  }
}
