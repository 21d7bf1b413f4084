using DeployCard.Grains.Runtimes;

namespace DeployCard.GraphQL.Images;

/// <summary>What a pod is made of: a serving script and what belongs to it.</summary>
[GraphQLName("Image")]
public sealed class ImageInfo
{
    private readonly Grains.Runtimes.Image image;

    internal ImageInfo(Grains.Runtimes.Image image) => this.image = image;

    /// <summary>What a deployment names it by.</summary>
    public string Name => image.Name;

    /// <summary>One line for people.</summary>
    public string Description => image.Description;

    /// <summary>Whether it can be started here.</summary>
    public bool IsAvailable => image.UnavailableReason is null;

    /// <summary>Why it cannot be started here, with the remedy; null when it can.</summary>
    public string? UnavailableReason => image.UnavailableReason;

    /// <summary>Requests that prefill the API test.</summary>
    public IReadOnlyList<Example> Examples => [.. image.Examples.Select(e => new Example(e))];
}

/// <summary>A request to try a deployment with.</summary>
[GraphQLName("ExampleRequest")]
public sealed class Example
{
    private readonly ExampleRequest request;

    internal Example(ExampleRequest request) => this.request = request;

    /// <summary>What it shows.</summary>
    public string Name => request.Name;

    /// <summary>The HTTP method.</summary>
    public string Method => request.Method;

    /// <summary>The path on the model with its query, beginning with a slash.</summary>
    public string Path => request.Path;

    /// <summary>Header fields.</summary>
    public IReadOnlyList<Header> Headers => [.. request.Headers.Select(h => new Header(h.Key, h.Value))];

    /// <summary>The body as text; null for none.</summary>
    public string? Body => request.Body;
}

/// <summary>One header field.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
public sealed record Header(string Name, string Value);

/// <summary>Reads images.</summary>
[QueryType]
public sealed class ImageQueries(IImageCatalog images)
{
    /// <summary>The images that this installation knows by name, those that cannot be started here too, with the reason.</summary>
    /// <param name="ct">The operation's.</param>
    public async Task<IReadOnlyList<ImageInfo>> Images(CancellationToken ct) => [.. (await images.List(ct)).Select(i => new ImageInfo(i))];
}
