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
    string Name, string Reference, string Description, int Port, string ReadinessPath, PodProtocol Protocol, IReadOnlyList<string> Command);
