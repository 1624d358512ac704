export { build } from './build.ts'
export { Config } from './config.ts'
export { ConfigError, loadConfig, type LoadedConfig } from './load-config.ts'
