export type { AccessRefusedEvent, ListFetchedEvent } from '@reliw/http'
export { Refused, Undecided } from './errors.ts'
export { AccessConfig, AccessOptions } from './options.ts'
export { access, access as default, type Access } from './plugin.ts'
