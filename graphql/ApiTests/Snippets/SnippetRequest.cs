using DeployCard.Contracts.Routing;

namespace DeployCard.GraphQL.ApiTests.Snippets;

/// <summary>The request that a snippet sends, independent of the language.</summary>
/// <param name="Method">HTTP method of the request.</param>
/// <param name="Url">Absolute URL of the request, percent-encoded.</param>
/// <param name="Headers">Headers except the one with the key.</param>
/// <param name="Body">Body as text; null if there is no body.</param>
internal sealed record SnippetRequest(string Method, string Url, IReadOnlyList<HeaderInput> Headers, string? Body)
{
    /// <summary>Environment variable that a snippet reads the key from, so that shared snippets contain no key.</summary>
    public const string KeyVariable = "DEPLOYCARD_KEY";

    public bool HasContentType => Headers.Any(header => HasName(header, "Content-Type"));

    /// <summary>Creates the request that an API test with this input sends.</summary>
    public static SnippetRequest From(Uri origin, TestRequestInput input)
    {
        var headers = (input.Headers ?? []).Where(header =>
            !HasName(header, HeaderNames.ApiKey) && !(input.IsAsync && HasName(header, HeaderNames.AsyncRequest))
        );
        // Without a body, headers that describe the body are omitted.
        var sent = headers.Where(header => input.Body is not null || !IsContentHeader(header));
        return new(
            input.Method,
            new Uri(origin, $"/predict/{input.Deployment}{input.Path}").AbsoluteUri,
            input.IsAsync ? [.. sent, new(HeaderNames.AsyncRequest, "true")] : [.. sent],
            input.Body
        );
    }

    /// <summary>
    /// Whether .NET treats the header as a content header, one that describes the body (RFC 9110, sections 8 and 10.2.1).
    /// </summary>
    public static bool IsContentHeader(HeaderInput header) =>
        header.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
        || HasName(header, "Allow")
        || HasName(header, "Expires")
        || HasName(header, "Last-Modified");

    private static bool HasName(HeaderInput header, string name) => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
