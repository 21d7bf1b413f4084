using DeployCard.Contracts.Runtimes;

namespace DeployCard.GraphQL.Images;

/// <summary>A serving script with its files, which pods run.</summary>
[GraphQLName("Image")]
public sealed class ImageInfo
{
    private readonly Contracts.Runtimes.Image image;

    internal ImageInfo(Contracts.Runtimes.Image image) => this.image = image;

    /// <summary>Name by which deployments refer to the image.</summary>
    public string Name => image.Name;

    /// <summary>Description of the image in one line.</summary>
    public string Description => image.Description;

    /// <summary>Whether pods of the image can be started in this installation.</summary>
    public bool IsAvailable => image.UnavailableReason is null;

    /// <summary>Reason why the image cannot be started in this installation, with the remedy; null if the image is available.</summary>
    public string? UnavailableReason => image.UnavailableReason;

    /// <summary>Example requests that prefill the API test.</summary>
    public IReadOnlyList<Example> Examples => [.. image.Examples.Select(e => new Example(e))];
}

/// <summary>An example request for trying a deployment.</summary>
[GraphQLName("ExampleRequest")]
public sealed class Example
{
    private readonly ExampleRequest request;

    internal Example(ExampleRequest request) => this.request = request;

    /// <summary>Name of the example: what the request demonstrates.</summary>
    public string Name => request.Name;

    /// <summary>HTTP method of the request.</summary>
    public string Method => request.Method;

    /// <summary>Path on the model with its query string, starting with a slash.</summary>
    public string Path => request.Path;

    /// <summary>Headers of the request.</summary>
    public IReadOnlyList<Header> Headers => [.. request.Headers.Select(h => new Header(h.Key, h.Value))];

    /// <summary>Request body as text; null if there is no body.</summary>
    public string? Body => request.Body;
}

/// <summary>A header of a request or response.</summary>
/// <param name="Name">Name of the header.</param>
/// <param name="Value">Value of the header.</param>
public sealed record Header(string Name, string Value);

/// <summary>Queries that read images.</summary>
[QueryType]
public sealed class ImageQueries(IImageCatalog images)
{
    /// <summary>Lists the named images of this installation, including those that cannot be started here, with the reason.</summary>
    /// <param name="ct">Token that cancels the operation.</param>
    public async Task<IReadOnlyList<ImageInfo>> Images(CancellationToken ct) => [.. (await images.List(ct)).Select(i => new ImageInfo(i))];
}
