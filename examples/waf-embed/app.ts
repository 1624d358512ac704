/**
 * A Fastify app of one's own with the firewall alone: no store, no other plugin. PORT is where it listens
 * (default 8080).
 */
import waf from '@reliw/waf'
import Fastify from 'fastify'

const app = Fastify({ logger: { level: 'error' } })

// Before the routes: its hook holds for those that come after it.
await app.register(waf, {
  rules: {
    query: ['/%.git/', '[Uu][Nn][Ii][Oo][Nn][%s/*]+[Ss][Ee][Ll][Ee][Cc][Tt]'],
    headers: { 'user-agent': ['[Ss][Qq][Ll][Mm][Aa][Pp]'] },
    exclusions: [{ path: '^/search$', parameter: 'q', reason: 'books about SQL' }]
  },
  onVerdict: ({ action, rule, where }) => {
    process.stdout.write(`${action}: ${rule} in ${where}\n`)
  }
})

app.get('/', async () => 'Shop\n')
app.get('/search', async () => 'Found\n')

// What matches here is let through, and the route knows of it.
app.get('/report', { config: { waf: { mode: 'detect' } } }, async ({ waf: verdict }) => ({
  found: verdict?.rule ?? null
}))

// Not looked at.
app.get('/health', { config: { waf: false } }, async () => 'well\n')

const url = await app.listen({ port: Number(process.env['PORT'] ?? 8080) })
process.stdout.write(`${url}\n`)
