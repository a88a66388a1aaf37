import type { Pool } from 'pg'
import { ensureLinkedService, type Workplace } from '@/server/stack/authoring'
import type { Stack } from '@/server/stack/stack'

const wanted = { runs: 2000, pipelines: 200, nodes: 40, linkedServices: 20 }

/** Copies the real run, pipeline, datasets and node until lists are as long as in a busy factory; once per data folder. */
export async function fill(stack: Stack, place: Workplace, runId: string): Promise<void> {
  const pool = stack.db.$client
  const { rows } = await pool.query<{ filled: boolean }>(
    'select count(*) >= $2 as filled from pipeline_runs where factory_id = $1',
    [place.factory.id, wanted.runs],
  )
  if (rows[0]?.filled) return
  for (let index = 1; index < wanted.linkedServices; index += 1)
    await ensureLinkedService(stack, place, {
      name: `share-${index}`,
      definition: {
        type: 'FileServer',
        connectVia: { referenceName: place.runtime.name, type: 'IntegrationRuntimeReference' },
        typeProperties: { host: `/srv/share-${index}` },
      },
      secret: null,
    })
  await pool.query(fillAuthoring, [place.factory.id, wanted.pipelines - 1])
  await pool.query(fillNodes, [place.runtime.id, wanted.nodes - 2])
  await pool.query(fillRuns, [runId, wanted.runs - 1])
  await pool.query('analyze')
}

/** Answers how to stop. Nobody polls for the filled nodes, so their last poll is written instead. */
export function keepFilledNodesOnline(pool: Pool): () => void {
  const poll = () =>
    void pool.query("update nodes set last_seen_at = now(), last_poll_at = now() where name like 'filled-%'")
  poll()
  const timer = setInterval(poll, 20_000)
  return () => clearInterval(timer)
}

const fillAuthoring = `
  with made as (
    insert into datasets
    select (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid(), 'name', d.name || '-' || g))).*
    from datasets d, generate_series(1, $2::int) g where d.factory_id = $1)
  insert into pipelines
  select (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'name', p.name || '-' || g))).*
  from pipelines p, generate_series(1, $2::int) g where p.factory_id = $1`

const fillNodes = `
  with made as (
    insert into nodes
    select (jsonb_populate_record(n, jsonb_build_object(
      'id', gen_random_uuid(), 'name', 'filled-' || g, 'display_name', 'filled-' || g, 'signing_key', 'none-' || g))).*
    from nodes n, generate_series(1, $2::int) g where n.runtime_id = $1 and n.name = 'quay-a'
    returning id)
  insert into node_credentials
  select made.id, c.linked_service_id, c.version, c.opened_at, c.error
  from made, node_credentials c join nodes n on n.id = c.node_id where n.runtime_id = $1 and n.name = 'quay-a'`

/** One every four minutes, back from the real one; each fortieth failed. */
const fillRuns = `
  with runs as (
    insert into pipeline_runs
    select (jsonb_populate_record(r, jsonb_build_object(
      'id', gen_random_uuid(), 'pipeline_name', r.pipeline_name || '-' || g % 200,
      'status', case when g % 40 = 0 then 'Failed' else r.status end,
      'queued_at', r.queued_at - g * interval '4 min', 'started_at', r.started_at - g * interval '4 min',
      'ended_at', r.ended_at - g * interval '4 min'))).*
    from pipeline_runs r, generate_series(1, $2::int) g where r.id = $1
    returning id, status, queued_at, started_at, ended_at),
  activities as (
    insert into activity_runs
    select (jsonb_populate_record(a, jsonb_build_object(
      'id', gen_random_uuid(), 'pipeline_run_id', r.id, 'status', r.status, 'created_at', r.queued_at,
      'started_at', r.started_at, 'ended_at', r.ended_at))).*
    from activity_runs a, runs r where a.pipeline_run_id = $1
    returning id, created_at)
  insert into tasks
  select (jsonb_populate_record(t, jsonb_build_object(
    'id', gen_random_uuid(), 'activity_run_id', a.id, 'created_at', a.created_at))).*
  from tasks t join activity_runs original on original.id = t.activity_run_id, activities a
  where original.pipeline_run_id = $1`
