using k8s.Models;

namespace DeployCard.Silo.Tests.Kubernetes;

/// <summary>Evaluation of label selectors.</summary>
internal static class Labels
{
    public static bool Match(V1LabelSelector? selector, IDictionary<string, string> labels)
    {
        (selector?.MatchExpressions ?? []).ShouldBeEmpty("only MatchLabels is supported here");
        return Match(selector?.MatchLabels, labels);
    }

    public static bool Match(IDictionary<string, string>? wanted, IDictionary<string, string> labels) =>
        (wanted ?? new Dictionary<string, string>()).All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value);
}
