export {
  BadTarget,
  CannotServe,
  MethodNotAllowed,
  NotAvailable,
  NotFound,
  PreconditionFailed,
  RangeNotSatisfiable
} from './errors.ts'
export { ContentOptions, ContentStoreOptions } from './options.ts'
export { contentStore, contentStore as default } from './plugin.ts'
