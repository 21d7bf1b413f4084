namespace DeployCard.Grains.Pods;

/// <summary>A pod's name, unique for all time: the deployment's name, the revision and five random characters, as in <c>iris-2-k3x9q</c>.</summary>
[GenerateSerializer, Alias("pod-name"), Immutable]
public readonly record struct PodName([property: Id(0)] string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}
