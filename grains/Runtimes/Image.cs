namespace DeployCard.Grains.Runtimes;

/// <summary>What a pod is made of: a serving script and what belongs to it.</summary>
/// <param name="Name">What a deployment names it by, 1 to 255 characters.</param>
/// <param name="Description">One line for people.</param>
/// <param name="UnavailableReason">Why it cannot be started on this machine, with the remedy; null when it can.</param>
/// <param name="Readme">GitHub Flavored Markdown that a new deployment's card begins with; null for none.</param>
/// <param name="Defaults">What a new deployment takes where its creator says nothing.</param>
/// <param name="Examples">Requests that prefill the API test.</param>
[GenerateSerializer, Alias("image"), Immutable]
public sealed record Image(
    [property: Id(0)] string Name,
    [property: Id(1)] string Description,
    [property: Id(2)] string? UnavailableReason,
    [property: Id(3)] string? Readme,
    [property: Id(4)] ImageDefaults Defaults,
    [property: Id(5)] IReadOnlyList<ExampleRequest> Examples
);

/// <summary>What an image suggests for the configuration; null where it suggests nothing.</summary>
/// <param name="Pods">The range of pods, as in <c>0-3</c>.</param>
/// <param name="Concurrency">Requests at once for each pod, 0 for no bound.</param>
/// <param name="StartupTimeout">How long a pod may take to become ready.</param>
/// <param name="Environment">Environment variables.</param>
[GenerateSerializer, Alias("image-defaults"), Immutable]
public sealed record ImageDefaults(
    [property: Id(0)] string? Pods,
    [property: Id(1)] int? Concurrency,
    [property: Id(2)] TimeSpan? StartupTimeout,
    [property: Id(3)] IReadOnlyDictionary<string, string> Environment
)
{
    /// <summary>No suggestion.</summary>
    public static ImageDefaults None { get; } = new(null, null, null, new Dictionary<string, string>());
}

/// <summary>A request to try a deployment with.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path on the pod, with its query, beginning with a slash.</param>
/// <param name="Headers">Header fields.</param>
/// <param name="Body">The body as text; null for none.</param>
[GenerateSerializer, Alias("example-request"), Immutable]
public sealed record ExampleRequest(
    [property: Id(0)] string Name,
    [property: Id(1)] string Method,
    [property: Id(2)] string Path,
    [property: Id(3)] IReadOnlyDictionary<string, string> Headers,
    [property: Id(4)] string? Body
);
