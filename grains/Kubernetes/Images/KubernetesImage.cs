using DeployCard.Contracts.Pods;

namespace DeployCard.Kubernetes.Images;

/// <summary>Container image with its settings.</summary>
/// <param name="Name">Name by which deployments refer to the image.</param>
/// <param name="Reference">Reference by which nodes pull the image.</param>
/// <param name="Description">One-line description for users.</param>
/// <param name="Port">Port on which the image listens.</param>
/// <param name="ReadinessPath">Path at which <c>GET</c> returns 2xx once a pod is ready.</param>
/// <param name="Protocol">Protocol that the image speaks.</param>
/// <param name="Command">Command with its arguments. If empty, the entry point of the image.</param>
internal sealed record KubernetesImage(
    string Name,
    string Reference,
    string Description,
    int Port,
    string ReadinessPath,
    PodProtocol Protocol,
    IReadOnlyList<string> Command
)
{
    /// <summary>Maximum size of the shared memory in bytes. If null, the 64 MiB that container engines provide by default.</summary>
    public long? SharedMemoryBytes { get; init; }

    /// <summary>Volumes that are mounted in pods of the image.</summary>
    public IReadOnlyList<KubernetesVolume> Volumes { get; init; } = [];
}

/// <summary>Mount of an existing volume.</summary>
/// <param name="Claim">Name of the persistent volume claim.</param>
/// <param name="Path">Path of the mount in the container.</param>
/// <param name="IsReadOnly">Whether the volume is mounted read-only.</param>
internal sealed record KubernetesVolume(string Claim, string Path, bool IsReadOnly);
