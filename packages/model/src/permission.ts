/** Whether something may be done, and if not, why: the sentence stands on the disabled button and in the refusal. */
export type Permission = { allowed: true } | { allowed: false; reason: string };
