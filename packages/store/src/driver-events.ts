/** What a driver tells the store. */
export interface DriverEvents {
  /** These keys changed; `undefined`: any may have. */
  changed: (keys: readonly string[] | undefined) => void
  /** Reads work and changes are announced from now on. */
  connected: () => void
  /** Changes may be missed from now on. */
  disconnected: (cause: Error) => void
  /** Something an operator should know, that changes nothing by itself. */
  warned: (message: string, cause: unknown) => void
}
