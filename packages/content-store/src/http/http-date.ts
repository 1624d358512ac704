/** HTTP dates, written in the preferred format and read in all three: RFC 9110 5.6.7. */

/** `ms` since the epoch as an IMF-fixdate, such as `Sun, 06 Nov 1994 08:49:37 GMT`; fractions of a second are cut. */
export function httpDate(ms: number): string {
  return new Date(ms).toUTCString()
}

/**
 * Milliseconds since the epoch for an IMF-fixdate, an RFC 850 date or an asctime date; undefined for anything else.
 * `now` (ms) decides the century of RFC 850's two-digit years. The weekday is not checked against the date.
 */
export function parseHttpDate(text: string, now: number = Date.now()): number | undefined {
  const fields = fieldsOf(text)
  if (fields === undefined) return undefined
  const { year } = fields
  return year.length === 2 ? timeNear(now, fields) : timeOf(fields, Number(year))
}

interface Fields {
  year: string
  month: string
  day: string
  time: string
}

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].join('|')
const longDays = 'Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday'
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'
const month = `(?<month>${months.replaceAll(' ', '|')})`
const time = '(?<time>\\d\\d:\\d\\d:\\d\\d)'

const imfFixdate = new RegExp(`^(?:${days}), (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`)
const rfc850Date = new RegExp(
  `^(?:${longDays}), (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} GMT$`
)
const asctimeDate = new RegExp(`^(?:${days}) ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`)

/** Length of the longest date, `Wednesday, 09-Nov-94 08:49:37 GMT`. */
const LONGEST_DATE = 33

function fieldsOf(text: string): Fields | undefined {
  if (text.length > LONGEST_DATE) return undefined
  const match = imfFixdate.exec(text) ?? rfc850Date.exec(text) ?? asctimeDate.exec(text)
  if (match?.groups === undefined) return undefined
  const { year = '', month: name = '', day = '', time: clock = '' } = match.groups
  return { year, month: name, day, time: clock }
}

/** The latest time with these two digits of the year that is at most 50 years after `now`. */
function timeNear(now: number, fields: Fields): number | undefined {
  const limit = new Date(now)
  limit.setUTCFullYear(limit.getUTCFullYear() + 50)
  const lastCentury = Math.floor(limit.getUTCFullYear() / 100) * 100
  const year = lastCentury + Number(fields.year)
  const latest = timeOf(fields, year)
  return latest === undefined || latest > limit.getTime() ? timeOf(fields, year - 100) : latest
}

function timeOf(fields: Fields, year: number): number | undefined {
  const [hours = 0, minutes = 0, seconds = 0] = fields.time.split(':').map(Number)
  // 60 is a leap second: the grammar allows it, and the epoch's clock counts it as the next minute.
  if (hours > 23 || minutes > 59 || seconds > 60) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, months.indexOf(fields.month) / 4, Number(fields.day))
  if (date.getUTCDate() !== Number(fields.day)) return undefined
  return date.setUTCHours(hours, minutes, seconds)
}
