using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.Kubernetes.Images;

/// <summary>A container image and what is known of it.</summary>
/// <param name="Name">What a deployment names it by.</param>
/// <param name="Reference">The reference that it is pulled by.</param>
/// <param name="Description">One line for people.</param>
/// <param name="Port">The port that it listens on.</param>
/// <param name="ReadinessPath">Where <c>GET</c> answers 2xx once it is ready.</param>
/// <param name="Protocol">What it speaks.</param>
/// <param name="Command">The command with its arguments; none: the image's own.</param>
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
    /// <summary>The most of shared memory, in bytes; null: the container engine's own 64 MiB.</summary>
    public long? SharedMemoryBytes { get; init; }

    /// <summary>Volumes that it finds there.</summary>
    public IReadOnlyList<KubernetesVolume> Volumes { get; init; } = [];
}

/// <summary>A volume that is there already.</summary>
/// <param name="Claim">The persistent volume claim.</param>
/// <param name="Path">Where it is mounted.</param>
/// <param name="IsReadOnly">Whether nothing is written to it.</param>
internal sealed record KubernetesVolume(string Claim, string Path, bool IsReadOnly);
