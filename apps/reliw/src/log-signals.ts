import type { Log } from './log.ts'

/**
 * SIGUSR1 switches between the level that the log has now and `debug` (`info`, if it has that already); SIGUSR2 opens
 * the log's file anew. Without a listener the one opens a debugger's port, and the other ends the process.
 */
export function followLogSignals(log: Log): void {
  const { level } = log.logger
  const other = level === 'debug' || level === 'trace' ? 'info' : 'debug'
  process.on('SIGUSR1', () => changeLevel(log, log.logger.level === level ? other : level))
  process.on('SIGUSR2', () => reopen(log))
}

function changeLevel({ logger }: Log, level: string): void {
  // The line is written whatever the levels are.
  logger.level = 'info'
  logger.info({ log_level: level }, 'log level changed')
  logger.level = level
}

function reopen({ logger, reopen: start }: Log): void {
  if (start === undefined) return logger.info('no log file to reopen')
  start().then(
    () => logger.info('log file reopened'),
    (err: unknown) => logger.error({ err }, 'log file could not be reopened')
  )
}
