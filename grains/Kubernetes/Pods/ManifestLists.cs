namespace DeployCard.Kubernetes.Pods;

/// <summary>Extension methods for the lists of manifests.</summary>
internal static class ManifestLists
{
    /// <summary>Returns the items as a list; null if there are none, so that the manifest omits the property.</summary>
    public static List<T>? NullIfNone<T>(IEnumerable<T> items) => items.ToList() is { Count: > 0 } some ? some : null;
}
