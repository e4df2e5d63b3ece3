/** Addresses inside a cluster's own network: the same for every cluster, since none sees another's. */
export const network = {
  node: '10.250.0.1',
  services: '10.96.0.0/16',
  pods: '10.244.0.0/24',
  /** The first address of the services: the API server, seen from pods. */
  kubernetes: '10.96.0.1',
  dns: '10.96.0.10',
  ingress: '10.96.0.20',
  ingressControl: '10.96.0.21',
  apiPort: 6443,
} as const;

/**
 * Shell commands that make the network inside a new namespace. It has no way out.
 *
 * An empty bridge carries the node's address, since not every kernel has dummy interfaces. Without a route to service
 * addresses, local traffic to them would be refused before it could be redirected.
 */
export const networkSetup = `
ip link set lo up
ip link add node0 type bridge
ip address add ${network.node}/24 dev node0
ip link set node0 up
ip route add ${network.services} dev node0
echo 1 >/proc/sys/net/ipv4/ip_forward`;
