import { Client } from 'pg'

/** The 16 columns of TPC-H's lineitem. */
export const lineitemColumns = `
  l_orderkey bigint not null, l_partkey integer not null, l_suppkey integer not null, l_linenumber smallint not null,
  l_quantity numeric(12,2) not null, l_extendedprice numeric(12,2) not null, l_discount numeric(12,2) not null,
  l_tax numeric(12,2) not null, l_returnflag char(1) not null, l_linestatus char(1) not null,
  l_shipdate date not null, l_commitdate date not null, l_receiptdate date not null,
  l_shipinstruct char(25) not null, l_shipmode char(10) not null, l_comment varchar(44) not null`

/** Makes `public.lineitem` with so many rows, from a fixed hash: the same on every machine. Keeps it where it is there. */
export async function createLineitem(url: string, rowCount: number): Promise<void> {
  await withClient(url, async (client) => {
    const { rows } = await client.query(`select obj_description(to_regclass('public.lineitem')) as rows`)
    if (rows[0]?.rows === String(rowCount)) return
    await client.query('drop table if exists public.lineitem')
    await client.query(`create table public.lineitem (${lineitemColumns})`)
    await client.query(
      `insert into public.lineitem
       select i / 4, h % 200000, h % 10000, i % 7,
         (h % 5000) / 100.0, (h % 9000000) / 100.0, (h % 11) / 100.0, (h % 9) / 100.0,
         substr('RAN', 1 + h % 3, 1), substr('OF', 1 + h % 2, 1),
         date '1992-01-01' + h % 2500, date '1992-01-01' + (h + 30) % 2500, date '1992-01-01' + (h + 60) % 2500,
         (array['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'])[1 + h % 4],
         (array['AIR', 'SHIP', 'TRUCK', 'MAIL', 'FOB', 'RAIL', 'REG AIR'])[1 + h % 7],
         'furiously final, "regular" deposits ' || h % 99999
       from (select i, (hashint8(i) & 2147483647) as h from generate_series(1, $1::integer) i) rows`,
      [rowCount],
    )
    await client.query(`comment on table public.lineitem is '${rowCount}'`)
    await client.query('vacuum analyze public.lineitem')
    await client.query('checkpoint')
  })
}

export async function withClient<Result>(
  url: string,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
