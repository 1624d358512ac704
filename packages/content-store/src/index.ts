export {
  BadTarget,
  Busy,
  CannotServe,
  MethodNotAllowed,
  NoSite,
  NotAvailable,
  NotFound,
  PreconditionFailed,
  RangeNotSatisfiable
} from './errors.ts'
export { ContentOptions, ContentStoreOptions, type Gate } from './options.ts'
export { contentStore, contentStore as default } from './plugin.ts'
export { releaseBuffers } from './serving/read-buffers.ts'
export type { LoginPage } from './serving/login-page.ts'
export type { CacheState } from './serving/note-resolution.ts'
