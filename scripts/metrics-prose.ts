/** What docs/metrics.md says before its tables, as the formatter leaves it. */
export const METRICS_PROSE = `# Metrics

<!-- Written by scripts/write-metrics-docs.ts from the catalog: change the catalog, run \`npm run schema\`. -->

A server answers on a second listener, \`metrics.ip\` and \`metrics.port\` of [the config](config.md#metrics), by default
127.0.0.1:9101. It is for those who watch the server: there is no login, so keep it where clients do not come.
It answers requests for an address, \`localhost\`, \`*.localhost\` or a name without a dot. Other names have to be in
\`metrics.hosts\`; without that they get 421, so that a web page whose name was pointed at this address (DNS rebinding) cannot
read the metrics.

| Path                | For                                                 |
| ------------------- | --------------------------------------------------- |
| \`/metrics\`          | Prometheus                                          |
| \`/livez\`, \`/readyz\` | Balancers and orchestrators: see [Health](#health)  |
| \`/status\`           | People and scripts: the same in JSON, of the moment |

Everything else there is 404. \`metrics.disabled\` counts nothing and opens no listener. A dashboard and alerts are in
[deploy](../deploy/README.md); in an app of your own [@reliw/metrics](../packages/metrics/README.md) does the same.

## Scraping

\`\`\`yaml
scrape_configs:
  - job_name: reliw
    scrape_interval: 15s
    static_configs:
      - targets: ['192.0.2.10:9101', '192.0.2.11:9101']
\`\`\`

There are two formats: [text](https://prometheus.io/docs/instrumenting/exposition_formats), and
[OpenMetrics 1.0](https://prometheus.io/docs/specs/om/open_metrics_spec) where the client's \`Accept\` likes it at least
as well, as that of Prometheus does. Counters are called the same in both. Nothing that a scrape opens stays open; those
who ask at the same time are given the same answer.

## Of the process, and of all servers

Families that begin with \`http_requests\` are from the store: what all servers that share it have counted, since ever.
Each server shows the same, so take \`max\`, not \`sum\`, over instances:

\`\`\`text
max by (host, code) (http_requests_total)
sum by (host) (rate(reliw_request_duration_seconds_count[5m]))
\`\`\`

All others are of one server, since its start.

| When                             | What becomes of what was counted                                                                                                                |
| -------------------------------- | ----------------------------------------------------------------------------------------------------------------------------------------------- |
| The store is away                | It is kept, and written when the store is back; beyond 100,000 different counters it is dropped, which \`reliw_store_counts_dropped_total\` tells |
| The server is stopped (SIGTERM)  | All of it is written                                                                                                                            |
| The server is killed (\`kill -9\`) | What came after the last write is lost: one \`store.flush_interval\`, 250 ms by default                                                           |
| The connection breaks in a write | What the store did not confirm is written again, and may be counted twice                                                                       |

While the store is away, \`/metrics\` goes on with what the process knows: \`reliw_store_up\` is 0, and the families of all
servers are not there at all, rather than wrong. With \`metrics.strict\` it is 503 then.

## Bounds

Whatever clients send, there are never more series than these, and a scrape ends:

| What                                 | Bound                                                                                                                                                     |
| ------------------------------------ | --------------------------------------------------------------------------------------------------------------------------------------------------------- |
| Hosts                                | Sites alone, \`metrics.max_hosts\` of them (1,000); the rest is \`other\` or \`unknown\`                                                                        |
| Different answers of a host          | 200 of status, method and kind; beyond, the class of the status is told apart                                                                             |
| Series of any other family           | 1,000, of a histogram 200; beyond, all labels are \`other\`                                                                                                 |
| Hosts read from the store            | \`metrics.scan_limit\` (2,000), looked for with SCAN by \`metrics.scan_count\` keys (100), for 3 seconds; where that was not all, \`reliw_fleet_complete\` is 0 |
| Other processes                      | 3 seconds                                                                                                                                                 |
| Connections of the listener          | 64; who takes nothing of an answer for 30 seconds is cut off                                                                                              |
| Paths in \`METRICS:<host>:by_request\` | \`metrics.max_paths\` of a host (1,000), 20,000 of all, of 500 characters; the rest is \`other\`                                                              |

KEYS is never used. A host becomes a site's from the first request on after which its routes or its upstream are known.

\`METRICS:<host>:by_request\` counts paths of files and pages that were answered with less than 400, unless the server is
under pressure. It is no metric, since there may be many: \`redis-cli -n 13 HGETALL RLW:METRICS:<host>:by_request\`.

## Several processes

Processes that are one server are one scrape, where one of them asks the others (\`peers\` of the package): numbers are
added, unless the tables below say \`max\` or \`min\`. \`reliw_processes\` tells how many there are. Processes that do not
answer are missing from it.

## Cost

Metrics cost a request about 2 µs, and its log line about 3: together an eighth of what one core can serve of a warm page
([results](../bench/results/metrics.md)). A scrape of 1,000 hosts takes some 40 ms, in which a request may wait for up to 20.

## Health

\`/livez\` is 200 as long as the process answers. \`/readyz\` is 503 when requests are not welcome:

\`\`\`json
{
  "status": "not ready",
  "reason": "draining"
}
\`\`\`

| \`reason\`                         | When                                                                                                              |
| -------------------------------- | ----------------------------------------------------------------------------------------------------------------- |
| \`overloaded: rss\`                | The process is near a limit of its own, here of memory, and refuses requests: see [limits.md](limits.md#pressure) |
| \`draining\`                       | The server ends: requests that are under way are finished                                                         |
| \`the store has not answered yet\` | Since the start. A store that goes later is no reason: what is kept is served                                     |

With \`metrics.health_path\`, say \`/-/health\`, \`/-/health/livez\` and \`/-/health/readyz\` are answered on the main listener as
well: a path that no site can have then. Whoever asks is answered, whatever the host and the pressure, banned or not, and no rate
and no rule of the firewall is looked at: a load balancer would take the server out otherwise. In an app of your own, register
\`@reliw/metrics\` before the plugins that refuse requests.

\`/status\` is always 200. Times are in seconds, sizes in bytes; \`recent\` is of the last five minutes:

\`\`\`json
{
  "status": "ready",
  "version": "1.0.0",
  "uptime": 86400,
  "workers": 1,
  "connections": 12,
  "in_flight": 2,
  "recent": { "requests": 4211, "error_rate": 0.0005 },
  "store": {
    "driver": "redis",
    "connected": true,
    "kept_bytes": 1048576,
    "kept_values": 2050,
    "hits": 120000,
    "misses": 2100,
    "stale_served": 0
  },
  "upstreams": [
    {
      "upstream": "shop.example",
      "circuit": "closed",
      "origins": [
        {
          "origin": "10.0.0.5:8080",
          "healthy": true,
          "in_flight": 2,
          "active": 2,
          "idle": 6,
          "pending": 0,
          "uploads": 0
        }
      ]
    }
  ],
  "certificates": [{ "name": "shop.example", "expires": "2027-02-01T00:00:00.000Z" }],
  "disk": { "data_dir": { "free_bytes": 52613349376, "total_bytes": 105226698752 } },
  "memory": { "rss": 157286400, "heap_used": 41943040, "external": 8388608 },
  "pressure": { "level": "normal", "heap": 0.02, "rss": 0.1, "open_files": 0.01 }
}
\`\`\`
`
