import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CopyState, type Effect, step, type TaskView } from '@/lib/runs/activity/activity-machine'
import type { ActivityPhase } from '@/lib/runs/schemas'

/** The world around the machine: tasks, nodes that do what they like with them, and a person who may cancel. */
type Task = TaskView & { kind: 'prepareCopy' | 'copyPart' | 'publishCopy' | 'cleanUpCopy' }
type World = {
  phase: ActivityPhase
  status: 'running' | 'Succeeded' | 'Failed' | 'Cancelled'
  cancelRequested: boolean
  failed: boolean
  worthKeeping: boolean
  total: number
  limit: number
  tasks: Task[]
  planStored: boolean
}
type Move =
  | { move: 'claim' | 'commit' | 'succeed' | 'fail' | 'giveUp' | 'lose'; pick: number }
  | { move: 'cancel' }
const maxAttempts = 3

describe('step()', () => {
  test('publishes only after every part succeeded, never twice at once, and ends with no task left', () => {
    fc.assert(
      fc.property(worlds, fc.array(moves, { maxLength: 60 }), (start, script) => {
        const world = structuredClone(start)
        advance(world)
        for (const move of script) act(world, move)
        settle(world)
        expect(world.phase === 'ended' || world.phase === 'kept').toBe(true)
        expect(world.status).not.toBe('running')
      }),
      { numRuns: 2000 },
    )
  })

  test('without trouble every copy succeeds', () => {
    fc.assert(
      fc.property(worlds, (start) => {
        const world = structuredClone(start)
        advance(world)
        settle(world)
        expect(world.status).toBe('Succeeded')
        expect(world.tasks.filter((task) => task.kind === 'copyPart')).toHaveLength(world.total)
      }),
    )
  })

  test('a cancel before any node began ends at once, without a clean-up', () => {
    const world = aWorld()
    advance(world)
    act(world, { move: 'cancel' })
    expect(world).toMatchObject({ phase: 'ended', status: 'Cancelled' })
    expect(world.tasks).toMatchObject([{ kind: 'prepareCopy', state: 'cancelled' }])
  })

  test('a cancel does not guess about a publish that a node had and lost', () => {
    const world = aWorld({ total: 1 })
    run(world, ['claim', 'succeed', 'claim', 'succeed', 'claim', 'lose'])
    expect(world.tasks.at(-1)).toMatchObject({ kind: 'publishCopy', state: 'queued', attempt: 1 })
    act(world, { move: 'cancel' })
    expect(world.phase).toBe('publishing')
    run(world, ['claim', 'succeed'])
    expect(world.status).toBe('Succeeded')
  })

  test('a failure keeps what parts wrote where a resume can use it', () => {
    const world = aWorld({ total: 2, worthKeeping: true })
    run(world, ['claim', 'succeed', 'claim', 'succeed', 'claim', 'fail'])
    expect(world).toMatchObject({ phase: 'kept', status: 'Failed' })
    act(world, { move: 'cancel' })
    expect(world.phase).toBe('cleaning')
    run(world, ['claim', 'succeed'])
    expect(world).toMatchObject({ phase: 'ended', status: 'Failed' })
  })

  test('a clean-up that fails says so and does not hold the end up', () => {
    const world = aWorld({ total: 1 })
    run(world, ['claim', 'succeed', 'claim', 'fail'])
    expect(world.phase).toBe('cleaning')
    run(world, ['claim'])
    const cleanUp = world.tasks.at(-1)
    if (cleanUp) cleanUp.state = 'failed'
    expect(step(stateOf(world))).toEqual([
      { do: 'noteLeftovers' },
      { do: 'end', as: 'Failed', phase: 'ended' },
    ])
  })

  test('waits for the activities it depends on, and does not begin when one of them did not succeed', () => {
    const waiting = stateOf(aWorld())
    expect(step({ ...waiting, dependencies: 'pending' })).toEqual([])
    expect(step({ ...waiting, dependencies: 'failed' })).toEqual([
      { do: 'noteSkipped' },
      { do: 'end', as: 'Cancelled', phase: 'ended' },
    ])
  })

  test('an activity whose runtime was deleted ends, in whatever phase it is', () => {
    for (const phase of ['waiting', 'preparing', 'copying', 'publishing', 'cleaning', 'kept'] as const) {
      const effects = step({ ...stateOf(aWorld({ phase })), orphaned: true })
      expect(effects.at(-1)).toEqual({ do: 'end', as: 'Failed', phase: 'ended' })
    }
  })
})

function aWorld(change: Partial<World> = {}): World {
  return {
    phase: 'waiting',
    status: 'running',
    cancelRequested: false,
    failed: false,
    worthKeeping: false,
    total: 3,
    limit: 3,
    tasks: [],
    planStored: false,
    ...change,
  }
}

const worlds = fc
  .record({ total: fc.nat(6), limit: fc.integer({ min: 1, max: 8 }), worthKeeping: fc.boolean() })
  .map(aWorld)
const moves: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      move: fc.constantFrom('claim', 'commit', 'succeed', 'fail', 'giveUp', 'lose'),
      pick: fc.nat(20),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ move: 'cancel' } as const) },
)

function stateOf(world: World): CopyState {
  const parts = world.tasks.filter((task) => task.kind === 'copyPart')
  const count = (...states: string[]) => parts.filter((task) => states.includes(task.state)).length
  const single = (kind: Task['kind']) => world.tasks.find((task) => task.kind === kind) ?? null
  return {
    phase: world.phase,
    dependencies: 'met',
    cancelRequested: world.cancelRequested,
    failed: world.failed,
    worthKeeping: world.worthKeeping,
    orphaned: false,
    prepare: single('prepareCopy'),
    publish: single('publishCopy'),
    cleanUp: single('cleanUpCopy'),
    parts: {
      total: world.planStored ? world.total : 0,
      created: parts.length,
      queued: count('queued'),
      running: count('leased', 'committing'),
      unasked: parts.filter((task) => isHeld(task) && !task.cancelRequested).length,
      succeeded: count('succeeded'),
      failed: count('failed'),
      attempts: parts.reduce((sum, task) => sum + task.attempt, 0),
    },
    limit: world.limit,
  }
}

function advance(world: World): void {
  for (let round = 0; ; round++) {
    expect(round, 'comes to rest').toBeLessThan(20)
    const effects = step(stateOf(world))
    if (effects.length === 0) return
    for (const effect of effects) apply(world, effect)
    checkAlways(world)
  }
}

function apply(world: World, effect: Effect): void {
  const add = (kind: Task['kind']) =>
    world.tasks.push({ kind, state: 'queued', attempt: 0, cancelRequested: false })
  if (effect.do === 'enter') world.phase = effect.phase
  if (effect.do === 'enqueue') add(effect.kind)
  if (effect.do === 'enqueueParts') for (let n = 0; n < effect.count; n++) add('copyPart')
  if (effect.do === 'cancelQueued')
    for (const task of world.tasks) if (task.state === 'queued') task.state = 'cancelled'
  if (effect.do === 'askToCancel')
    for (const task of world.tasks) if (isHeld(task)) task.cancelRequested = true
  if (effect.do === 'storePlan') world.planStored = true
  if (effect.do === 'recordFailure') world.failed = true
  if (effect.do === 'end') {
    world.phase = effect.phase
    if (world.status === 'running') world.status = effect.as
  }
}

/** What a node, the queue or a person does; the machine is told of every task that ended. */
function act(world: World, move: Move): void {
  if (move.move === 'cancel') {
    world.cancelRequested = true
    return advance(world)
  }
  const able = world.tasks.filter((task) => (move.move === 'claim' ? task.state === 'queued' : isHeld(task)))
  const task = able[move.pick % Math.max(able.length, 1)]
  if (!task) return
  if (move.move === 'claim') {
    task.state = 'leased'
    task.attempt++
    return
  }
  if (move.move === 'commit') {
    if (task.kind === 'publishCopy' && !task.cancelRequested) task.state = 'committing'
    return
  }
  task.state = endState(task, move.move)
  advance(world)
}

function endState(task: Task, move: 'succeed' | 'fail' | 'giveUp' | 'lose'): Task['state'] {
  if (move === 'succeed') return 'succeeded'
  if (move === 'giveUp') return task.cancelRequested ? 'cancelled' : 'failed'
  if (move === 'fail') return 'failed'
  if (task.attempt >= maxAttempts) return 'failed'
  return task.cancelRequested && task.kind !== 'publishCopy' ? 'cancelled' : 'queued'
}

/** From here on every node does as it is told. */
function settle(world: World): void {
  for (let turn = 0; world.phase !== 'ended' && world.phase !== 'kept'; turn++) {
    expect(turn, 'ends').toBeLessThan(200)
    const task = world.tasks.find((one) => isHeld(one) || one.state === 'queued')
    expect(task, `something can happen in ${world.phase}`).toBeDefined()
    act(world, { move: 'claim', pick: 0 })
    act(world, { move: task?.cancelRequested ? 'giveUp' : 'succeed', pick: 0 })
  }
}

function run(world: World, script: ('claim' | 'succeed' | 'fail' | 'lose')[]): void {
  advance(world)
  for (const move of script) act(world, { move, pick: 0 })
}

function checkAlways(world: World): void {
  const live = (kind: Task['kind']) =>
    world.tasks.filter((task) => task.kind === kind && (isHeld(task) || task.state === 'queued'))
  const parts = world.tasks.filter((task) => task.kind === 'copyPart')
  const publishes = world.tasks.filter((task) => task.kind === 'publishCopy')
  expect(publishes.length).toBeLessThanOrEqual(1)
  expect(live('copyPart').length).toBeLessThanOrEqual(world.limit)
  if (publishes.length > 0)
    expect(parts.filter((task) => task.state === 'succeeded')).toHaveLength(world.total)
  if (live('cleanUpCopy').length > 0) expect(live('copyPart').length + live('publishCopy').length).toBe(0)
  if (world.phase === 'ended' || world.phase === 'kept')
    expect(world.tasks.filter((task) => isHeld(task) || task.state === 'queued')).toEqual([])
  if (world.status === 'Succeeded') expect(publishes).toMatchObject([{ state: 'succeeded' }])
}

function isHeld(task: TaskView): boolean {
  return task.state === 'leased' || task.state === 'committing'
}
