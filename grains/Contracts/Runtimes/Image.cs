using DeployCard.Contracts.Configuration;

namespace DeployCard.Contracts.Runtimes;

/// <summary>An image that pods run: a serving script with its files, defaults and examples.</summary>
/// <param name="Name">Name by which deployments refer to the image, 1 to 255 characters.</param>
/// <param name="Description">One-line description for users; empty if the image has none.</param>
/// <param name="UnavailableReason">Why the image cannot run on this machine, with the remedy; null if it can run.</param>
/// <param name="Readme">Initial readme of a new deployment, as GitHub Flavored Markdown; null if the image has none.</param>
/// <param name="Defaults">Configuration values that a new deployment uses unless its creator specifies others.</param>
/// <param name="Examples">Example requests that prefill the API test.</param>
[GenerateSerializer, Alias("image"), Immutable]
public sealed record Image(
    [property: Id(0)] string Name,
    [property: Id(1)] string Description,
    [property: Id(2)] string? UnavailableReason,
    [property: Id(3)] string? Readme,
    [property: Id(4)] ConfigurationInput Defaults,
    [property: Id(5)] IReadOnlyList<ExampleRequest> Examples
);

/// <summary>An example request to a deployment.</summary>
/// <param name="Name">One-line name that says what the request demonstrates.</param>
/// <param name="Method">HTTP method, for example <c>POST</c>.</param>
/// <param name="Path">Path and query on the pod, starting with a slash.</param>
/// <param name="Headers">HTTP headers of the request.</param>
/// <param name="Body">Request body as text; null if the request has no body.</param>
[GenerateSerializer, Alias("example-request"), Immutable]
public sealed record ExampleRequest(
    [property: Id(0)] string Name,
    [property: Id(1)] string Method,
    [property: Id(2)] string Path,
    [property: Id(3)] IReadOnlyDictionary<string, string> Headers,
    [property: Id(4)] string? Body
);
