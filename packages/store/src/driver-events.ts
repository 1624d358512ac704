/** Events that a driver reports to the store. */
export interface DriverEvents {
  /** These keys changed; `undefined`: any key may have changed. */
  changed: (keys: readonly string[] | undefined) => void
  /** From now on reads work and changes are announced. */
  connected: () => void
  /** From now on changes may be missed. */
  disconnected: (cause: Error) => void
  /** A condition that an operator should know about; it has no effect by itself. */
  warned: (message: string, cause: unknown) => void
}
