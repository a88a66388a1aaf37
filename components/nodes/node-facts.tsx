import type { ReactNode } from 'react'
import { Facts, Panel } from '@/components/ui/panel'
import { Bytes } from '@/components/ui/numbers'
import { Time } from '@/components/ui/time'
import type { NodeView } from '@/lib/nodes/queries'

const protections: Record<NodeView['machine']['keyProtection'], string> = {
  file: 'A file that only the agent’s user may read',
  'systemd-creds': 'systemd credentials, bound to this machine',
  dpapi: 'Windows data protection',
  keychain: 'The machine’s keychain',
}

/** What the machine is, and how it came. */
export function NodeFacts({ node }: { node: NodeView }) {
  const { machine, address, registeredAt, registeredVia, name, id } = node
  return (
    <Panel title="Machine">
      <Facts
        rows={[
          ['Host', machine.hostName],
          ['Address', address || '–'],
          ['Platform', `${machine.platform} ${machine.arch}, ${machine.osRelease}`],
          ['Processors', machine.cpuCount],
          ['Memory', <Bytes key="memory" value={machine.memoryTotalBytes} />],
          ['Agent', `${machine.agentVersion} on Node.js ${machine.nodeVersion.replace(/^v/, '')}`],
          ...policyRows(node.policy),
          ['Keys on disk', protections[machine.keyProtection]],
          [
            'Key fingerprint',
            <code key="fingerprint" className="text-xs wrap-anywhere">
              {node.fingerprint}
            </code>,
          ],
          ['Keys in use', <KeysInUse key="keys" {...node.keys} />],
          ['Registered', <Registered key="registered" at={registeredAt} via={registeredVia} />],
          ['Registered as', name],
          [
            'Node id',
            <code key="id" className="text-xs wrap-anywhere">
              {id}
            </code>,
          ],
        ]}
      />
    </Panel>
  )
}

function KeysInUse({ since, nextAt }: NodeView['keys']) {
  return (
    <>
      since <Time value={since} />
      {nextAt ? (
        <>
          ; new ones were offered <Time value={nextAt} /> and are not used yet
        </>
      ) : null}
    </>
  )
}

/** What the machine's owner allows: set there, and shown here only. */
function policyRows(policy: NodeView['policy']): (readonly [string, ReactNode])[] {
  if (!policy) return []
  const { allowedHosts, allowedFolders } = policy
  return [
    [
      'Allowed hosts',
      allowedHosts.length === 0 ? (
        'any but link-local and cloud metadata addresses'
      ) : (
        <Listed key="hosts" items={allowedHosts} />
      ),
    ],
    [
      'Allowed folders',
      allowedFolders.length === 0 ? 'none' : <Listed key="folders" items={allowedFolders} />,
    ],
  ]
}

function Listed({ items }: { items: readonly string[] }) {
  return (
    <ul>
      {items.map((item) => (
        <li key={item} className="wrap-anywhere">
          <code className="text-xs">{item}</code>
        </li>
      ))}
    </ul>
  )
}

function Registered({ at, via }: { at: string; via: NodeView['registeredVia'] }) {
  return (
    <>
      <Time value={at} />{' '}
      {via.by === 'link'
        ? 'by an enrolment link'
        : `by ${via.name === 'authKey2' ? 'authentication key 2' : 'authentication key 1'}`}
    </>
  )
}
