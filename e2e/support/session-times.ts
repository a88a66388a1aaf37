import { Client } from 'pg'
import type { PortalUnderTest } from './portal'

const minuteMs = 60_000

/** The sessions of one user, as if time had passed. */
export async function ageSessions(
  { databaseUrl }: PortalUnderTest,
  email: string,
  age: { idleMinutes?: number; endsInMinutes?: number },
): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    const now = Date.now()
    await client.query(
      `update sessions set
         last_seen_at = coalesce($2, last_seen_at), expires_at = coalesce($3, expires_at)
       where revoked_at is null and user_id = (select id from users where email = $1)`,
      [
        email,
        age.idleMinutes === undefined ? null : new Date(now - age.idleMinutes * minuteMs),
        age.endsInMinutes === undefined ? null : new Date(now + age.endsInMinutes * minuteMs),
      ],
    )
  })
}

/** For how long the newest session of this user was not used, in whole minutes. */
export async function idleMinutes({ databaseUrl }: PortalUnderTest, email: string): Promise<number> {
  let minutes = Number.NaN
  await withClient(databaseUrl, async (client) => {
    const { rows } = await client.query(
      `select floor(extract(epoch from clock_timestamp() - max(last_seen_at)) / 60)::int as minutes
         from sessions join users on users.id = sessions.user_id where email = $1 and revoked_at is null`,
      [email],
    )
    minutes = Number(rows[0]?.minutes)
  })
  return minutes
}

async function withClient(connectionString: string, use: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    await use(client)
  } finally {
    await client.end()
  }
}
