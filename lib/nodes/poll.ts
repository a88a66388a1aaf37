import { AgentRefusal } from '@/lib/agent-refusal'
import type { NodeCall } from '@/lib/agent-route'
import type { Db } from '@/lib/db/client'
import { deletedNode, Dispatcher } from '@/lib/nodes/dispatch'
import { HeldPoll } from '@/lib/nodes/held-poll'
import { HeldPolls } from '@/lib/nodes/held-polls'
import { NodeLimiter, pollPace } from '@/lib/nodes/node-limiter'
import { readNews } from '@/lib/nodes/poll-news'
import { recordPoll } from '@/lib/nodes/record-poll'
import { arrivalTurnMs } from '@/lib/nodes/turns'
import { watchQueue } from '@/lib/nodes/watch-queue'
import type { PollRequest, PollResponse } from '@/lib/protocol/poll'
import { onWake, wake } from '@/lib/tasks/wake'

export type PollDesk = {
  poll: (call: NodeCall, request: PollRequest) => Promise<PollResponse>
  /** Held polls at this moment. */
  readonly heldCount: number
  /** Looks at the queues now: wake-ups may have been missed. */
  lookNow: () => void
  /** Answers every held poll and refuses new ones: the process is about to end. */
  drain: () => void
  close: () => void
}

export type PollDeskOptions = {
  db: Db
  /** How often the queues are looked at, in case a wake-up was missed. */
  lookEveryMs: number
  onError: (error: unknown) => void
  /** The clock by which a node polls too often. */
  nowMs?: (() => number) | undefined
}

/** Where nodes wait. One per process; polls are woken by `wake`, and by a look at the queues every second. */
export function openPollDesk({ db, lookEveryMs, onError, nowMs }: PollDeskOptions): PollDesk {
  const held = new HeldPolls()
  const limiter = new NodeLimiter('polls', nowMs)
  const dispatcher = new Dispatcher(db, held, onError)
  const stopListening = onWake((wakes) => dispatcher.wake(wakes))
  const watch = watchQueue({
    db,
    everyMs: lookEveryMs,
    runtimeIds: () => held.runtimeIds,
    wake: (wakes) => dispatcher.wake(wakes),
    onError,
  })
  let draining = false

  async function answer(poll: HeldPoll): Promise<PollResponse> {
    held.add(poll)
    try {
      // Known before it looks, so that what is queued while it looks wakes it.
      const { demand, nodes } = await readNews(db, poll.runtimeId, [poll.nodeId])
      const news = nodes.get(poll.nodeId)
      if (!news) throw deletedNode()
      const arrival = { polls: held.of(poll.runtimeId).size, isNewcomer: poll.request.vaultVersion === '0' }
      await poll.look(db, { news, left: demand, turnMs: arrivalTurnMs(arrival, Math.random()) })
      poll.hold()
      return await poll.answered
    } finally {
      held.remove(poll)
    }
  }

  return {
    async poll(call, request) {
      if (draining) throw restarting()
      limiter.take(call.node.nodeId, pollPace)
      wake(await recordPoll(db, call, request))
      if (draining) throw restarting()
      return await answer(new HeldPoll(call, request))
    },
    get heldCount() {
      return held.size
    },
    lookNow: () => watch.lookNow(),
    drain() {
      draining = true
      for (const poll of held.all) poll.refuse(restarting())
    },
    close() {
      stopListening()
      watch.stop()
    },
  }
}

function restarting(): AgentRefusal {
  return new AgentRefusal('draining', 'The portal restarts. Ask again soon', 1)
}
