namespace DeployCard.Contracts.Names;

/// <summary>
/// Name of a pod, never reused: the name of the deployment, the revision and five random characters, for example <c>iris-2-k3x9q</c>.
/// </summary>
[GenerateSerializer, Alias("pod-name"), Immutable]
public readonly record struct PodName([property: Id(0)] string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}
