import * as z from 'zod'

const Status = z
  .string()
  .regex(/^[45](?:\d\d|xx)$/, 'expected a status such as "404", or a class: "4xx", "5xx"')

/** Status, or class of statuses, → the file that is the page of these errors on a whole site. */
export const ErrorPages = z.record(Status, z.string().min(1))

export type ErrorPages = z.output<typeof ErrorPages>

/** The file that a site has for an error: for its status, else for its class. */
export function errorPageFor(pages: ErrorPages, status: number): string | undefined {
  const text = String(status)
  return pages[text] ?? pages[`${text[0]}xx`]
}
