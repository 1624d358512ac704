export { CannotOpen, WriteFailed } from './errors.ts'
export { StoreOptions } from './options.ts'
export { RedisOptions } from './redis/options.ts'
export { openStore, type StoreLog, type StoreUse } from './store.ts'
