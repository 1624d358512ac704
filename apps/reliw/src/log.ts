import { mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Logger, pino } from 'pino'
import { PinoPretty } from 'pino-pretty'
import type { Settings } from './config.ts'
import { LineWriter } from './line-writer.ts'

/** The server's log. */
export interface Log {
  logger: Logger
  /** Writes a finished JSON line: for lines too frequent to be made by the logger. */
  writeLine: (line: string) => void
  /** Writes out what is waiting, at the end of the process. */
  flush: () => Promise<void>
}

/**
 * Opens the log: JSON lines, written in the background; on a terminal readable ones. `ts` is the time in
 * epoch milliseconds, because `time` is how long a request took.
 */
export function createLog({ log_level: level, log_file: file }: Settings): Log {
  const options = { level, base: null, timestamp: () => `,"ts":${Date.now()}` }
  if (file === undefined && process.stdout.isTTY) {
    const stream = PinoPretty({
      timestampKey: 'ts',
      sync: true,
      singleLine: true,
      ignore: 'vhost,method,path,status,size',
      messageFormat: formatMessage
    })
    return {
      logger: pino(options, stream),
      writeLine: (line) => void stream.write(line),
      flush: async () => undefined
    }
  }
  const writer = new LineWriter(file === undefined ? 1 : openForAppend(file))
  return {
    logger: pino(options, writer),
    writeLine: (line) => writer.write(line),
    flush: () => writer.flush()
  }
}

const FIELDS = ['status', 'method', 'vhost', 'path', 'size', 'time']

/** On a terminal a request reads as a sentence; the rest of its fields follow. */
function formatMessage(log: Record<string, unknown>, messageKey: string): string {
  if (log['vhost'] === undefined) return String(log[messageKey])
  const [status, method, host, path, size, time] = FIELDS.map((name) => String(log[name]))
  return `${status} ${method} ${host}${path} ${size} B ${time} ms`
}

function openForAppend(file: string): number {
  mkdirSync(dirname(file), { recursive: true })
  return openSync(file, 'a', 0o640)
}
