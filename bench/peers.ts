import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { lineitemColumns, withClient } from './lineitem'

/** `psql … COPY binary | psql … COPY binary`: the limit of one stream between two servers. */
export function psqlPipe(sourceUrl: string, sinkUrl: string, sinkTable: string): Promise<void> {
  return pipe('public.lineitem', { sourceUrl, sinkUrl, sinkTable })
}

/** The same twice at a time, for each half of the table's blocks: what two streams can win on this machine. */
export async function psqlTwoPipes(sourceUrl: string, sinkUrl: string, sinkTable: string): Promise<void> {
  const middle = await withClient(sourceUrl, async (client) => {
    const { rows } = await client.query(
      `select pg_relation_size('public.lineitem') / current_setting('block_size')::int / 2 as middle`,
    )
    return `'(${rows[0]?.middle},0)'`
  })
  const half = (where: string) => `(select * from only public.lineitem where ctid ${where} ${middle})`
  await Promise.all(['<', '>='].map((where) => pipe(half(where), { sourceUrl, sinkUrl, sinkTable })))
}

async function pipe(
  what: string,
  { sourceUrl, sinkUrl, sinkTable }: { sourceUrl: string; sinkUrl: string; sinkTable: string },
): Promise<void> {
  const out = psql(sourceUrl, `copy ${what} to stdout (format binary)`, ['ignore', 'pipe', 'inherit'])
  const into = psql(sinkUrl, `copy ${sinkTable} from stdin (format binary)`, [
    out.stdout ?? 'ignore',
    'ignore',
    'inherit',
  ])
  await Promise.all([ended(out), ended(into)])
}

/** psql's own `\copy … to` a CSV file with a header. */
export async function psqlCopyOut(sourceUrl: string, path: string): Promise<void> {
  const command = `\\copy public.lineitem to '${path}' (format csv, header)`
  await ended(psql(sourceUrl, command, ['ignore', 'ignore', 'inherit']))
}

/** psql's own `\copy … from` a CSV file with a header. */
export async function psqlCopyIn(path: string, sinkUrl: string, sinkTable: string): Promise<void> {
  const command = `\\copy ${sinkTable} from '${path}' (format csv, header)`
  await ended(psql(sinkUrl, command, ['ignore', 'ignore', 'inherit']))
}

/** DuckDB writing zstd Parquet from the CSV that psql streams into a named pipe: its fastest way found (performance.md). */
export async function duckdbParquet(sourceUrl: string, path: string): Promise<void> {
  const fifo = `${path}.fifo`
  await rm(fifo, { force: true })
  await ended(spawn('mkfifo', [fifo], { stdio: 'inherit' }))
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  const out = ended(
    psql(sourceUrl, `\\copy public.lineitem to '${fifo}' (format csv)`, ['ignore', 'ignore', 'inherit']),
  )
  await connection.run(
    `copy (select * from read_csv('${fifo}', header = false, auto_detect = false, delim = ',', quote = '"',
       escape = '"', parallel = false, columns = {${duckdbColumns()}}))
     to '${path}' (format parquet, compression zstd)`,
  )
  await out
  connection.closeSync()
  instance.closeSync()
  await rm(fifo, { force: true })
}

/** An empty table of lineitem's shape, made before the clock starts for the product and its peers alike. */
export async function recreateSink(sinkUrl: string, sinkTable: string): Promise<void> {
  await withClient(sinkUrl, async (client) => {
    await client.query(`drop table if exists ${sinkTable}`)
    await client.query(`create table ${sinkTable} (${lineitemColumns})`)
    await client.query('checkpoint')
  })
}

function duckdbColumns(): string {
  return lineitemColumns
    .replaceAll(' not null', '')
    .replaceAll(/\b(var)?char\(\d+\)/g, 'varchar')
    .trim()
    .split(/,\s+/)
    .map((column) => column.replace(/^(\w+) (.*)$/, "'$1': '$2'"))
    .join(', ')
}

/** The password goes by the environment, as psql's users do it; never by the command line. */
function psql(url: string, command: string, stdio: StdioOptions): ChildProcess {
  const { hostname, port, username, password, pathname } = new URL(url)
  const address = ['-h', hostname, '-p', port, '-U', decodeURIComponent(username), '-d', pathname.slice(1)]
  return spawn('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...address, '-c', command], {
    stdio,
    env: { ...process.env, PGPASSWORD: decodeURIComponent(password) },
  })
}

async function ended(child: ChildProcess): Promise<void> {
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('exit', resolve)
    child.once('error', (error) =>
      reject(
        new Error(`Cannot start ${child.spawnfile}: install it (Debian: postgresql-client)`, {
          cause: error,
        }),
      ),
    )
  })
  if (code !== 0) throw new Error(`${child.spawnfile} ended with exit code ${code}`)
}
