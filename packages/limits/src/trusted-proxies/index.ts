export { BUNDLED, PublishedBlock, PublishedProxies } from './published.ts'
export { blocksOf, isPublished, TrustedProxy } from './trusted-proxy.ts'
