export {
  BadTarget,
  Busy,
  CannotServe,
  MethodNotAllowed,
  NotAvailable,
  NotFound,
  PreconditionFailed,
  RangeNotSatisfiable
} from './errors.ts'
export { ContentOptions, ContentStoreOptions, type Gate } from './options.ts'
export { contentStore, contentStore as default, type LoginPage } from './plugin.ts'
export { releaseBuffers } from './serving/read-buffers.ts'
export type { CacheState } from './serving/note-answer.ts'
