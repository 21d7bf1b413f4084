using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.Kubernetes.Readiness;

/// <summary>What is asked of a pod that starts.</summary>
/// <param name="Pod">Which one.</param>
/// <param name="Run">The run of its container that is asked: what one answers says nothing of the next.</param>
/// <param name="Url">Where it answers 2xx once it is ready.</param>
/// <param name="Protocol">What it speaks. With <see cref="PodProtocol.H2c"/> it is ready once it takes a connection, as its node has it too.</param>
internal sealed record StartQuestion(PodName Pod, string Run, Uri Url, PodProtocol Protocol);
