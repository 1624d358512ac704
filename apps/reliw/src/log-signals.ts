import type { Log } from './log.ts'

/**
 * SIGUSR1 switches between the current log level and `debug` (`info`, if the level is `debug` or `trace` already);
 * SIGUSR2 reopens the log file. Without a listener, SIGUSR1 would open the debugger's port, and SIGUSR2 end the
 * process.
 */
export function followLogSignals(log: Log): void {
  const { level } = log.logger
  const other = level === 'debug' || level === 'trace' ? 'info' : 'debug'
  process.on('SIGUSR1', () => changeLevel(log, log.logger.level === level ? other : level))
  process.on('SIGUSR2', () => reopen(log))
}

function changeLevel({ logger }: Log, level: string): void {
  // Makes sure that the line is written, whatever the levels are.
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
