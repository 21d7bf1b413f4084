using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.LocalProcess.Images;

/// <summary>Content of an image's <c>image.json</c>.</summary>
/// <param name="Description">One-line description for users, at most 200 characters; empty if not specified.</param>
/// <param name="Command">Program that starts the serving script, and its arguments.</param>
/// <param name="ReadinessPath">Path on which <c>GET</c> returns status 2xx once the pod is ready; default <c>/</c>.</param>
/// <param name="Protocol">Protocol that the pod speaks; HTTP/1.1 by default.</param>
/// <param name="Check">Command that exits with 0 if the image can run on this machine; null if the image has no check.</param>
/// <param name="UnavailableHint">Remedy to show if the image cannot run; null if not specified.</param>
/// <param name="Readme">Name of a Markdown file in the image's folder; null if not specified.</param>
/// <param name="Defaults">Configuration values that a new deployment uses by default.</param>
/// <param name="Examples">Example requests for the API test, at most 20.</param>
internal sealed record ImageManifest(
    string Description,
    IReadOnlyList<string> Command,
    string ReadinessPath,
    PodProtocol Protocol,
    IReadOnlyList<string>? Check,
    string? UnavailableHint,
    string? Readme,
    ImageDefaults Defaults,
    IReadOnlyList<ExampleRequest> Examples
);

/// <summary>Values that an image suggests for its deployments.</summary>
/// <param name="Configuration">Configuration values that a new deployment uses unless its creator gives others.</param>
/// <param name="Environment">Environment variables of each pod, which those of a deployment override; empty by default.</param>
internal sealed record ImageDefaults(ConfigurationInput Configuration, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Defaults of an image that suggests nothing.</summary>
    public static ImageDefaults None { get; } = new(new(), new Dictionary<string, string>());
}
