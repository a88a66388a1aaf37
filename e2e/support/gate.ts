import type { Client } from 'pg'

/** Key of the advisory lock behind which rows wait; any number will do. */
const key = 4711

/**
 * A view of 2,000 rows whose last ones come only once the gate is open: a copy of it is under way for as long as a
 * journey needs.
 */
export async function makeGatedView(store: Client, name: string): Promise<void> {
  await store.query(`
    CREATE OR REPLACE FUNCTION behind_gate(n bigint) RETURNS bigint LANGUAGE plpgsql AS $$
      BEGIN
        IF n > 1900 THEN PERFORM pg_advisory_xact_lock_shared(${key}); END IF;
        RETURN n;
      END $$;
    CREATE VIEW ${name} AS SELECT behind_gate(n) AS id, 'row ' || n AS label FROM generate_series(1, 2000) AS n`)
}

export async function closeGate(store: Client): Promise<void> {
  await store.query('SELECT pg_advisory_lock($1)', [key])
}

export async function openGate(store: Client): Promise<void> {
  await store.query('SELECT pg_advisory_unlock($1)', [key])
}
