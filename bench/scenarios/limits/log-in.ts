import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { ask } from '../../harness/target.ts'
import { HOST, LOGIN, PATH, USER } from './protected-site.ts'

/** How long a login may take, in milliseconds. */
const PATIENCE = 10_000

/**
 * Sends the login form and returns the header that shows the session it begins.
 *
 * @throws Error when the page can be had without a session, or the login fails
 */
export async function logIn(port: number): Promise<{ cookie: string }> {
  const { status } = await ask({ port, host: HOST, path: PATH })
  if (status !== 302) throw new Error(`without a session the response is ${status}, not 302`)
  const response = await sendForm(port)
  const [cookie] = response.headers['set-cookie'] ?? []
  if (response.statusCode !== 303 || cookie === undefined) {
    throw new Error(`the login is answered ${response.statusCode}`)
  }
  return { cookie: cookie.split(';', 1).join('') }
}

async function sendForm(port: number): Promise<IncomingMessage> {
  const asked = request({
    host: '127.0.0.1',
    port,
    path: LOGIN,
    method: 'POST',
    headers: { host: HOST, 'content-type': 'application/x-www-form-urlencoded' },
    agent: false,
    signal: AbortSignal.timeout(PATIENCE)
  })
  asked.end(new URLSearchParams({ login: USER.name, password: USER.password }).toString())
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  return response
}
