import { Callout } from '@/components/ui/callout'
import { Time } from '@/components/ui/time'
import type { Runtime } from '@/lib/runtimes/queries'

/** Who else knows that the runtime is strict: until its nodes have signed it, only this portal does. */
export function StrictNote({ admission, since }: { admission: Runtime['admission']; since: Date | null }) {
  if (admission !== 'strict') return null
  return (
    <div className="mb-4">
      {since ? (
        <Callout tone="ok" title="The nodes hold this runtime to be strict">
          Signed into their membership log <Time value={since} />. Nobody can take it back, this portal
          neither.
        </Callout>
      ) : (
        <Callout tone="info" title="Strict, as far as this portal knows">
          The next node that is online and admitted signs it into the membership log. From then on nobody can
          take it back.
        </Callout>
      )}
    </div>
  )
}
