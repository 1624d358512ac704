export { parseBlock, type Block } from './block.ts'
export { fetchBan, writeBan } from './stored-ban.ts'
