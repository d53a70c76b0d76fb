/** A first answer is due within this time after filing. */
export const FIRST_ANSWER_HOURS = 24;

/** Attempts at a return visit that failed and together stand for one that reached the customer. */
export const FAILED_FOLLOW_UPS = 3;
