/**
 * tap's report as plain lines: one for every test file, and what failed with its details. It reads
 * the same in a log as on a terminal. The totals go to a file, for whoever started tap.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { Transform } from 'node:stream'

/** Relative to the folder in which tap runs. */
export const TOTALS_FILE = '.tap/totals'

const SUBTEST = /^( *)# Subtest: (.*)$/
const RESULT = /^( *)(not )?ok \d+(?: - (.*?))?(?: # time=([\d.]+)ms)?( # (?:skip|todo).*)?$/i
/** How a test's process is started says nothing about why it failed. */
const BORING = /^(?:args|command|cwd|externalID|jobId|stdio|  - ).*/
const DETAILS = /^( *)---$/
/** What tests print is indented: only the runner writes this at the margin. */
const TOTALS = /^# \{ total: .*\}$/

/** Whether somebody has ended the run: what fails from then on fails for that. */
let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM']) {
  // Gone before tap's own listener is asked, which ends the process only where it is alone.
  process.prependOnceListener(signal, () => (interrupted = true))
}

export default class PlainReporter extends Transform {
  #rest = ''
  /** Titles of the tests around the current line: the file's first. */
  #titles = []
  /** How many failures are shown in each of those tests. */
  #shown = []
  /** Set within a result's details: the line that ends them. */
  #end = undefined
  #showDetails = false
  #totals = ''

  _transform(chunk, _encoding, done) {
    const lines = (this.#rest + chunk).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#read(line)
    done()
  }

  _flush(done) {
    this.#read(this.#rest)
    mkdirSync('.tap', { recursive: true })
    writeFileSync(TOTALS_FILE, this.#totals)
    done()
  }

  #read(line) {
    if (this.#end !== undefined) return this.#readDetail(line)
    const [, margin, title] = SUBTEST.exec(line) ?? []
    if (title !== undefined) return this.#enter(depthOf(margin), title)
    const result = RESULT.exec(line)
    if (result !== null) return this.#readResult(result)
    const details = DETAILS.exec(line)
    if (details !== null) this.#end = `${details[1]}...`
    if (TOTALS.test(line)) this.#totals = line
    if (line.startsWith('Bail out!')) this.#print(line)
  }

  #enter(depth, title) {
    this.#titles[depth] = title
    this.#titles.length = depth + 1
    this.#shown[depth] = 0
  }

  #readResult([, margin, failed, title = '', time, directive = '']) {
    const depth = depthOf(margin)
    const isTest = this.#titles[depth] === title
    // What failed inside a test tells more than that the test failed.
    this.#showDetails = Boolean(failed) && !directive && !(isTest && this.#shown[depth])
    if (this.#showDetails) {
      this.#print(`\n✗ ${[...this.#titles.slice(0, depth), title].join(' › ')}`)
      for (let outer = 0; outer < depth; outer += 1) this.#shown[outer] += 1
    }
    if (depth > 0) return
    const note = time === undefined ? directive : ` (${Math.round(time)} ms)`
    this.#print(`${failed ? 'FAIL' : 'ok  '} ${title}${note}`)
  }

  #readDetail(line) {
    const ended = line === this.#end
    const text = line.slice(this.#end.length - '...'.length)
    if (this.#showDetails && !ended && !BORING.test(text)) this.#print(`  ${text}`)
    if (ended) this.#end = undefined
  }

  #print(line) {
    if (!interrupted) this.push(`${line}\n`)
  }
}

function depthOf(margin) {
  return margin.length / 4
}
