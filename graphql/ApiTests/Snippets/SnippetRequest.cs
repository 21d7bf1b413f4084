namespace DeployCard.GraphQL.ApiTests.Snippets;

/// <summary>What a snippet sends, whatever its language.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Url">Where to, percent-encoded.</param>
/// <param name="Headers">Header fields, without that of the key.</param>
/// <param name="Body">The body as text; null for none.</param>
internal sealed record SnippetRequest(string Method, string Url, IReadOnlyList<HeaderInput> Headers, string? Body)
{
    /// <summary>The header field that the key stands in.</summary>
    public const string KeyHeader = "X-API-Key";

    /// <summary>The environment variable that a snippet takes the key from: no key stands in a text that people pass on.</summary>
    public const string KeyVariable = "DEPLOYCARD_KEY";

    private const string AsyncHeader = "X-Async-Request";

    public bool HasContentType => Headers.Any(header => Is(header, "Content-Type"));

    /// <summary>As the API test sends it.</summary>
    public static SnippetRequest Of(Uri origin, TestRequestInput input)
    {
        var headers = (input.Headers ?? []).Where(header => !Is(header, KeyHeader) && !(input.IsAsync && Is(header, AsyncHeader)));
        // What describes a body goes nowhere without one.
        var sent = headers.Where(header => input.Body is not null || !IsOfContent(header));
        return new(
            input.Method,
            new Uri(origin, $"/predict/{input.Deployment}{input.Path}").AbsoluteUri,
            input.IsAsync ? [.. sent, new(AsyncHeader, "true")] : [.. sent],
            input.Body
        );
    }

    /// <summary>Whether a header field describes a body, and not the request (RFC 9110, sections 8 and 10.2.1).</summary>
    public static bool IsOfContent(HeaderInput header) =>
        header.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
        || Is(header, "Allow")
        || Is(header, "Expires")
        || Is(header, "Last-Modified");

    private static bool Is(HeaderInput header, string name) => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
