/**
 * How much work may be done for answers: one account for all questions about one input.
 *
 * Steps count work and not time, so a busy machine answers as an idle one does. Spaces that share an account share its steps: a
 * second diagram, or a second view of a profile, gets no steps of its own.
 * @module
 */

/** Steps that were done, and how many there may be. */
export interface Work {
  /** Done so far. */
  steps: number;
  /** Above so many the question that is being answered ends in `ERR_UNDECIDED`; never above `total`. */
  limit: number;
  /** Above so many all questions end so. */
  readonly total: number;
}

/** Opens an account. @param first - steps that the first question may take */
export function createWork(total: number, first: number = total): Work {
  return { steps: 0, limit: Math.min(first, total), total };
}

/** Lets what comes next take so many steps, as far as the account has them, whatever was done before. */
export function nextQuestion(work: Work, most: number): void {
  work.limit = Math.min(work.total, work.steps + most);
}

/** The steps that the account has left, for questions to come. */
export function accountLeft({ steps, total }: Work): number {
  return Math.max(0, total - steps);
}

/** The steps that are left to the question that is being answered. */
export function workLeft({ steps, limit }: Work): number {
  return Math.max(0, limit - steps);
}

/**
 * Answers a question with a part of an account. What it takes is not taken from the part of a question within which it is
 * asked.
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
 * As {@link askWithin}, but what it takes is taken from the part of the question within which it is asked: for a question
 * of many parts.
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
 * Answers with an account of its own that takes no more than a part of another one, which then pays for it: for answers that
 * are waited for.
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
