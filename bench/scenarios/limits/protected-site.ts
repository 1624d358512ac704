import { createHmac } from 'node:crypto'
import type { Site } from '../../harness/sites.ts'

/** What a site asks of those who want its page. */
export interface Protection {
  /** Where a policy counts every request; without it nothing is counted. */
  count?: 'process' | 'store'
  /** Whether the page is for one user only. */
  session?: boolean
}

export const HOST = 'bench.example'
export const PATH = '/page.html'
export const LOGIN = '/login'
/** Requests of one address in a day: as many as a policy can let in. */
export const LIMIT = 1e9
/** The one who may have the page. */
export const USER = { name: 'ada', password: 'correct horse' }

const SALT = 'salt'
const POLICY = { name: 'bench', key: 'ip', limit: LIMIT, period: '1d' }

/** A site with one page and a login form. All that differs is what is asked of clients. */
export function protectedSite(body: Buffer, { count, session = false }: Protection): Site {
  return {
    host: HOST,
    routes: [
      [LOGIN, 'login', true],
      ['^/', 'page']
    ],
    entries: {
      login: { methods: { GET: true, POST: true }, auth: { login: true } },
      page: { methods: { GET: true }, ...(session ? { auth: [USER.name] } : {}) }
    },
    files: { [PATH]: body },
    settings: { rate_limits: count === undefined ? [] : [{ ...POLICY, count }] },
    users: { [USER.name]: { pass: hmac(USER.password), salt: SALT } }
  }
}

/** The form in which passwords can be stored without computing Argon2; the first login replaces it. */
function hmac(password: string): string {
  return createHmac('sha256', SALT).update(password).digest('hex')
}
