import { type Logger, pino } from 'pino'
import type { Settings } from './config.ts'
import { createDropReport } from './drop-report.ts'
import { LineWriter } from './line-writer.ts'
import { openLogFile, openLogFileSync } from './open-log-file.ts'
import { SiteLogs } from './site-logs.ts'
import { createTerminalFormat } from './terminal.ts'

/** Width of a terminal that does not report its own. */
const DEFAULT_COLUMNS = 80

/** The server's log. */
export interface Log {
  logger: Logger
  /** Writes a complete JSON line: for lines too frequent to be made by the logger. */
  writeLine: (line: string) => void
  /**
   * Writes a complete line to the file of that name in `access_log_dir`; false when it could not be opened: the line
   * then belongs into this log. Absent without such a folder.
   */
  writeSiteLine?: (file: string, line: string) => boolean
  /** Settles when all waiting lines have been written. For the end of the process. */
  flush: () => Promise<void>
  /** Number of lines dropped since the start because the disk was too slow or reported an error. */
  dropped: () => number
  /**
   * Reopens the log file by its name, and those of sites; absent when none is configured. Rejects when the file cannot be
   * opened; the log then continues in the old file.
   */
  reopen?: () => Promise<void>
}

export interface LogUse {
  /** Whether lines on a terminal have all their fields. Other lines always do. */
  isVerbose?: boolean
}

/**
 * Opens the log: JSON lines, written in the background, or readable lines on a terminal. `ts` is the time in ms since
 * the epoch; `time` is the duration of a request.
 */
export function createLog(settings: Settings, { isVerbose = false }: LogUse = {}): Log {
  const { log_level: level, log_file: file, access_log_dir: folder } = settings
  const options = { level, base: null, timestamp: () => `,"ts":${Date.now()}` }
  if (file === undefined && process.stdout.isTTY) {
    const { stdout } = process
    const format = createTerminalFormat({
      columns: () => stdout.columns || DEFAULT_COLUMNS,
      isColoured: stdout.hasColors(),
      isVerbose
    })
    const writeLine = (line: string): void => void process.stdout.write(format(line))
    const logger = pino(options, { write: writeLine })
    const log = { logger, writeLine, flush: async () => undefined, dropped: () => 0 }
    return folder === undefined ? log : withSites(log, folder)
  }
  const writer = new LineWriter(file === undefined ? 1 : openLogFileSync(file))
  const logger = pino(options, writer)
  const log: Log = {
    logger,
    writeLine: (line) => writer.write(line),
    flush: () => writer.flush(),
    dropped: () => writer.dropped,
    ...(file !== undefined && { reopen: () => writer.reopen(() => openLogFile(file)) })
  }
  const all = folder === undefined ? log : withSites(log, folder)
  writer.onWritten = createDropReport(logger, all.dropped)
  return all
}

/** The log together with the access logs of sites. */
function withSites(log: Log, folder: string): Log {
  const sites = new SiteLogs(folder, log.logger)
  return {
    ...log,
    writeSiteLine: (file, line) => sites.write(file, line),
    dropped: () => log.dropped() + sites.dropped,
    async flush() {
      await Promise.all([log.flush(), sites.flush()])
    },
    async reopen() {
      sites.reopen()
      await log.reopen?.()
    }
  }
}
