/**
 * What counts as contact with the person, and so may stop a clock. What merely looks like work on
 * the lead (an edited status, a mail that a machine sent) never does, however it is reported.
 */

/** Words that `stopOn` of a policy and `evidence` of a report may use. */
export const EVIDENCE = ['call', 'reply', 'meeting', 'chat', 'message', 'visit'] as const
export type Evidence = (typeof EVIDENCE)[number]

/** What stops a clock of a policy that does not say. */
export const STOP_ON: readonly Evidence[] = ['call', 'reply', 'meeting', 'chat']

/** Reported by many systems like contact, and yet none; named so that the answer can say so. */
const NO_CONTACT: Readonly<Record<string, string>> = {
  status_edit: 'A status edit',
  automatic_mail: 'An automatic mail',
}

/** Why `word` is no evidence, or undefined when it is. */
export function evidenceProblem(word: string): string | undefined {
  if (EVIDENCE.some((one) => one === word)) return undefined
  const known = NO_CONTACT[word.replaceAll('-', '_')]
  return `${known ?? `"${word.slice(0, 60)}"`} is no contact with the person`
}
