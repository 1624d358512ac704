import { Command, InvalidArgumentError, Option } from 'commander'
import type { Shell } from './shell.ts'
import { version } from './version.ts'

const CONFIG_HELP = `
Config file: --config, else $RELIW_CONFIG_FILE, else ./reliw.json, else
/etc/reliw/config.json, else the defaults (embedded store in ./reliw-store).
Variables such as RELIW_LOG_LEVEL or RELIW_METRICS__PORT set keys of the config
and take precedence over the file; options take precedence over variables.
"reliw COMMAND --help" describes a command.`

const MAX_PORT = 65_535
const CONFIG_FILE = 'config file (default: see `reliw --help`)'
const KEY = 'key, such as API:example.com; the prefix may be omitted'
const FIELD = 'field of a hash'
const HOST = 'host of the site'
const NAME_OF_UPSTREAM = 'host, or host:entry, as listed by `reliw upstream list`'
const TARGET = 'target, such as 10.0.0.5:3000'
const HOST_OF_RULES = 'host; "__" for the rules of all hosts'

/** Makes an action that loads its command when it is run, so that no command loads the modules of others. */
type Run = <A extends unknown[]>(
  load: () => Promise<(shell: Shell, ...args: A) => Promise<void>>
) => (...args: A) => Promise<void>

/**
 * The command line. Parsing rejects with a CommanderError when commander has already printed everything: help, the
 * version, or an error in the arguments.
 */
export function program(shell: Shell): Command {
  const run: Run =
    (load) =>
    async (...args) =>
      (await load())(shell, ...args)
  const reliw = new Command('reliw')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void shell.stdout.write(text),
      writeErr: (text) => void shell.stderr.write(text)
    })
    .description('A web server for many sites, configured by data in Redis or an embedded store.')
    .version(version)
    .showSuggestionAfterError()
    .showHelpAfterError('(run with --help for usage)')
    .addHelpText('after', CONFIG_HELP)

  configured(reliw, 'serve')
    .description('Serve the sites in the store, or a folder, until SIGTERM, SIGINT or SIGHUP.')
    .argument('[folder]', 'serve the files of this folder for every host, without the store')
    .option(
      '--ip <address>',
      'address to listen on, instead of that in the config; 0.0.0.0: all of IPv4'
    )
    .option(
      '-p, --port <number>',
      'port to listen on, instead of that in the config; 0: any free port',
      readPort
    )
    .option('--metrics-port <number>', 'the same for metrics and health checks', readPort)
    .option('-v, --verbose', 'show every field of the log lines on a terminal')
    .action(run(async () => (await import('./commands/serve.ts')).serve))
  versioned(reliw, 'check')
    .description('Validate the config file, and the store as well with --store; exit 1 on errors.')
    .argument('[file]', CONFIG_FILE)
    .option('--store', 'validate every key and value in the store, too')
    .option('--json', 'print JSON')
    .action(run(async () => (await import('./commands/check.ts')).check))
  configured(reliw, 'import')
    .description('Validate sites and write them to the store, replacing sites of the same host.')
    .argument('<path>', 'a site.json, a folder with one, or a folder of such folders')
    .option('--skip-existing', 'skip sites that are already in the store')
    .option('--dry-run', 'validate only, write nothing')
    .action(run(async () => (await import('./commands/import.ts')).importSites))
  configured(reliw, 'export')
    .description('Write sites to folders that `reliw import` reads.')
    .argument('[hosts...]', 'hosts of the sites (default: all)')
    .requiredOption('-o, --out <folder>', 'folder to write to; each site gets a subfolder')
    .action(run(async () => (await import('./commands/export.ts')).exportSites))
  configured(reliw, 'get')
    .description('Print a value: a string unchanged, a hash as JSON.')
    .argument('<key>', KEY)
    .argument('[field]', FIELD)
    .action(run(async () => (await import('./commands/keys.ts')).get))
  configured(reliw, 'set')
    .description('Validate a value and store it.')
    .argument('<key>', KEY)
    .argument(
      '<value...>',
      'value, after its field if the key is a hash; "-": stdin, "@file": a file'
    )
    .usage('[options] <key> [field] <value>')
    .option('--ttl <seconds>', 'time until the key expires')
    .addOption(new Option('--no-check', 'skip validation'))
    .action(run(async () => (await import('./commands/set.ts')).set))
  configured(reliw, 'del')
    .description('Delete a key, or a field of a hash.')
    .argument('<key>', KEY)
    .argument('[field]', FIELD)
    .action(run(async () => (await import('./commands/keys.ts')).del))
  configured(reliw, 'keys')
    .description('List keys.')
    .argument('[prefix]', 'beginning of the keys to list, such as API:')
    .action(run(async () => (await import('./commands/keys.ts')).list))
  addMaintenance(reliw, run)
  addBans(reliw, run)
  addUsers(reliw, run)
  addSessions(reliw, run)
  addKeys(reliw, run)
  addWaf(reliw, run)
  addTrustedProxies(reliw, run)
  addUpstreams(reliw, run)
  return reliw
}

function addMaintenance(reliw: Command, run: Run): void {
  const maintenance = versioned(reliw, 'maintenance').description(
    'Begin or end the maintenance of a site, during which requests get 503.'
  )
  configured(maintenance, 'on')
    .description('Begin the maintenance of a site, or change the given fields of it.')
    .argument('<host>', HOST)
    .option('--message <html>', 'text of the error page')
    .option('--retry-after <time>', 'when clients should come back (default: 5m)')
    .option('--allow-from <addresses>', 'addresses and blocks that are served nevertheless')
    .option('--hold <time>', 'how long requests wait for the end before they get 503')
    .action(run(async () => (await import('./commands/maintenance.ts')).begin))
  configured(maintenance, 'off')
    .description('End the maintenance of a site; requests that wait are served.')
    .argument('<host>', HOST)
    .action(run(async () => (await import('./commands/maintenance.ts')).end))
}

function addBans(reliw: Command, run: Run): void {
  configured(reliw, 'ban')
    .description('Ban a client, immediately and on all servers.')
    .argument('<address>', 'IP address or CIDR block')
    .option('--for <time>', 'duration: 90 (seconds), 15m, 1h, 7d (default: forever)')
    .option('--reason <text>', 'reason, listed by `reliw bans`')
    .option('--force', 'allow blocks wider than /8 (IPv4) or /16 (IPv6)')
    .action(run(async () => (await import('./commands/bans.ts')).ban))
  configured(reliw, 'unban')
    .description('Lift a ban, immediately and on all servers.')
    .argument('<address>', 'address or block, as listed by `reliw bans`')
    .action(run(async () => (await import('./commands/bans.ts')).unban))
  configured(reliw, 'bans')
    .description('List bans.')
    .option('--json', 'print JSON')
    .action(run(async () => (await import('./commands/bans.ts')).listBans))
}

function addUsers(reliw: Command, run: Run): void {
  const user = versioned(reliw, 'user').description('Manage the users of a site.')
  configured(user, 'add')
    .description('Add a user. Prompts for the password, or reads it from stdin.')
    .argument('<host>', HOST)
    .argument('<name>', 'user name')
    .option('--groups <names>', 'groups of the user, separated by commas')
    .action(run(async () => (await import('./commands/users.ts')).addUser))
  configured(user, 'passwd')
    .description("Set a new password, and end the user's sessions.")
    .argument('<host>', HOST)
    .argument('<name>', 'user name')
    .action(run(async () => (await import('./commands/users.ts')).changePassword))
  configured(user, 'totp')
    .description('Require a code from an authenticator app at login; print its secret.')
    .argument('<host>', HOST)
    .argument('<name>', 'user name')
    .option('--off', 'stop requiring the code')
    .action(run(async () => (await import('./commands/users.ts')).setTotp))
  configured(user, 'del')
    .description('Delete a user with all sessions and API keys.')
    .argument('<host>', HOST)
    .argument('<name>', 'user name')
    .action(run(async () => (await import('./commands/users.ts')).deleteUser))
  configured(user, 'list')
    .description('List the users of a site.')
    .argument('<host>', HOST)
    .option('--json', 'print JSON')
    .action(run(async () => (await import('./commands/users.ts')).listUsers))
}

function addSessions(reliw: Command, run: Run): void {
  const sessions = versioned(reliw, 'sessions').description('List and end login sessions.')
  configured(sessions, 'list')
    .description('List the sessions of a site, newest first.')
    .argument('<host>', HOST)
    .option('--user <name>', 'only sessions of this user')
    .option('--json', 'print JSON')
    .action(run(async () => (await import('./commands/sessions.ts')).listSessions))
  configured(sessions, 'revoke')
    .description('End sessions, immediately and on all servers.')
    .argument('<host>', HOST)
    .argument('[ids...]', 'session ids, as listed by `reliw sessions list`')
    .option('--user <name>', 'all sessions of this user')
    .option('--all', 'all sessions of the site')
    .action(run(async () => (await import('./commands/sessions.ts')).revokeSessions))
  configured(sessions, 'forget')
    .description('Forget cached forward-auth responses, immediately and on all servers.')
    .argument('<host>', HOST)
    .option('--user <name>', 'only responses that name this user')
    .action(run(async () => (await import('./commands/sessions.ts')).forgetResponses))
}

function addKeys(reliw: Command, run: Run): void {
  const key = versioned(reliw, 'key').description('Manage API keys, for programs.')
  configured(key, 'add')
    .description('Create an API key and print it: it is not shown again.')
    .argument('<host>', HOST)
    .argument('<user>', 'user that requests with the key are authenticated as')
    .option('--name <text>', 'purpose, listed by `reliw key list`')
    .option('--groups <names>', 'groups of the key, separated by commas')
    .option('--for <time>', 'validity, such as 90d (default: forever)')
    .action(run(async () => (await import('./commands/api-keys.ts')).addKey))
  configured(key, 'list')
    .description('List the API keys of a site.')
    .argument('<host>', HOST)
    .option('--json', 'print JSON')
    .action(run(async () => (await import('./commands/api-keys.ts')).listKeys))
  configured(key, 'del')
    .description('Delete an API key, which is refused immediately.')
    .argument('<host>', HOST)
    .argument('<id>', 'key id, as listed by `reliw key list`')
    .action(run(async () => (await import('./commands/api-keys.ts')).deleteKey))
}

function addWaf(reliw: Command, run: Run): void {
  const waf = versioned(reliw, 'waf').description('Manage firewall rules.')
  configured(waf, 'list')
    .description('List rules, with mode, action and exclusions.')
    .argument('[host]', HOST_OF_RULES)
    .option('--json', 'print JSON')
    .action(run(async () => (await import('./commands/waf.ts')).listRules))
  configured(waf, 'set')
    .description('Replace the rules of a host, in force for the next request.')
    .argument('<host>', HOST_OF_RULES)
    .argument('<rules>', 'rules as JSON; "-": stdin, "@file": a file')
    .action(run(async () => (await import('./commands/waf.ts')).setRules))
  configured(waf, 'test')
    .description('Print which rules match a request, and the resulting action.')
    .requiredOption('--host <host>', 'host of the request')
    .requiredOption('--url <target>', "path and query of the request, such as '/x?y'")
    .option('-H, --header <header...>', "request header, such as 'User-Agent: x'")
    .option('--method <method>', 'request method', 'GET')
    .option('--json', 'print JSON')
    .action(run(async () => (await import('./commands/waf.ts')).testRules))
}

function addTrustedProxies(reliw: Command, run: Run): void {
  const proxies = versioned(reliw, 'trusted-proxies').description(
    'Manage the addresses that names in trusted_proxies stand for.'
  )
  configured(proxies, 'refresh')
    .description('Fetch the addresses that providers publish, in effect after a restart.')
    .option('--file <file>', 'file to write (default: trusted_proxies_file of the config)')
    .action(run(async () => (await import('./commands/trusted-proxies.ts')).refresh))
}

function addUpstreams(reliw: Command, run: Run): void {
  const upstream = versioned(reliw, 'upstream').description('List and drain targets of upstreams.')
  configured(upstream, 'list')
    .description('List the targets of all upstreams, with weight and state.')
    .option('--json', 'print JSON')
    .action(run(async () => (await import('./commands/upstreams.ts')).listUpstreams))
  configured(upstream, 'drain')
    .description('Send no further requests to a target; those under way are completed.')
    .argument('<name>', NAME_OF_UPSTREAM)
    .argument('<target>', TARGET)
    .option('--force', 'drain even the last target in use')
    .action(run(async () => (await import('./commands/upstreams.ts')).drainTarget))
  configured(upstream, 'undrain')
    .description('Use a target again.')
    .argument('<name>', NAME_OF_UPSTREAM)
    .argument('<target>', TARGET)
    .action(run(async () => (await import('./commands/upstreams.ts')).undrainTarget))
}

function versioned(reliw: Command, name: string): Command {
  return reliw.command(name).version(version)
}

function configured(reliw: Command, name: string): Command {
  return versioned(reliw, name).option('-c, --config <file>', CONFIG_FILE)
}

/** @throws InvalidArgumentError, which commander prints with the option */
function readPort(given: string): number {
  const port = Number(given)
  if (/^\d+$/.test(given) && port <= MAX_PORT) return port
  throw new InvalidArgumentError(`Expected a number from 0 to ${MAX_PORT}.`)
}
