// What warnings look like in a node's log: "ConvergenceWarning: lbfgs failed to converge", perhaps after a file and a line.

const SHAPE = /^(?:.*?:\d+: )?(\w*Warning): (.*)$/gm
/** A node that warns without end has said enough by then. */
const MOST = 20

/** The warnings in a piece of a log, each as "ConvergenceWarning: lbfgs failed to converge". */
export const warningsIn = (text: string): string[] =>
  [...text.matchAll(SHAPE)].map(([, category = '', message = '']) => `${category}: ${message.trim()}`)

/** What was known and what a further piece of the log says, each once. */
export function withWarnings(known: readonly string[] | undefined, text: string): readonly string[] {
  const found = warningsIn(text)
  return found.length === 0 ? (known ?? []) : [...new Set([...(known ?? []), ...found])].slice(0, MOST)
}
