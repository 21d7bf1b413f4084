using k8s.Models;

namespace DeployCard.Silo.Tests.Kubernetes;

/// <summary>Which labels a selector means.</summary>
internal static class Labels
{
    public static bool Fit(V1LabelSelector? selector, IDictionary<string, string> labels)
    {
        (selector?.MatchExpressions ?? []).ShouldBeEmpty("only labels are compared here");
        return Fit(selector?.MatchLabels, labels);
    }

    public static bool Fit(IDictionary<string, string>? wanted, IDictionary<string, string> labels) =>
        (wanted ?? new Dictionary<string, string>()).All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value);
}
