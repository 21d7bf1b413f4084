using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using k8s.Models;

namespace DeployCard.Kubernetes.Pods;

/// <summary>Labels and field manager by which DeployCard recognizes its own pods.</summary>
internal static class PodLabels
{
    /// <summary>
    /// Field manager with which DeployCard applies its objects. A pod that was not applied with it belongs to another program, whatever its
    /// labels, because a copy of a pod has the same labels.
    /// </summary>
    public const string FieldManager = "deploycard";

    public const string ManagedBy = "app.kubernetes.io/managed-by";
    public const string Installation = "deploycard.io/installation";
    public const string Deployment = "deploycard.io/deployment";
    public const string Revision = "deploycard.io/revision";

    /// <summary>Returns the label selector for the pods of an installation.</summary>
    public static string CreateSelector(string installation) => $"{ManagedBy}={FieldManager},{Installation}={installation}";

    /// <summary>Returns all labels of a pod: those of the deployment, and those that DeployCard sets.</summary>
    public static Dictionary<string, string> For(PodSpec pod, string installation)
    {
        var labels = pod.Labels.ToDictionary(label => label.Key, label => label.Value, StringComparer.Ordinal);
        foreach (var (key, value) in Own(pod, installation))
            labels[key] = value;
        return labels;
    }

    /// <summary>Returns the labels that identify the pods of one revision.</summary>
    public static Dictionary<string, string> ForRevision(PodSpec pod, string installation) =>
        new()
        {
            [Installation] = installation,
            [Deployment] = pod.Deployment.Value,
            [Revision] = $"{pod.Revision}",
        };

    private static Dictionary<string, string> Own(PodSpec pod, string installation) =>
        new(ForRevision(pod, installation))
        {
            ["app.kubernetes.io/name"] = pod.Deployment.Value,
            ["app.kubernetes.io/instance"] = installation,
            ["app.kubernetes.io/component"] = "model",
            ["app.kubernetes.io/part-of"] = FieldManager,
            ["app.kubernetes.io/version"] = $"{pod.Revision}",
            [ManagedBy] = FieldManager,
        };

    /// <summary>Whether DeployCard created the pod for the given installation.</summary>
    public static bool IsManaged(V1Pod pod, string installation) => IsManaged(pod) && Value(pod, Installation) == installation;

    /// <summary>Whether DeployCard created the pod, for any installation.</summary>
    public static bool IsManaged(V1Pod pod) =>
        Value(pod, ManagedBy) == FieldManager
        && DeploymentName.TryParse(Value(pod, Deployment), out _)
        && int.TryParse(Value(pod, Revision), out _)
        && pod.Metadata.ManagedFields?.Any(fields => fields is { Manager: FieldManager, Operation: "Apply" }) is true;

    public static DeploymentName GetDeployment(V1Pod pod) => DeploymentName.Parse(Value(pod, Deployment)!);

    public static int GetRevision(V1Pod pod) => int.Parse(Value(pod, Revision)!);

    private static string? Value(V1Pod pod, string label) => pod.Metadata.Labels?.TryGetValue(label, out var value) is true ? value : null;
}
