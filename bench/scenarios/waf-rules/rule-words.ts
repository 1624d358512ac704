import { anyCase, literal } from './pattern-parts.ts'

/** Patterns of one kind: one for each word. */
export interface Family {
  /** Where they look: `query`, or the name of a header. */
  where: 'query' | 'user-agent' | 'referer' | 'cookie'
  words: readonly string[]
  patternOf: (word: string) => string
  /** What the pattern of this word finds. A space stands for `%20` in a request target. */
  exampleOf: (word: string) => string
}

/** The kinds of rules that lists for web servers have, by our own words. */
export const families: readonly Family[] = [
  family(
    'query',
    'union+select union+all select+from insert+into delete+from drop+table drop+database alter+table create+user update+set order+by group+by having+count into+outfile into+dumpfile limit+offset exec+master truncate+table grant+all declare+cursor information_schema+tables load+data show+tables select+count backup+database shutdown+with revoke+all union+distinct rename+table',
    (pair) => pair.split('+').map(anyCase).join('%s+'),
    (pair) => pair.replace('+', ' ').toUpperCase()
  ),
  family(
    'query',
    'sleep benchmark load_file extractvalue updatexml concat_ws group_concat pg_sleep xp_cmdshell xp_dirtree utl_http utl_inaddr dbms_pipe char_length ascii substring hex unhex version current_user database system_user schema randomblob sqlite_version procedure_analyse make_set elt row_count find_in_set json_keys polygon multipoint linestring geometrycollection exp name_const lo_import lo_export copy_to openrowset opendatasource sp_executesql sp_makewebtask',
    (name) => `${anyCase(name)}%s*%(`,
    (name) => `${name}(`
  ),
  family(
    'query',
    'script iframe object embed applet svg math base link meta style form input button textarea video audio source img body frameset marquee isindex details template',
    (tag) => `<%s*${anyCase(tag)}[%s/>]`,
    (tag) => `<${tag}>`
  ),
  family(
    'query',
    'load error click focus blur change submit mouseover mouseenter mouseleave keydown keyup keypress toggle wheel drag drop copy paste cut animationstart animationend transitionend pointerdown pointerup pointerover beforeprint hashchange pageshow pagehide resize scroll select unload message storage contextmenu dblclick',
    (name) => `[%s"'/]on${anyCase(name)}%s*=`,
    (name) => `"on${name}=`
  ),
  family(
    'query',
    '/etc/passwd /etc/shadow /etc/hosts /proc/self /proc/version boot.ini win.ini .htaccess .htpasswd .git/ .svn/ .hg/ .env .ssh/ .aws/ .npmrc .bash_history .DS_Store id_rsa wp-config.php web.config composer.lock docker-compose.yml database.yml settings.py local.xml php.ini my.cnf access.log error.log dump.sql backup.zip site.tar.gz config.bak',
    literal,
    (name) => name
  ),
  family(
    'query',
    'phpmyadmin pma wp-admin wp-login.php xmlrpc.php cgi-bin manager/html jmx-console web-console solr/admin actuator/env actuator/heapdump console/login server-status server-info phpinfo.php info.php test.php shell.php c99.php r57.php adminer.php eval-stdin.php owa/auth autodiscover struts2-showcase hudson jenkins/script druid/index geoserver/web telescope/requests _ignition/execute-solution HNAP1 boaform setup.cgi goform elfinder ckfinder kcfinder timthumb.php vendor/phpunit typo3conf sitecore/login',
    (path) => `/${literal(path)}`,
    (path) => `/${path}`
  ),
  family(
    'query',
    'wget curl cat nc bash sh zsh python perl ruby php id whoami uname ping nslookup chmod chown rm mv cp tftp ftp ssh telnet powershell cmd certutil bitsadmin mshta rundll32 regsvr32 socat awk sed xargs tee dd crontab',
    (program) => `[;|&\`]%s*${program}%s`,
    (program) => `;${program} `
  ),
  family(
    'query',
    'eval assert system exec passthru shell_exec popen proc_open pcntl_exec base64_decode gzinflate str_rot13 preg_replace create_function call_user_func array_map include require file_get_contents file_put_contents fopen readfile unlink move_uploaded_file unserialize ini_set putenv phpinfo posix_getuid show_source highlight_file parse_ini_file symlink extract parse_str',
    (name) => `[^%w_]${anyCase(name)}%s*%(%s*['"$]`,
    (name) => `;${name}("`
  ),
  family(
    'query',
    'jndi ldap rmi dns env sys java lower upper date base64 script url file const sd k8s web spring docker',
    (name) => `%\${.-${anyCase(name)}:`,
    (name) => `\${${name}:`
  ),
  family(
    'query',
    'php data expect phar zip glob gopher dict ogg rar ssh2 jar netdoc tftp ldaps file',
    (scheme) => `=%s*${anyCase(scheme)}:[/,]`,
    (scheme) => `=${scheme}:/`
  ),
  family(
    'query',
    '__proto__ constructor __import__ __class__ __mro__ __subclasses__ __globals__ __builtins__ getRuntime ProcessBuilder classLoader freemarker',
    (name) => `[%[{.(]%s*${name}`,
    (name) => `.${name}`
  ),
  family(
    'user-agent',
    'sqlmap nikto nessus nmap masscan zgrab dirbuster gobuster feroxbuster wfuzz ffuf hydra medusa acunetix netsparker openvas arachni w3af skipfish whatweb wpscan joomscan droopescan havij jorgee morfeus zmeu nuclei httpx jaeles dalfox xsser commix paros webshag grabber vega grendel brutus pangolin absinthe bsqlbf fimap uniscan webinspect appscan qualys detectify probely intruder cybercop',
    anyCase,
    (name) => `${name}/1.0`
  ),
  family(
    'user-agent',
    'harvest extractor siphon leech copier stripper ripper grabber downloader webzip teleport httrack offline-explorer webcopier webreaper wget libwww-perl lwp-trivial python-urllib scrapy mechanize emailcollect emailwolf spambot mailto contactbot webbandit websauger webstripper indylibrary',
    (name) => `^${anyCase(name)}[/%s%d.]`,
    (name) => `${name}/3`
  ),
  family(
    'referer',
    'casino poker viagra cialis payday-loan free-share-buttons best-seo-offer seo-traffic buttons-for-website make-money-online darodar semalt ranksonic hulfington floating-share event-tracking get-free-traffic social-buttons success-seo video-production traffic-monetize cheap-watches replica-bags lottery-win crypto-double bitcoin-bonus forex-robot slot-machine diet-pill essay-writer 4webmasters ilovevitaly iskalko econom kambasoft savetubevideo',
    (name) => `^https?://[%w.%-]*${anyCase(name)}`,
    (name) => `http://www.${name}.example/`
  ),
  family(
    'referer',
    'script iframe svg img object embed',
    (tag) => `<%s*${anyCase(tag)}[%s/>]`,
    (tag) => `<${tag}>`
  ),
  family(
    'cookie',
    'union select insert delete update drop exec declare waitfor having sleep benchmark',
    (word) => `['"]%s*;?%s*${anyCase(word)}[%s(]`,
    (word) => `a=';${word}(`
  ),
  family(
    'cookie',
    'script iframe svg object embed img',
    (tag) => `<%s*${anyCase(tag)}[%s/>]`,
    (tag) => `a=<${tag}>`
  ),
  family(
    'cookie',
    'rO0AB aced0005 O:8: a:2:{ TzoxM YToyO gASV __viewstate ../.. ..%2f /etc/passwd /bin/sh cmd.exe system( eval( phpinfo( base64_decode( jndi: ${env php://input data:text javascript: document.cookie String.fromCharCode onerror= __proto__ _$$ND_FUNC$$_',
    literal,
    (text) => `a=${text}`
  )
]

function family(
  where: Family['where'],
  words: string,
  patternOf: Family['patternOf'],
  exampleOf: Family['exampleOf']
): Family {
  return { where, words: words.split(' '), patternOf, exampleOf }
}
