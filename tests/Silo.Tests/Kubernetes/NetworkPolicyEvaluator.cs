using System.Net;
using k8s.Models;

namespace DeployCard.Silo.Tests.Kubernetes;

/// <summary>Endpoint of a connection: a pod by its labels, or a host outside the cluster by its address.</summary>
internal sealed record Peer(IDictionary<string, string>? Labels, IPAddress? Address = null);

/// <summary>
/// Evaluates the network policies of one namespace as Kubernetes defines them. A pod that no policy selects allows all connections.
/// Otherwise at least one policy that selects the pod must allow the connection.
/// </summary>
internal sealed class NetworkPolicyEvaluator(IReadOnlyCollection<V1NetworkPolicy> policies)
{
    public bool Allows(Peer from, Peer to, int port, string protocol = "TCP") =>
        Passes(
            from,
            "Egress",
            policy => (policy.Spec.Egress ?? []).Any(rule => Matches(rule.To, to) && Matches(rule.Ports, port, protocol))
        )
        && Passes(
            to,
            "Ingress",
            policy => (policy.Spec.Ingress ?? []).Any(rule => Matches(rule.FromProperty, from) && Matches(rule.Ports, port, protocol))
        );

    private bool Passes(Peer pod, string type, Func<V1NetworkPolicy, bool> allows)
    {
        var selecting = pod.Labels is null
            ? []
            : policies
                .Where(policy => policy.Spec.PolicyTypes.Contains(type) && Labels.Match(policy.Spec.PodSelector, pod.Labels))
                .ToList();
        return selecting.Count == 0 || selecting.Any(allows);
    }

    private static bool Matches(IList<V1NetworkPolicyPeer>? peers, Peer peer) =>
        peers is null or [] || peers.Any(one => Matches(one, peer));

    private static bool Matches(V1NetworkPolicyPeer one, Peer peer)
    {
        one.NamespaceSelector.ShouldBeNull("namespace selectors are not supported here");
        // Pods have addresses, too, in one of the private ranges.
        return one.PodSelector is { } selector
            ? peer.Labels is { } labels && Labels.Match(selector, labels)
            : IsInNetwork(one.IpBlock.Cidr, Address(peer)) && !(one.IpBlock.Except ?? []).Any(except => IsInNetwork(except, Address(peer)));
    }

    private static bool Matches(IList<V1NetworkPolicyPort>? ports, int port, string protocol) =>
        ports is null or [] || ports.Any(one => one.Port.Value == $"{port}" && (one.Protocol ?? "TCP") == protocol);

    private static bool IsInNetwork(string network, IPAddress address) => IPNetwork.Parse(network).Contains(address);

    private static IPAddress Address(Peer peer) => peer.Address ?? IPAddress.Parse("10.244.1.7");
}
