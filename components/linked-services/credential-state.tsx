import { StateBadge } from '@/components/ui/badge'
import type { LinkedServiceSummary } from '@/lib/linked-services/queries'

type CredentialStateProps = Pick<
  LinkedServiceSummary,
  'credentialVersion' | 'isCredentialLost' | 'nodeCount' | 'openedCount'
>

/** Whether the nodes hold the present secret, in a word or two. */
export function CredentialState({ nodeCount, openedCount, ...credential }: CredentialStateProps) {
  if (credential.credentialVersion === 0) return <StateBadge standing="off">No secret needed</StateBadge>
  if (credential.isCredentialLost) return <StateBadge standing="bad">Enter the secret again</StateBadge>
  if (nodeCount === 0) return <StateBadge standing="warn">No node</StateBadge>
  const text = `Opened by ${openedCount} of ${nodeCount} ${nodeCount === 1 ? 'node' : 'nodes'}`
  return <StateBadge standing={openedCount === nodeCount ? 'ok' : 'warn'}>{text}</StateBadge>
}
