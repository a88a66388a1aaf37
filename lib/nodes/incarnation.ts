import type { NodeCaller } from '@/lib/auth/node-caller'

/** A poll of the old process may still be under way when the new one begins. */
const overlapMs = 5_000

type Seen = Pick<NodeCaller, 'incarnation' | 'previousIncarnation' | 'incarnationSince'>

/**
 * What a poll says about the process behind an identity. `same`: as before. `new`: it was started again. `late`: the old
 * process's last request, overtaken by its successor. `clone`: an older process is alive beside the present one, so the
 * identity exists on two machines.
 */
export function judgeIncarnation(
  seen: Seen,
  incarnation: string,
  at: { signed: Date; now: Date },
): 'same' | 'new' | 'late' | 'clone' {
  if (seen.incarnation === incarnation) return 'same'
  if (seen.previousIncarnation !== incarnation) return 'new'
  const since = seen.incarnationSince?.getTime() ?? 0
  const oldRequest = at.signed.getTime() <= since + overlapMs && at.now.getTime() <= since + 2 * overlapMs
  return oldRequest ? 'late' : 'clone'
}
