using System.Net;
using k8s.Models;

namespace DeployCard.Silo.Tests.Kubernetes;

/// <summary>A pod by its labels, or somebody outside by an address.</summary>
internal sealed record Peer(IDictionary<string, string>? Labels, IPAddress? Address = null);

/// <summary>What network policies of one namespace let through, as the platform defines it: whom none selects is open; whom some select, for one of them is enough.</summary>
internal sealed class Reach(IReadOnlyCollection<V1NetworkPolicy> policies)
{
    public bool Allows(Peer from, Peer to, int port, string protocol = "TCP") =>
        Passes(from, "Egress", policy => (policy.Spec.Egress ?? []).Any(rule => Fits(rule.To, to) && Fits(rule.Ports, port, protocol)))
        && Passes(
            to,
            "Ingress",
            policy => (policy.Spec.Ingress ?? []).Any(rule => Fits(rule.FromProperty, from) && Fits(rule.Ports, port, protocol))
        );

    private bool Passes(Peer whom, string way, Func<V1NetworkPolicy, bool> allows)
    {
        var about = whom.Labels is null
            ? []
            : policies.Where(policy => policy.Spec.PolicyTypes.Contains(way) && Labels.Fit(policy.Spec.PodSelector, whom.Labels)).ToList();
        return about.Count == 0 || about.Any(allows);
    }

    private static bool Fits(IList<V1NetworkPolicyPeer>? peers, Peer peer) => peers is null or [] || peers.Any(one => Fits(one, peer));

    private static bool Fits(V1NetworkPolicyPeer one, Peer peer)
    {
        one.NamespaceSelector.ShouldBeNull("there is one namespace here");
        // Pods have addresses too, in one of the private ranges.
        return one.PodSelector is { } selector
            ? peer.Labels is { } labels && Labels.Fit(selector, labels)
            : Within(one.IpBlock.Cidr, Address(peer)) && !(one.IpBlock.Except ?? []).Any(except => Within(except, Address(peer)));
    }

    private static bool Fits(IList<V1NetworkPolicyPort>? ports, int port, string protocol) =>
        ports is null or [] || ports.Any(one => one.Port.Value == $"{port}" && (one.Protocol ?? "TCP") == protocol);

    private static bool Within(string network, IPAddress address) => IPNetwork.Parse(network).Contains(address);

    private static IPAddress Address(Peer peer) => peer.Address ?? IPAddress.Parse("10.244.1.7");
}
