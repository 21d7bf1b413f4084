using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using k8s.Models;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>How our pods are known among all others.</summary>
internal static class PodLabels
{
    /// <summary>Who applies our objects. What was not applied by it is not ours, whatever its labels: somebody may have copied one.</summary>
    public const string FieldManager = "deploycard";

    public const string ManagedBy = "app.kubernetes.io/managed-by";
    public const string Installation = "deploycard.io/installation";
    public const string Deployment = "deploycard.io/deployment";
    public const string Revision = "deploycard.io/revision";

    /// <summary>What finds the pods of an installation.</summary>
    public static string Selector(string installation) => $"{ManagedBy}={FieldManager},{Installation}={installation}";

    public static Dictionary<string, string> For(PodSpec pod, string installation) =>
        new(OfRevision(pod, installation))
        {
            ["app.kubernetes.io/name"] = pod.Deployment.Value,
            ["app.kubernetes.io/instance"] = installation,
            ["app.kubernetes.io/component"] = "model",
            ["app.kubernetes.io/part-of"] = FieldManager,
            ["app.kubernetes.io/version"] = $"{pod.Revision}",
            [ManagedBy] = FieldManager,
        };

    /// <summary>What the pods of one revision have, and no others.</summary>
    public static Dictionary<string, string> OfRevision(PodSpec pod, string installation) =>
        new()
        {
            [Installation] = installation,
            [Deployment] = pod.Deployment.Value,
            [Revision] = $"{pod.Revision}",
        };

    /// <summary>Whether we made it, for this installation.</summary>
    public static bool IsOurs(V1Pod pod, string installation) => IsOurs(pod) && Of(pod, Installation) == installation;

    /// <summary>Whether we made it, for whichever installation.</summary>
    public static bool IsOurs(V1Pod pod) =>
        Of(pod, ManagedBy) == FieldManager
        && DeploymentName.TryParse(Of(pod, Deployment), out _)
        && int.TryParse(Of(pod, Revision), out _)
        && pod.Metadata.ManagedFields?.Any(fields => fields is { Manager: FieldManager, Operation: "Apply" }) is true;

    public static DeploymentName DeploymentOf(V1Pod pod) => DeploymentName.Parse(Of(pod, Deployment)!);

    public static int RevisionOf(V1Pod pod) => int.Parse(Of(pod, Revision)!);

    private static string? Of(V1Pod pod, string label) => pod.Metadata.Labels?.TryGetValue(label, out var value) is true ? value : null;
}
