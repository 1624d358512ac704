/** Property that holds the explanation of an error. */
const EXPLANATION = Symbol('explanation')

interface Explained {
  readonly [EXPLANATION]?: string
}

/**
 * Gives an error a text for its error page, in place of the usual sentence about the status. Logs do not show it.
 *
 * @param html trusted
 */
export function explain<E extends Error>(error: E, html: string | undefined): E {
  if (html !== undefined) Object.defineProperty(error, EXPLANATION, { value: html })
  return error
}

/** The text that an error was given for its error page. */
export function explanationOf(error: Error & Explained): string | undefined {
  return error[EXPLANATION]
}
