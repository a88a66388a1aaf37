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
          ['Keys on disk', protections[machine.keyProtection]],
          [
            'Key fingerprint',
            <code key="fingerprint" className="text-xs wrap-anywhere">
              {node.fingerprint}
            </code>,
          ],
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
