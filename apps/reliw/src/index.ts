export { build } from './build.ts'
export { Config } from './config.ts'
export { ConfigError } from './config-error.ts'
export { loadConfig, type LoadedConfig } from './load-config.ts'
