using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes.LocalProcess.Images;

/// <summary>What stands in an image's <c>image.json</c>.</summary>
/// <param name="Description">One line for people.</param>
/// <param name="Command">The program of the serving script with its arguments.</param>
/// <param name="ReadinessPath">Where <c>GET</c> answers 2xx once it is ready.</param>
/// <param name="Protocol">What it speaks.</param>
/// <param name="Check">A command that ends with 0 where the image can run; null for none.</param>
/// <param name="UnavailableHint">What to do where it cannot.</param>
/// <param name="Readme">The name of a Markdown file in the image's folder.</param>
/// <param name="Defaults">What a new deployment takes.</param>
/// <param name="Examples">Requests to try.</param>
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
